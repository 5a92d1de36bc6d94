/** The three limits of a session: turns, working time and money; each ends it at a clean point with the work kept. */
import type { FaultCode } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { affordableAnswer, promptAtMost } from '#core/budget/purse.ts';
import type { Clock, ResolvedModel } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { History } from './history.ts';

interface Limited {
  store: Store;
  clock: Clock;
  model: ResolvedModel;
  run: string;
  spec: RoutineSpec;
  signal: AbortSignal;
}

/**
 * Tokens that the next answer may have, or the limit that forbids one. `prefixBytes`: JSON of system prompt and tools,
 * which count until the first answer has said what they come to. `addedMicros`: what a person added to the cap of the run.
 */
export function roomForAnswer(
  { store, model, run, spec }: Limited,
  history: Readonly<History>,
  prefixBytes: number,
  addedMicros = 0,
): number | Limit {
  if (history.turnsOfThisGo >= spec.limits.turns) return turnLimit(spec);
  const spent = store.read.run(run)?.costMicros ?? 0;
  const prompt = history.lastRequest
    ? promptAtMost(history.bytes, history.lastRequest)
    : promptAtMost(prefixBytes + history.bytes, null);
  const cap = spec.limits.dollars + addedMicros / 1e6;
  return affordableAnswer(model.id, prompt, cap, spent) ?? dollarLimit(cap, spent);
}

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

export type Limit = { code: FaultCode; message: string; cure: string };

function turnLimit({ limits }: RoutineSpec): Limit {
  const cure = 'Raise limits.turns of the routine, or ask for changes to let it go on.';
  return { code: 'limit.turns', message: `Stopped at the limit of ${limits.turns} turns.`, cure };
}

export function timeLimit({ limits }: RoutineSpec): Limit {
  const cure = 'Raise limits.minutes of the routine, or ask for changes to let it go on.';
  return { code: 'limit.time', message: `Stopped at the limit of ${limits.minutes} minutes.`, cure };
}

function dollarLimit(cap: number, spentMicros: number): Limit {
  const spent = `$${(spentMicros / 1e6).toFixed(4)}`;
  return {
    code: 'limit.dollars',
    message: `Stopped at ${spent}: another answer could exceed the cap of $${cap}.`,
    cure: 'Raise limits.dollars of the routine; it counts from its next run.',
  };
}
