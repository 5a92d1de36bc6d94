/** The due instants of one routine, asked in pieces: the calendar's, and those that a person added by hand. */
import type { Calendar } from '#core/calendar/calendar.ts';

/** All instants are milliseconds since the epoch; every range is (after, to]. */
export interface DueSource {
  /** The newest ones, newest first, at most `count`. */
  newest(after: number, to: number, count: number): number[];
  first(after: number, to: number): number | null;
  /** Exact up to 100,000, where counting stops. */
  count(after: number, to: number): number;
}

const hour = 3_600_000;

/** `taken`: instants that have a row already, after a change or a clock that was wrong, and are no longer due. */
export function dueSource(
  calendar: Pick<Calendar, 'next' | 'between'>,
  extra: readonly number[],
  taken: ReadonlySet<number> = new Set(),
): DueSource {
  const added = (after: number, to: number) =>
    extra.filter((at) => at > after && at <= to && calendar.next(at - 1, 1)[0] !== at);

  const isDue = (at: number) => calendar.next(at - 1, 1)[0] === at || extra.includes(at);

  /** Looks back in growing steps, so that a dense schedule over a long time is not walked from its beginning. */
  function planned(after: number, to: number, count: number): number[] {
    for (let back = hour; ; back *= 8) {
      const start = Math.max(after, to - back);
      const { newest, total } = calendar.between(start, to, count);
      if (total >= count || start === after) return newest;
    }
  }

  function newest(after: number, to: number, count: number): number[] {
    const found = [...planned(after, to, count), ...added(after, to)].sort((a, b) => b - a).slice(0, count);
    const free = found.filter((at) => !taken.has(at));
    const oldest = found.at(-1);
    if (free.length === found.length || oldest === undefined || found.length < count) return free;
    return [...free, ...newest(after, oldest - 1, count - free.length)];
  }

  return {
    newest,
    first(after, to) {
      const [planned] = calendar.next(after, 1);
      const all = [...(planned !== undefined && planned <= to ? [planned] : []), ...added(after, to)];
      if (all.length === 0) return null;
      const first = Math.min(...all);
      return taken.has(first) ? this.first(first, to) : first;
    },
    count(after, to) {
      const gone = [...taken].filter((at) => at > after && at <= to && isDue(at)).length;
      return calendar.between(after, to, 1).total + added(after, to).length - gone;
    },
  };
}
