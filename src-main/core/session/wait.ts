/** What happens between two turns of a session that has loops: the wait for the next firing, and the firing. */
import type { Draft } from '#contract/events.ts';
import type { Clock } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { afterTurn, firing, firstDue, type Loops } from './loops.ts';

/**
 * Milliseconds between two looks at the clock. A timer stands still while the machine sleeps, so a long one would fire
 * late by as much as it slept; due-ness itself is the calendar's, so a tick needs no library.
 */
const tickMs = 30_000;

interface Parts {
  store: Store;
  clock: Clock;
  run: string;
  signal: AbortSignal;
}

/** True: a loop will begin another turn. What the ended turn means for its loops is recorded. */
export function willFire({ store, clock, run }: Parts, loops: Readonly<Loops>): boolean {
  record(store, afterTurn(loops.alive, run, clock.now()));
  return firstDue(loops.alive) !== null;
}

/**
 * Fires the loop that has been due longest; when none is due yet, waits until one is, with the time limit at rest, and
 * leaves the firing to the next call. Rejects with the reason of `signal`.
 */
export async function fireOrWait(
  { store, clock, run, signal }: Parts,
  loops: Readonly<Loops>,
  limit: { rest(): void; goOn(): void },
): Promise<null> {
  const first = firstDue(loops.alive);
  if (!first) return null;
  if (first.dueAt > clock.now()) {
    record(store, [{ type: 'run.waiting', run, until: new Date(first.dueAt).toISOString() }]);
    limit.rest();
    await until(clock, first.dueAt, signal);
    return null;
  }
  record(store, firing(first, run, clock.now()));
  limit.goOn();
  return null;
}

function record(store: Store, drafts: Draft[]): void {
  if (drafts.length > 0) store.commit((writer) => void drafts.map((draft) => writer.append(draft)));
}

/** `at` in milliseconds since the epoch. */
function until(clock: Clock, at: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let cancel = () => {};
    const stop = () => {
      cancel();
      reject(signal.reason);
    };
    const look = () => {
      const left = at - clock.now();
      if (left > 0) {
        cancel = clock.after(Math.min(left, tickMs), look);
        return;
      }
      signal.removeEventListener('abort', stop);
      resolve();
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    look();
  });
}
