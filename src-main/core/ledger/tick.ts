/** The host's own look at the clock: often enough that no due instant waits half a minute, and at once after a sleep. */
import type { Clock, Log } from '#core/ports.ts';

/** A host that an OS timer started is asked by that timer first. */
const firstMs = 10_000;
/** Short, because a timer stands still while the machine sleeps: this is how soon the end of a sleep is noticed. */
const paceMs = 10_000;
const everyMs = 30_000;

interface Parts {
  clock: Clock;
  log: Log;
  /** True: time jumped or stood still since the last call. */
  beat(): boolean;
  look(): void;
}

/** Begins to tick; the returned function ends it. What `beat` or `look` throws is logged, and the next tick comes all the same. */
export function startTicking({ clock, log, beat, look }: Parts): () => void {
  let last = Number.NEGATIVE_INFINITY;
  let cancel = () => {};
  const tick = () => {
    cancel = clock.after(paceMs, tick);
    try {
      const jumped = beat();
      const now = clock.now();
      if (!jumped && now >= last && now - last < everyMs) return;
      last = now;
      look();
    } catch (error) {
      log.error('the tick', error);
    }
  };
  cancel = clock.after(firstMs, tick);
  return () => cancel();
}
