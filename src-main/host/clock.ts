/** Real time and real ids: the product's only sources of both. */
import { randomBytes } from 'node:crypto';
import type { Clock, Ids } from '#core/ports.ts';

/** The longest delay a timer of the platform takes. */
const longest = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, fn) {
    let timer: NodeJS.Timeout;
    const wait = (left: number) => {
      timer = setTimeout(() => (left > longest ? wait(left - longest) : fn()), Math.max(0, Math.min(left, longest)));
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};

/** Eight base-36 digits of time (enough until 2059), eight of chance. Two ids of one process never share their time. */
export function createIds(clock: Clock): Ids {
  let last = 0;
  return {
    next(prefix) {
      last = Math.max(clock.now(), last + 1);
      const chance = Array.from(randomBytes(8), (byte) => (byte % 36).toString(36)).join('');
      return `${prefix}-${last.toString(36).padStart(8, '0')}${chance}`;
    },
  };
}
