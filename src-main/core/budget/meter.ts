/** What is paid for one try, whole or lost: what the server counted, and where it counted nothing, the most that it may have been. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { Draft } from '#contract/events.ts';
import type { Pass, Usage } from '#contract/runs.ts';
import type { ModelChunk } from '#core/ports.ts';
import { FailedTry } from './failed-try.ts';
import { type Paying, priced, usageIn } from './passes.ts';
import { costMicros } from './prices.ts';

type Presumed = Extract<Draft, { type: 'cost.presumed' }>;

/** Millionths of a US dollar. */
export interface Bill {
  /** Null: the answer never began. Of a lost answer, the output is reckoned at its most. */
  usage: Usage | null;
  counted: number;
  /** The record of what nobody counted and comes on top; null: nothing. */
  presumed: Presumed | null;
  /** Both together: what the reservation is settled with. */
  all: number;
  /** Of a whole answer that took several passes; empty: it took one. */
  passes: Pass[];
  /** What a person should know where nobody knows the price of a model that had a part in it. */
  notices: string[];
}

export interface Meter {
  /** Of every chunk that comes. True: what was heard already costs more than was reserved; nothing more should be asked for. */
  hear(chunk: ModelChunk): boolean;
  /** For an answer that came to its end. */
  whole(message: Message): Bill;
  /**
   * For one that did not: its prompt as the API said, its output at a token for each byte; if it never began, its prompt
   * at its most, unless the server or the network clearly refused it.
   */
  lost(error: unknown): Bill;
}

export interface Reserved {
  /** The most that the question comes to, and all that was reserved for it and its answer; millionths of a US dollar. */
  prompt: number;
  all: number;
  /** Tokens that the answer may have. */
  longest: number;
}

export function meterFor(run: string, purpose: string, paying: Paying, { prompt, all, longest }: Reserved): Meter {
  const { rates } = paying;
  let begun: Usage | null = null;
  let bytes = 0;

  const bill = (usage: Usage | null, micros: number, why: Presumed['why'], whole?: Message): Bill => {
    const { micros: sum, ...several } = whole ? priced(paying, whole) : { micros: null, passes: [], notices: [] };
    const counted = sum ?? (usage ? costMicros(rates, usage) : 0);
    const presumed: Presumed | null =
      micros > 0 ? { type: 'cost.presumed', run, purpose, costMicros: micros, why } : null;
    return { usage, counted, presumed, all: counted + micros, ...several };
  };
  /** Servers of this protocol may leave out what they do not count. No token is shorter than a byte. */
  const reckoned = (usage: Usage, said: () => number, whole?: Message): Bill => {
    const tokens = usage.input + usage.cacheRead + usage.cacheWrite;
    const output = usage.output === 0 ? Math.ceil(said() * rates(tokens).output) : 0;
    return bill(usage, (tokens === 0 ? prompt : 0) + output, 'not_counted', whole);
  };

  return {
    hear(chunk) {
      if (chunk.kind === 'began') begun = chunk.usage;
      else if (chunk.kind === 'delta') bytes += Buffer.byteLength(chunk.text);
      else if (chunk.kind === 'unshown') bytes += chunk.bytes;
      if (!begun || chunk.kind === 'message') return false;
      return costMicros(rates, { ...begun, output: Math.min(longest, Math.max(begun.output, bytes)) }) > all;
    },
    whole: (message) =>
      reckoned(usageIn(message.usage), () => Buffer.byteLength(JSON.stringify(message.content)), message),
    lost(error) {
      if (begun) return reckoned({ ...begun, output: Math.max(begun.output, bytes) }, () => bytes);
      const refused = error instanceof FailedTry && !error.facts.mayBeBilled;
      return bill(null, refused ? 0 : prompt, 'no_answer');
    },
  };
}
