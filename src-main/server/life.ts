/** Decides when a host may go: nobody is attached, no work remains or is near, and it stayed so for a while. */
import type { Clock } from '#core/ports.ts';

/** What the runtime says about its work. */
export interface Activity {
  busy(): boolean;
  /** Milliseconds since the epoch until which it is needed though nothing is at work; left out: not at all. */
  neededUntil?(): number;
  /** Calls `fn` each time the last piece of work has ended; the returned function stops that. */
  onIdle(fn: () => void): () => void;
}

interface Attached {
  count(): number;
  onChange(fn: () => void): void;
}

/** Whoever starts a host needs a moment to reach it. */
const firstGraceMs = 5000;

/** Calls `leave` once, `graceMs` after the host became superfluous, in the same tick as the last look. Returns the way to stop. */
export function watchIdle(
  clock: Clock,
  graceMs: number,
  attached: Attached,
  activity: Activity,
  leave: () => void,
): () => void {
  let cancel = () => {};
  const waits = () => Math.max(0, (activity.neededUntil?.() ?? 0) - clock.now());
  const needed = () => attached.count() > 0 || activity.busy() || waits() > 0;
  let grace = Math.max(graceMs, firstGraceMs);
  const look = () => {
    cancel();
    if (needed()) {
      grace = graceMs;
      // Nobody calls when the wait is over.
      if (waits() > 0) cancel = clock.after(waits(), look);
      return;
    }
    cancel = clock.after(grace, () => (needed() ? look() : leave()));
  };
  attached.onChange(look);
  const unsubscribe = activity.onIdle(look);
  look();
  return () => {
    cancel();
    cancel = () => {};
    unsubscribe();
  };
}
