/** Clocks for tests: one that stands still until it is told otherwise, one for which every short wait is over at once. */
import type { Clock } from '#core/ports.ts';

export interface ManualClock extends Clock {
  /** Moves time and calls what has become due, in order. */
  advance(ms: number): void;
  /** Jumps without calling anything, as a machine that slept or whose clock was set. */
  jump(to: number | string): void;
}

export function manualClock(start: string): ManualClock {
  let now = Date.parse(start);
  let waiting: { at: number; fn: () => void }[] = [];
  return {
    now: () => now,
    after(ms, fn) {
      const timer = { at: now + ms, fn };
      waiting.push(timer);
      return () => {
        waiting = waiting.filter((each) => each !== timer);
      };
    },
    advance(ms) {
      const to = now + ms;
      for (;;) {
        const [first] = waiting.filter((each) => each.at <= to).sort((a, b) => a.at - b.at);
        if (!first) break;
        waiting = waiting.filter((each) => each !== first);
        now = Math.max(now, first.at);
        first.fn();
      }
      now = to;
    },
    jump(to) {
      now = typeof to === 'string' ? Date.parse(to) : to;
    },
  };
}

/** Waits below a minute are over at once, in `waited` as long as they would have been; longer ones never end. Time goes on by itself. */
export function hurriedClock(): Clock & { waited: number[] } {
  const waited: number[] = [];
  let skipped = 0;
  return {
    waited,
    now: () => Date.now() + skipped,
    after(ms, fn) {
      if (ms >= 60_000) return () => {};
      const soon = setImmediate(() => {
        skipped += ms;
        waited.push(ms);
        fn();
      });
      return () => clearImmediate(soon);
    },
  };
}
