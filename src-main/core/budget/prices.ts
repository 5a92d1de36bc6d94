/** Dated prices per model, however a server spells its id, and what usage costs. Nothing is free by silence: what nobody knows counts as the dearest. */
import type { Price } from '#contract/prices.ts';
import type { Usage } from '#contract/runs.ts';

/** Price of one request whose prompt has so many tokens. Millionths of a US dollar per token = US dollars per million. */
export type Rates = (promptTokens: number) => Price;

/** Source: the vendor's public price list as of 2026-11-20; rows of retired models as they last stood there. */
const opus = { input: 5, output: 25, cacheWrite: 6.25, cacheRead: 0.5 };
const oldOpus = { input: 15, output: 75, cacheWrite: 18.75, cacheRead: 1.5 };
const sonnet = { input: 3, output: 15, cacheWrite: 3.75, cacheRead: 0.3 };
const fable50 = { input: 10, output: 50, cacheWrite: 12.5, cacheRead: 1 };
const fable51 = { ...fable50, cacheRead: 0.25 };
const fable52 = { input: 8, output: 40, cacheWrite: 10, cacheRead: 0.2 };
/** By family and version. A Mythos costs what the Fable of its number does. */
const table: Readonly<Record<string, Price>> = {
  ...{ 'fable-5': fable50, 'fable-5-1': fable51, 'fable-5-2': fable52 },
  ...{ 'mythos-5': fable50, 'mythos-5-1': fable51, 'mythos-5-2': fable52 },
  ...{ 'opus-4-5': opus, 'opus-4-6': opus, 'opus-4-7': opus, 'opus-4-8': opus, 'opus-5': opus },
  'opus-5-5': { input: 4, output: 20, cacheWrite: 5, cacheRead: 0.2 },
  ...{ 'opus-3': oldOpus, 'opus-4': oldOpus, 'opus-4-0': oldOpus, 'opus-4-1': oldOpus },
  ...{ 'sonnet-3-5': sonnet, 'sonnet-3-7': sonnet, 'sonnet-4': sonnet, 'sonnet-4-0': sonnet },
  ...{ 'sonnet-4-5': sonnet, 'sonnet-4-6': sonnet },
  'sonnet-5': { input: 2, output: 10, cacheWrite: 2.5, cacheRead: 0.2 },
  'sonnet-5-5': { input: 2, output: 10, cacheWrite: 2.5, cacheRead: 0.1 },
  'haiku-3-5': { input: 0.8, output: 4, cacheWrite: 1, cacheRead: 0.08 },
  'haiku-4-5': { input: 1, output: 5, cacheWrite: 1.25, cacheRead: 0.1 },
};
/** Haiku 5.5 prices the whole request by the length of its prompt, in tokens. */
const haiku55 = {
  upTo: 100_000,
  short: { input: 0.1, output: 0.5, cacheWrite: 0.125, cacheRead: 0.01 },
  long: { input: 0.5, output: 2.5, cacheWrite: 0.625, cacheRead: 0.05 },
};
/** What the table does not know is reckoned at its dearest row: a cap must hold, and a night must not fail over it. */
const dearest = oldOpus;

/** What recorded answers cost. */
export const free: Rates = () => ({ input: 0, output: 0, cacheWrite: 0, cacheRead: 0 });

/** `own`: prices that the person set, by the exact id; they win. What nothing says a price of costs as the dearest. */
export function ratesOf(model: string, own: Readonly<Record<string, Price>> = {}): Rates {
  return knownRates(model, own) ?? (() => dearest);
}

/**
 * What a person should know where nothing says what a model costs: at what it is counted, and how to say better. Null:
 * its price is known.
 */
export function priceNotice(model: string, own: Readonly<Record<string, Price>> = {}): string | null {
  if (knownRates(model, own)) return null;
  const at = `$${dearest.input} per million tokens of the prompt, $${dearest.output} of the answer`;
  return `Nothing says what the model "${model}" costs, so it counts at the dearest price that Nightshift knows: ${at}. Say it with \`nightshift model price ${shellWord(model)} --input <dollars> --output <dollars>\`, or \`--free\` where nobody bills it.`;
}

function knownRates(model: string, own: Readonly<Record<string, Price>>): Rates | null {
  const set = Object.hasOwn(own, model) ? own[model] : undefined;
  if (set) return () => set;
  const named = nameIn(model);
  if (named === 'haiku-5-5') return (promptTokens) => (promptTokens <= haiku55.upTo ? haiku55.short : haiku55.long);
  const price = Object.hasOwn(table, named) ? table[named] : undefined;
  return price ? () => price : null;
}

/** Two spellings of one model's id. */
export function sameModel(a: string, b: string): boolean {
  return a === b || (nameIn(a) !== '' && nameIn(a) === nameIn(b));
}

/** By the length of the prompt, the shortest first; `upTo` in tokens, null: the rest. Empty: nothing says a price. */
export function priceTiers(
  model: string,
  own: Readonly<Record<string, Price>> = {},
): { upTo: number | null; price: Price }[] {
  const rates = knownRates(model, own);
  if (!rates) return [];
  const [short, long] = [rates(0), rates(haiku55.upTo + 1)];
  const rest = { upTo: null, price: long };
  return short === long ? [rest] : [{ upTo: haiku55.upTo, price: short }, rest];
}

/** The day of the table. */
export const pricesAsOf = '2026-11-20';

/** An id comes from a file, and a person pastes the command. */
function shellWord(text: string): string {
  return /^[\w.:/@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A version has one or two digits, and a date, which has more, is none. */
const familyFirst = /^([a-z]+)-(\d{1,2})(?!\d)(?:-(\d{1,2})(?!\d))?/;
const versionFirst = /^(\d{1,2})(?:-(\d{1,2}))?-([a-z]+)/;

/**
 * The model that an id names, e.g. `opus-4-5` for `claude-opus-4-5-20251101`, `anthropic/claude-opus-4.5`,
 * `us.anthropic.claude-opus-4-5-20251101-v1:0` or `claude-opus-4-5@20251101`. Empty: none that this can read.
 */
function nameIn(model: string): string {
  const [, rest] = /(?:^|[^a-z0-9])claude-(.+)$/.exec(model.toLowerCase().replaceAll(/(?<=\d)\.(?=\d)/g, '-')) ?? [];
  if (rest === undefined) return '';
  const [, family, major, minor] = familyFirst.exec(rest) ?? [];
  if (family) return minor === undefined ? `${family}-${major}` : `${family}-${major}-${minor}`;
  const [, first, second, kind] = versionFirst.exec(rest) ?? [];
  return kind ? [kind, first, second].filter(Boolean).join('-') : '';
}

/** US dollars per thousand searches of the web, whatever the model. Source: the vendor's public price list as of 2026-11-20. */
const perThousandSearches = 10;

/** Millionths of a US dollar. Nothing where nobody bills the model at all. */
export function searchMicros(searches: number, { input, output }: Price): number {
  return input + output > 0 ? searches * perThousandSearches * 1000 : 0;
}

/** US dollars per million tokens that are kept in the cache for an hour: twice the prompt. Source: as above. */
export function hourWrite({ input, cacheWrite }: Price): number {
  return Math.max(cacheWrite, 2 * input);
}

/** Millionths of a US dollar, rounded up: a sum of parts never falls below the truth. */
export function costMicros(rates: Rates, usage: Usage): number {
  const price = rates(usage.input + usage.cacheRead + usage.cacheWrite);
  const hour = usage.cacheWriteHour ?? 0;
  return Math.ceil(
    usage.input * price.input +
      usage.output * price.output +
      (usage.cacheWrite - hour) * price.cacheWrite +
      hour * hourWrite(price) +
      usage.cacheRead * price.cacheRead +
      searchMicros(usage.searches ?? 0, price),
  );
}
