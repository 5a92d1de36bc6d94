/** The limits of a session: turns, working time, tokens, tool calls and money; each ends it at a clean point with the work kept. */
import type { FaultCode } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { firstRoom, laterRoom } from '#core/budget/first-room.ts';
import type { Rates } from '#core/budget/prices.ts';
import { longestAnswer, type Payer, type Purse, type Scope, shortestAnswer } from '#core/budget/purse.ts';
import type { Foreseen } from '#core/budget/surprises.ts';
import { type Paid, promptAtMost, webAtMost } from '#core/budget/worst.ts';
import type { Clock, ResolvedModel } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Asked } from './asked.ts';
import { keptForAnHour } from './cache.ts';
import type { History } from './conversation.ts';
import type { Countable } from './count.ts';

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

export type Affordable = Paid & { foreseen: Foreseen };

/**
 * How long the next answer may be and what it costs then at worst, or the limit that forbids one; `wait`: it fits once
 * other calls have settled. `prefixBytes`: JSON of system prompt and tools, which count until the first answer has said
 * what they come to.
 */
export function roomForAnswer(
  parts: Limited,
  history: Readonly<Countable>,
  asked: Readonly<Asked>,
  prefixBytes: number,
): ({ kind: 'room' } & Affordable) | { kind: 'wait' } | ({ kind: 'limit' } & Limit) {
  const { store, model, run, spec, purse } = parts;
  if (history.turnsOfThisGo >= spec.limits.turns) return limited(turnLimit(spec));
  const sofar = store.read.run(run);
  const used = sofar?.usage ?? { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  if (used.input + used.output + used.cacheRead + used.cacheWrite >= spec.limits.tokens)
    return limited(countLimit('limit.tokens', 'tokens', spec.limits.tokens));
  const most = Math.min(longestFor(history, model), spec.limits.outputTokens - used.output);
  if (most < Math.min(shortestAnswer, spec.limits.outputTokens))
    return limited(countLimit('limit.output', 'outputTokens', spec.limits.outputTokens));
  if ((sofar?.toolCalls ?? 0) >= spec.limits.toolCalls)
    return limited(countLimit('limit.tool_calls', 'toolCalls', spec.limits.toolCalls));
  const accounts = purse.accounts(payerOf(parts, asked));
  const { lastRequest, estimated, bytes, jumped, cached } = history;
  const { tokens: looked, searches, again } = webAtMost(history.offer.web);
  // Nobody asks the address for another model; one that has let one answer may do so again.
  const others = [...history.shares].reduce((sum, [id, micros]) => (id === model.id ? sum : sum + micros), 0);
  const extra = {
    others,
    searches,
    again,
    cached: model.caches === true || (cached && lastRequest !== null),
    hour: keptForAnHour(history),
  };
  const tokens = promptAtMost(lastRequest ? bytes : prefixBytes + bytes, lastRequest) + looked;
  const foreseen: Foreseen = { tokens, kind: lastRequest && !estimated ? 'later' : 'first' };
  const { known, [foreseen.kind]: seen } = purse.surprises.of(model.id);
  const feared = jumped ? tokens * jump : tokens;
  const rates = swollen(model.rates, history.swelling);
  const room =
    foreseen.kind === 'later'
      ? laterRoom(
          accounts,
          rates,
          { least: Math.max(tokens + seen, feared), whole: prefixBytes + bytes + looked },
          most,
          extra,
        )
      : firstRoom(accounts, rates, feared, most, {
          seen,
          known,
          window: model.window && model.window + looked,
          ...extra,
        });
  if (room.kind === 'none') return limited(moneyLimit(room));
  return room.kind === 'room' ? { ...room, foreseen } : room;
}

/** After an answer that was cut the next one may be twice as long, as far as the model is known to answer. */
function longestFor({ cutsInARow }: Readonly<History>, { maxAnswer }: ResolvedModel): number {
  return maxAnswer === undefined
    ? longestAnswer
    : Math.max(longestAnswer, Math.min(maxAnswer, longestAnswer * 2 ** cutsInARow));
}

/** A server that has once counted more than it can have been sent is taken to do so again, so many times. */
const jump = 10;

/** A server that counted more answer than it was allowed to give. */
function swollen(rates: Rates, swelling: number): Rates {
  if (swelling <= 1) return rates;
  return (tokens) => ({ ...rates(tokens), output: rates(tokens).output * swelling });
}

const limited = (limit: Limit) => ({ kind: 'limit' as const, ...limit });

export interface Deadline {
  signal: AbortSignal;
  /** No time passes from here on. */
  rest(): void;
  /** Time passes again, as much as is left. */
  goOn(): void;
}

/** A signal that aborts when a person stops the run or when its time is up. */
export function deadline({ clock, signal, spec }: Limited, history: Readonly<Countable>): Deadline {
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
        message:
          spent > cap
            ? `Stopped at ${at}, beyond the cap of ${of}: the model server counted more for one answer than was foreseen and paid for.`
            : `Stopped at ${at}: another answer could exceed the cap of ${of}.`,
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
