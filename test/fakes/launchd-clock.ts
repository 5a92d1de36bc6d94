/** Two models of how launchd reads calendar entries: what its manual promises, and what its last public source did. */
import type { CalendarDict } from '#host/scheduler/plan-launchd.ts';

const minute = 60_000;

export interface WallClock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  weekday: number;
}

/** Wall clocks of every minute in [from, to), in a zone. */
export function* wallClocks(zone: string, from: number, to: number): Generator<[number, WallClock]> {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric' },
  } as const);
  const offsetAt = (at: number) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute) - at;
  };
  let offset = 0;
  for (let at = from; at < to; at += minute) {
    // No zone changes its clocks but on a quarter of an hour.
    if (at === from || at % (15 * minute) === 0) offset = offsetAt(at);
    const local = new Date(at + offset);
    yield [
      at,
      {
        ...{ year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate() },
        ...{ hour: local.getUTCHours(), minute: local.getUTCMinutes(), weekday: local.getUTCDay() },
      },
    ];
  }
}

/** "A missing key is a wildcard"; Day and Weekday together: either. Whatever the clock shows counts, also twice. */
export function fitsManual(dict: CalendarDict, at: WallClock): boolean {
  const days = [
    ...(dict.Day === undefined ? [] : [dict.Day === at.day]),
    ...(dict.Weekday === undefined ? [] : [dict.Weekday % 7 === at.weekday]),
  ];
  return (
    dict.Minute === at.minute &&
    (dict.Hour ?? at.hour) === at.hour &&
    (dict.Month ?? at.month) === at.month &&
    (days.length === 0 || days.includes(true))
  );
}

export const shown = (at: WallClock) => `${at.year}-${at.month}-${at.day} ${at.hour}:${at.minute}`;

/**
 * The source of 2013: `Month` counts for nothing beside `Weekday`; a day that a month lacks runs over into the next;
 * the second pass of a repeated hour is silent; after a skipped hour an entry without an hour is silent until midnight.
 */
export function fitsSource(dict: CalendarDict, at: WallClock, seen: Set<string>, gapToday: boolean): boolean {
  if (seen.has(shown(at))) return false;
  if (gapToday && dict.Hour === undefined) return false;
  const { Month, ...rest } = dict;
  if (dict.Weekday !== undefined) return fitsManual(rest, at);
  if (fitsManual(dict, at)) return true;
  if (dict.Day === undefined || dict.Day < 29) return false;
  const before = new Date(Date.UTC(at.year, at.month - 1, 0));
  const over = dict.Day - before.getUTCDate();
  const month = before.getUTCMonth() + 1;
  return over > 0 && fitsManual({ ...rest, Day: over }, at) && (Month ?? month) === month;
}
