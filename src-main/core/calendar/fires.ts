/** The three questions everyone asks of a schedule: what comes next, what came last, what lay between. */
import { type DayRule, occurrences } from './occurrences.ts';
import type { Zone } from './zone.ts';

export interface Fires {
  /** Up to `count` due instants after `after`, both in milliseconds since the epoch, soonest first. */
  next(after: number, count: number): number[];
  /** The latest due instant before `before`, or null. */
  prev(before: number): number | null;
  /** Due instants in (after, to], newest first, at most `count`; and how many there are at all, counted up to 100,000. */
  between(after: number, to: number, count: number): { newest: number[]; total: number };
}

const mostCounted = 100_000;

/** Lists of due instants after (step 1) or before (step -1) an instant, in the order of the walk. */
type Walk = (instant: number, step: 1 | -1) => Iterable<number[]>;

export function fires(rule: DayRule, zone: Zone): Fires {
  return answers((instant, step) => occurrences(rule, zone, instant, step));
}

/** These instants, soonest first. */
export function firesAt(instants: number[]): Fires {
  return answers(function* (instant, step) {
    const rest = instants.filter((at) => (at - instant) * step > 0);
    if (rest.length > 0) yield step === 1 ? rest : rest.toReversed();
  });
}

/** anchor + k × every, from the anchor on; all in milliseconds. */
export function firesEvery(every: number, anchor: number): Fires {
  return answers(function* (instant, step) {
    const steps = (instant - anchor) / every;
    let k = step === 1 ? Math.max(0, Math.floor(steps) + 1) : Math.ceil(steps) - 1;
    for (; k >= 0 && anchor + k * every < latest; k += step) yield [anchor + k * every];
  });
}

/** The end of the year 9999: instants are written with four digits for the year. */
const latest = Date.UTC(10_000, 0);

function answers(walk: Walk): Fires {
  function take(instant: number, step: 1 | -1, count: number): number[] {
    const found: number[] = [];
    if (count < 1) return found;
    for (const list of walk(instant, step)) {
      found.push(...list.slice(0, count - found.length));
      if (found.length >= count) break;
    }
    return found;
  }

  function total(after: number, to: number): number {
    let sum = 0;
    for (const list of walk(after, 1)) {
      const last = list.at(-1);
      if (last === undefined || last > to || sum + list.length >= mostCounted)
        return Math.min(mostCounted, sum + list.filter((at) => at <= to).length);
      sum += list.length;
    }
    return sum;
  }

  return {
    next: (after, count) => take(after, 1, count),
    prev: (before) => take(before, -1, 1)[0] ?? null,
    between(after, to, count) {
      const newest = take(to + 1, -1, count).filter((at) => at > after);
      return { newest, total: newest.length < count ? newest.length : total(after, to) };
    },
  };
}
