/** The limits of a session: turns, working time, tokens, tool calls and money; each ends it at a clean point with the work kept. */
import type { FaultCode } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Rates } from '#core/budget/prices.ts';
import { type Account, longestAnswer, type Payer, type Purse, type Scope, shortestAnswer } from '#core/budget/purse.ts';
import { type Extra, promptAtMost, type Room, roomIn, webAtMost, worstCost } from '#core/budget/worst.ts';
import type { Clock, ResolvedModel } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Asked } from './asked.ts';
import { keptForAnHour } from './cache.ts';
import type { History } from './history.ts';

interface Limited {
  store: Store;
  clock: Clock;
  model: ResolvedModel;
  run: string;
  spec: RoutineSpec;
  signal: AbortSignal;
  purse: Purse;
}

/** Who pays for the calls of this run, and up to what. */
export function payerOf({ store, run, spec }: Pick<Limited, 'store' | 'run' | 'spec'>, asked: Readonly<Asked>): Payer {
  const { dollars, dollarsPerDay } = spec.limits;
  return {
    ...{ run, routine: store.read.run(run)?.routine ?? '' },
    runCap: Math.floor(dollars * 1e6) + asked.addedMicros,
    routineDayCap: Math.floor(dollarsPerDay * 1e6),
  };
}

/**
 * How long the next answer may be and what it costs then at worst, or the limit that forbids one; `wait`: it fits once
 * other calls have settled. `prefixBytes`: JSON of system prompt and tools, which count until the first answer has said
 * what they come to.
 */
export function roomForAnswer(
  parts: Limited,
  history: Readonly<History>,
  asked: Readonly<Asked>,
  prefixBytes: number,
): Exclude<Room, { kind: 'none' }> | ({ kind: 'limit' } & Limit) {
  const { store, model, run, spec, purse } = parts;
  if (history.turnsOfThisGo >= spec.limits.turns) return limited(turnLimit(spec));
  const known = store.read.run(run);
  const used = known?.usage ?? { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  if (used.input + used.output + used.cacheRead + used.cacheWrite >= spec.limits.tokens)
    return limited(countLimit('limit.tokens', 'tokens', spec.limits.tokens));
  const most = Math.min(longestFor(history, model), spec.limits.outputTokens - used.output);
  if (most < Math.min(shortestAnswer, spec.limits.outputTokens))
    return limited(countLimit('limit.output', 'outputTokens', spec.limits.outputTokens));
  if ((known?.toolCalls ?? 0) >= spec.limits.toolCalls)
    return limited(countLimit('limit.tool_calls', 'toolCalls', spec.limits.toolCalls));
  const accounts = purse.accounts(payerOf(parts, asked));
  const { tokens: looked, searches, again } = webAtMost(history.offer.web);
  const extra = { searches, again, hour: keptForAnHour(history) };
  const room = history.lastRequest
    ? roomIn(accounts, model.rates, promptAtMost(history.bytes, history.lastRequest) + looked, most, extra)
    : firstRoom(accounts, model.rates, promptAtMost(prefixBytes + history.bytes, null) + looked, most, extra);
  return room.kind === 'none' ? limited(moneyLimit(room)) : room;
}

/** After an answer that was cut the next one may be twice as long, as far as the model is known to answer. */
function longestFor({ cutsInARow }: Readonly<History>, { maxAnswer }: ResolvedModel): number {
  return maxAnswer === undefined
    ? longestAnswer
    : Math.max(longestAnswer, Math.min(maxAnswer, longestAnswer * 2 ** cutsInARow));
}

/**
 * Nobody has said yet what the other side adds to a question and counts in it, so money for that is kept back where
 * the caps have it. What a question costs that nobody answered stays what it was.
 */
function firstRoom(accounts: readonly Account[], rates: Rates, prompt: number, most: number, extra: Extra): Room {
  for (const unseen of unseenTokens) {
    const room = roomIn(accounts, rates, prompt + unseen, most, extra);
    if (room.kind !== 'none')
      return room.kind === 'room' ? { ...room, prompt: worstCost(rates, prompt, 0, extra.hour) } : room;
  }
  return roomIn(accounts, rates, prompt, most, extra);
}

/** What an address may add to a first question, in tokens: the most that a cap leaves room for. */
const unseenTokens = [40_000, 20_000, 10_000];

const limited = (limit: Limit) => ({ kind: 'limit' as const, ...limit });

export interface Deadline {
  signal: AbortSignal;
  /** No time passes from here on. */
  rest(): void;
  /** Time passes again, as much as is left. */
  goOn(): void;
}

/** A signal that aborts when a person stops the run or when its time is up. */
export function deadline({ clock, signal, spec }: Limited, history: Readonly<History>): Deadline {
  const time = new AbortController();
  let rest = () => {};
  const goOn = () => {
    rest();
    rest = clock.after(Math.max(0, spec.limits.minutes * 60_000 - history.workedMs), () => time.abort());
  };
  goOn();
  return { signal: AbortSignal.any([signal, time.signal]), rest: () => rest(), goOn };
}

export interface Limit {
  code: FaultCode;
  message: string;
  cure: string;
  /** Of a limit of money, with both amounts in millionths of a dollar. */
  scope?: Scope;
  cap?: number;
  spent?: number;
}

function turnLimit({ limits }: RoutineSpec): Limit {
  const cure = 'Raise limits.turns of the routine, or ask for changes to let it go on.';
  return { code: 'limit.turns', message: `Stopped at the limit of ${limits.turns} turns.`, cure };
}

export function timeLimit({ limits }: RoutineSpec): Limit {
  const cure = 'Raise limits.minutes of the routine, or ask for changes to let it go on.';
  return { code: 'limit.time', message: `Stopped at the limit of ${limits.minutes} minutes.`, cure };
}

function countLimit(code: FaultCode, field: string, most: number): Limit {
  const cure = `Raise limits.${field} of the routine; it counts from its next run.`;
  return { code, message: `Stopped at the limit of ${most} ${words[field]}.`, cure };
}

const words: Record<string, string> = {
  tokens: 'tokens',
  outputTokens: 'tokens of output',
  toolCalls: 'tool calls',
};

function moneyLimit({ scope, cap, spent }: { scope: Scope; cap: number; spent: number }): Limit {
  const [at, of] = [`$${(spent / 1e6).toFixed(4)}`, `$${cap / 1e6}`];
  switch (scope) {
    case 'run':
      return {
        ...{ code: 'limit.dollars', scope, cap, spent },
        message: `Stopped at ${at}: another answer could exceed the cap of ${of}.`,
        cure: 'Raise limits.dollars of the routine; it counts from its next run.',
      };
    case 'routine_day':
      return {
        ...{ code: 'limit.day', scope, cap, spent },
        message: `Stopped: the routine has spent ${at} today, and another answer could exceed its ${of} a day.`,
        cure: 'Raise limits.dollarsPerDay of the routine, or wait until tomorrow.',
      };
    case 'all_day':
      return {
        ...{ code: 'limit.day', scope, cap, spent },
        message: `Stopped: all routines have spent ${at} today, and another answer could exceed the ${of} a day.`,
        cure: 'Raise the cap: `nightshift budget set <dollars>`; or wait until tomorrow.',
      };
  }
}
