/** Dated prices per model, and what usage costs. Millionths of a US dollar per token = US dollars per million tokens. */
import type { Usage } from '#contract/runs.ts';

/** US dollars per million tokens. `cacheWrite`: the five-minute tier, the only one Nightshift writes. */
export interface Price {
  input: number;
  output: number;
  cacheWrite: number;
  cacheRead: number;
}

/** Source: the vendor's public price list as of 2026-11-20. */
const opus = { input: 5, output: 25, cacheWrite: 6.25, cacheRead: 0.5 };
const sonnet4 = { input: 3, output: 15, cacheWrite: 3.75, cacheRead: 0.3 };
const table: readonly (readonly [prefix: string, price: Price])[] = [
  ['claude-fable-5-2', { input: 8, output: 40, cacheWrite: 10, cacheRead: 0.2 }],
  ['claude-fable-5-1', { input: 10, output: 50, cacheWrite: 12.5, cacheRead: 0.25 }],
  ['claude-fable-5', { input: 10, output: 50, cacheWrite: 12.5, cacheRead: 1 }],
  ['claude-opus-5-5', { input: 4, output: 20, cacheWrite: 5, cacheRead: 0.2 }],
  ['claude-opus-5', opus],
  ['claude-opus-4', opus],
  ['claude-sonnet-5-5', { input: 2, output: 10, cacheWrite: 2.5, cacheRead: 0.1 }],
  ['claude-sonnet-5', { input: 2, output: 10, cacheWrite: 2.5, cacheRead: 0.2 }],
  ['claude-sonnet-4', sonnet4],
  ['claude-haiku-4-5', { input: 1, output: 5, cacheWrite: 1.25, cacheRead: 0.1 }],
];
/** Haiku 5.5 prices the whole request by the length of its prompt, in tokens. */
const haiku55 = {
  upTo: 100_000,
  short: { input: 0.1, output: 0.5, cacheWrite: 0.125, cacheRead: 0.01 },
  long: { input: 0.5, output: 2.5, cacheWrite: 0.625, cacheRead: 0.05 },
};
const free: Price = { input: 0, output: 0, cacheWrite: 0, cacheRead: 0 };
/** A model of the vendor that the table does not know is reckoned at the dearest row: a cap must hold. */
const dearest: Price = { input: 10, output: 50, cacheWrite: 12.5, cacheRead: 1 };

/** Price of one request; models that are not the vendor's (local servers, the rehearsal) cost nothing. */
export function priceOf(model: string, promptTokens: number): Price {
  if (!model.startsWith('claude-')) return free;
  if (model.startsWith('claude-haiku-5-5')) return promptTokens <= haiku55.upTo ? haiku55.short : haiku55.long;
  return table.find(([prefix]) => model.startsWith(prefix))?.[1] ?? dearest;
}

/** Millionths of a US dollar, rounded up: a sum of parts never falls below the truth. */
export function costMicros(model: string, usage: Usage): number {
  const price = priceOf(model, usage.input + usage.cacheRead + usage.cacheWrite);
  return Math.ceil(
    usage.input * price.input +
      usage.output * price.output +
      usage.cacheWrite * price.cacheWrite +
      usage.cacheRead * price.cacheRead,
  );
}
