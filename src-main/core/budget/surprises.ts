/** What a model's server has counted today beyond what it can have been sent: every run expects as much of it from then on. */
import { z } from 'zod';
import type { Usage } from '#contract/runs.ts';
import type { Store, Writer } from '#core/store/event-log.ts';

/** Tokens, from 0. */
export interface Surprise {
  /** Of a question of which nothing was known before: what the address adds by itself, as a rule. */
  first: number;
  /** Of one that extended a question that had been counted. No honest server does that. */
  later: number;
}

/** A question as it was foreseen. */
export interface Foreseen {
  /** The most tokens that its bytes can come to. */
  tokens: number;
  kind: keyof Surprise;
}

export interface Surprises {
  /** `known`: it has answered today. */
  of(model: string): Surprise & { known: boolean };
  /** In the commit that settles the question. */
  note(writer: Writer, model: string, foreseen: Foreseen, usage: Usage): void;
}

const Noted = z.object({
  /** Milliseconds since the epoch of the midnight before it. */
  day: z.number(),
  models: z.record(z.string(), z.object({ first: z.number(), later: z.number() })),
});
const none: Surprise = { first: 0, later: 0 };

/** `midnight`: of today, in milliseconds since the epoch. */
export function createSurprises({ records }: Pick<Store, 'records'>, midnight: () => number): Surprises {
  /** Looked at twice in a turn, and it hardly ever changes: the same text is taken apart once. */
  let known: { text: string; noted: z.infer<typeof Noted> } | null = null;
  function today(): z.infer<typeof Noted> {
    const day = midnight();
    const text = records.fact('unforeseen');
    if (text === undefined) return { day, models: {} };
    if (known?.text !== text) known = { text, noted: Noted.parse(JSON.parse(text)) };
    return known.noted.day === day ? known.noted : { day, models: {} };
  }
  const of = (model: string) => {
    const seen = today().models[model];
    return { ...(seen ?? none), known: seen !== undefined };
  };
  return {
    of,
    note(writer, model, { tokens, kind }, { input, cacheRead, cacheWrite }) {
      const counted = input + cacheRead + cacheWrite;
      // Who counts nothing has told nothing.
      if (counted === 0) return;
      const beyond = counted - tokens;
      const { known, ...before } = of(model);
      if (known && beyond <= before[kind]) return;
      const { day, models } = today();
      const noted = { day, models: { ...models, [model]: { ...before, [kind]: Math.max(beyond, before[kind]) } } };
      writer.records.setFact('unforeseen', JSON.stringify(noted));
    },
  };
}
