/** A limit that lifts only later: the run stands still until then, for a bounded number of times and a bounded while. */
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { type FailedTry, isHeldUp } from '#core/budget/failed-try.ts';
import type { Clock } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';

/** How often one run waits for a limit, counted anew for each revision. */
export const mostWaits = 3;
/** Milliseconds after the instant that the account names: its clock and ours are two. */
const margin = 30_000;

interface Parts {
  store: Store;
  clock: Clock;
  run: string;
  spec: RoutineSpec;
}

/**
 * Commits the wait for the limit that `error` speaks of and gives the run's place free. Throws `error` itself when it
 * speaks of none, and `model.rate_limited` when the run has waited often or long enough.
 */
export function holdFor({ store, clock, run, spec }: Parts, error: unknown): { until: string } {
  if (!isHeldUp(error)) throw error;
  const now = clock.now();
  const events = store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER });
  const end = events.findLast(({ type }) => type === 'run.ended')?.seq ?? 0;
  const waits = events.filter(({ type, seq }) => type === 'run.held' && seq > end);
  const lifts = now + Math.ceil(error.facts.liftsInMs ?? 0) + margin;
  const latest = (waits[0] ? Date.parse(waits[0].at) : now) + spec.answerWithin * 60_000;
  if (waits.length >= mostWaits) throw tooOften(error, lifts, `It has waited ${mostWaits} times already.`);
  if (lifts > latest || !Number.isFinite(lifts))
    throw tooOften(error, lifts, `No run of this routine waits beyond ${new Date(latest).toISOString()}.`);
  const until = new Date(lifts).toISOString();
  store.commit((writer) => {
    const { said: reason } = error.facts;
    writer.append({ type: 'run.held', run, until, reason, wait: waits.length + 1, of: mostWaits });
    writer.outbox.done('run', run);
    // The operating system is to wake it.
    writer.outbox.add('alarms', '');
  });
  return { until };
}

function tooOften(error: FailedTry, lifts: number, why: string): Fault {
  const when = Number.isFinite(lifts) && lifts < 8e15 ? ` It lifts at ${new Date(lifts).toISOString()}.` : '';
  return new Fault('model.rate_limited', `${error.message.replace(/\.?$/, '.')}${when} ${why}`, {
    cure: 'Run the routine again when the limit has lifted, or look at the limits of the API account.',
    cause: error,
  });
}
