/** What is paid for one try, whole or lost: what the server counted, and where it counted nothing, the most that it may have been. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { Draft } from '#contract/events.ts';
import type { Usage } from '#contract/runs.ts';
import type { ModelChunk } from '#core/ports.ts';
import { FailedTry } from './failed-try.ts';
import { costMicros, type Rates } from './prices.ts';

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

export function meterFor(run: string, purpose: string, rates: Rates, { prompt, all, longest }: Reserved): Meter {
  let begun: Usage | null = null;
  let bytes = 0;

  const bill = (usage: Usage | null, micros: number, why: Presumed['why']): Bill => {
    const counted = usage ? costMicros(rates, usage) : 0;
    const presumed: Presumed | null =
      micros > 0 ? { type: 'cost.presumed', run, purpose, costMicros: micros, why } : null;
    return { usage, counted, presumed, all: counted + micros };
  };
  /** Servers of this protocol may leave out what they do not count. No token is shorter than a byte. */
  const reckoned = (usage: Usage, said: () => number): Bill => {
    const tokens = usage.input + usage.cacheRead + usage.cacheWrite;
    const output = usage.output === 0 ? Math.ceil(said() * rates(tokens).output) : 0;
    return bill(usage, (tokens === 0 ? prompt : 0) + output, 'not_counted');
  };

  return {
    hear(chunk) {
      if (chunk.kind === 'began') begun = chunk.usage;
      else if (chunk.kind === 'delta') bytes += Buffer.byteLength(chunk.text);
      else if (chunk.kind === 'unshown') bytes += chunk.bytes;
      if (!begun || chunk.kind === 'message') return false;
      return costMicros(rates, { ...begun, output: Math.min(longest, Math.max(begun.output, bytes)) }) > all;
    },
    whole: (message) => reckoned(usageOf(message), () => Buffer.byteLength(JSON.stringify(message.content))),
    lost(error) {
      if (begun) return reckoned({ ...begun, output: Math.max(begun.output, bytes) }, () => bytes);
      const refused = error instanceof FailedTry && !error.facts.mayBeBilled;
      return bill(null, refused ? 0 : prompt, 'no_answer');
    },
  };
}

export function usageOf(message: Message): Usage {
  const usage: Partial<Message['usage']> = message.usage ?? {};
  const cacheWrite = usage.cache_creation_input_tokens ?? 0;
  const hour = Math.min(cacheWrite, count(usage.cache_creation?.ephemeral_1h_input_tokens));
  const searches = count(usage.server_tool_use?.web_search_requests);
  return {
    input: usage.input_tokens ?? 0,
    output: usage.output_tokens ?? 0,
    cacheRead: usage.cache_read_input_tokens ?? 0,
    cacheWrite,
    ...(hour > 0 ? { cacheWriteHour: hour } : {}),
    ...(searches > 0 ? { searches } : {}),
  };
}

/** A count that the address may leave out, or get wrong. */
function count(value: unknown): number {
  return typeof value === 'number' && value > 0 ? Math.ceil(Math.min(value, 1e12)) : 0;
}
