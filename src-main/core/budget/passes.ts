/** What the API counted of one answer, pass by pass: every pass is paid, each at the price of the model that made it. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { noUsage, type Pass, type Usage } from '#contract/runs.ts';
import { addUsage } from '#contract/state.ts';
import { asFields, type Fields } from '#core/fields.ts';
import type { ResolvedModel } from '#core/ports.ts';
import { costMicros, type Rates, sameModel } from './prices.ts';

/** Of whom it is known what it costs, and what others cost that answer in its place or beside it. */
export type Paying = Pick<ResolvedModel, 'id' | 'rates' | 'others'>;

export interface Priced {
  /** Millionths of a US dollar, of all passes. */
  micros: number;
  /** Of an answer that took several passes, or that another model gave. Empty: it took one, of the model that was asked. */
  passes: Pass[];
  /** What a person should know where nobody knows the price of a model among them. */
  notices: string[];
}

/**
 * What stands in a count of the API. Some servers of this protocol leave out what they do not count, or count nonsense.
 * Where an answer took several passes (a summary first, an advisor, another model after a refusal) its own count may leave
 * some of them out; all of them are paid.
 */
export function usageIn(usage: unknown): Usage {
  const fields = asFields(usage);
  const own = oneUsage(fields);
  const sum = counted(fields).map(onePass).reduce(addUsage, noUsage);
  const cacheWrite = Math.max(own.cacheWrite, sum.cacheWrite);
  return {
    input: Math.max(own.input, sum.input),
    output: Math.max(own.output, sum.output),
    cacheRead: Math.max(own.cacheRead, sum.cacheRead),
    cacheWrite,
    ...some('cacheWriteHour', Math.min(cacheWrite, Math.max(own.cacheWriteHour ?? 0, sum.cacheWriteHour ?? 0))),
    ...some('searches', own.searches ?? 0),
  };
}

/** What the whole answer costs. What the API counts and no pass has is of the model that was asked. */
export function priced(paying: Paying, message: Message): Priced {
  const all = usageIn(message.usage);
  const found = passesIn(paying, message);
  const left = rest(all, found.map(({ usage }) => usage).reduce(addUsage, noUsage));
  const parts = isNothing(left) && found.length > 0 ? found : [{ model: paying.id, usage: left }, ...found];
  const several = parts.length > 1 || parts.some(({ model }) => model !== paying.id);
  const passes = parts.map((part) => ({ ...part, costMicros: costMicros(ratesFor(paying, part.model), part.usage) }));
  const notices = new Set(
    passes.flatMap(({ model }) => (model === paying.id ? [] : (paying.others?.(model).priceNotice ?? []))),
  );
  return {
    micros: passes.reduce((sum, { costMicros: micros }) => sum + micros, 0),
    passes: several ? passes : [],
    notices: [...notices],
  };
}

/** Millionths of a US dollar for each model that had a part in an answer. */
export function paidByModel(passes: readonly Pass[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { model, costMicros: micros } of passes) found.set(model, (found.get(model) ?? 0) + micros);
  return found;
}

/** Tokens of the longest prompt that any pass had; of one pass: its own. */
export function longestPrompt(usage: Usage, passes: readonly Pick<Pass, 'usage'>[] = []): number {
  const tokens = ({ input, cacheRead, cacheWrite }: Usage) => input + cacheRead + cacheWrite;
  return passes.length > 0 ? Math.max(...passes.map((pass) => tokens(pass.usage))) : tokens(usage);
}

function passesIn(paying: Paying, { usage, content }: Message): { model: string; usage: Usage }[] {
  const passes = counted(asFields(usage));
  const took = (Array.isArray(content) ? content : []).flatMap((block: unknown) => {
    const { type, to } = asFields(block);
    const { model } = asFields(to);
    return type === 'fallback' && typeof model === 'string' ? [named(paying, model.slice(0, longestName))] : [];
  });
  if (passes.length > 0)
    return passes.map((pass) => ({
      model: named(paying, nameOf(pass, took.at(-1))),
      usage: onePass(pass),
    }));
  if (took.length === 0) return [];
  // Not told apart: all of it at the dearest of those who had a part in it.
  const all = usageIn(usage);
  const cost = (model: string) => costMicros(ratesFor(paying, model), all);
  const model = [paying.id, ...took].reduce((dearest, one) => (cost(one) > cost(dearest) ? one : dearest));
  return [{ model, usage: all }];
}

/** Undefined: it does not say, so it is the one that was asked. */
function nameOf({ type, model }: Fields, took: string | undefined): string | undefined {
  if (typeof model === 'string' && model !== '') return model.slice(0, longestName);
  if (type === 'advisor_message') return 'an advisor without a name';
  return type === 'fallback_message' ? took : undefined;
}

/** An alias of the model that was asked is that model. */
const named = ({ id }: Paying, model: string | undefined) => (model === undefined || sameModel(model, id) ? id : model);

function ratesFor({ id, rates, others }: Paying, model: string): Rates {
  return model === id ? rates : (others?.(model).rates ?? rates);
}

/** Passes beyond this many, and names beyond this length, are nonsense. */
const [mostPasses, longestName] = [1000, 200];
/** Tokens of an answer, of a pass, and searches: what is more than that is nonsense, and its price no number any more. */
const most = { answer: 1e12, pass: 1e9, searches: 1e6 };

const counted = (fields: Fields): Fields[] =>
  Array.isArray(fields.iterations) ? fields.iterations.slice(0, mostPasses).map(asFields) : [];

const onePass = (fields: Fields): Usage => oneUsage(fields, most.pass);

function oneUsage(fields: Fields, limit = most.answer): Usage {
  const tokens = (value: unknown) => count(value, limit);
  const cacheWrite = tokens(fields.cache_creation_input_tokens);
  return {
    input: tokens(fields.input_tokens),
    output: tokens(fields.output_tokens),
    cacheRead: tokens(fields.cache_read_input_tokens),
    cacheWrite,
    ...some('cacheWriteHour', Math.min(cacheWrite, tokens(asFields(fields.cache_creation).ephemeral_1h_input_tokens))),
    ...some('searches', count(asFields(fields.server_tool_use).web_search_requests, most.searches)),
  };
}

function rest(all: Usage, part: Usage): Usage {
  const less = (a = 0, b = 0) => Math.max(0, a - b);
  return {
    input: less(all.input, part.input),
    output: less(all.output, part.output),
    cacheRead: less(all.cacheRead, part.cacheRead),
    cacheWrite: less(all.cacheWrite, part.cacheWrite),
    ...some('cacheWriteHour', less(all.cacheWriteHour, part.cacheWriteHour)),
    ...some('searches', less(all.searches, part.searches)),
  };
}

const isNothing = (usage: Usage) => Object.values(usage).every((count) => count === 0);

const some = (name: 'cacheWriteHour' | 'searches', count: number): Partial<Usage> =>
  count > 0 ? { [name]: count } : {};

/** A count that the address may leave out, or get wrong. */
const count = (value: unknown, limit: number): number =>
  typeof value === 'number' && value > 0 ? Math.ceil(Math.min(value, limit)) : 0;
