/** `every 15 minutes between 9 and 17 on weekdays`, `every 90 minutes`, `every 2 weeks on friday at 9 from 2026-11-20`. */
import type { Schedule } from '#contract/schedules.ts';
import { dayNumber, weekdayOf } from './cron-days.ts';
import { instantOf } from './meaning-once.ts';
import { refused } from './refuse.ts';
import type { Clauses } from './word-clauses.ts';
import type { Setting } from './word-setting.ts';
import { dayMs, minuteMs } from './zone.ts';

/** Longest interval, as many days as the longest calendar step. */
const mostDays = 1000;

/** Null when nothing is counted in steps, or not in a way that is understood. */
export function everyFew(clauses: Clauses, setting: Setting): Schedule | null {
  const { every } = clauses;
  if (!every) return null;
  if (every.n < 1) throw refused(setting.written, 'counts in steps of nothing.');
  const size = { second: 1000, minute: minuteMs, hour: 60 * minuteMs, day: 0, week: 0, month: 0 }[every.unit];
  if (size === 0) return every.n === 1 && !clauses.anchor ? null : spaced(clauses, every, setting);
  const step = every.n * size;
  if (step < minuteMs)
    throw refused(setting.written, 'is more often than once a minute.', 'Write "every minute" or a longer interval.');
  // No scheduler of an operating system is finer than a minute on all three systems, so neither is a due instant.
  if (step % minuteMs !== 0)
    throw refused(setting.written, 'is not a whole number of minutes.', 'Write e.g. "every 2 minutes".');
  if (step > mostDays * dayMs)
    throw refused(setting.written, `is longer than ${mostDays} days.`, 'Choose a shorter interval, or cron.');
  return clauses.anchor
    ? interval(clauses, step, setting)
    : (within(clauses, step) ?? interval(clauses, step, setting));
}

/** Without an anchor it is counted from the beginning of 1970 in UTC, the same for ever and on every machine. */
function interval({ anchor, every: _, ...others }: Clauses, everyMs: number, setting: Setting): Schedule | null {
  if (Object.keys(others).length > 0) return null;
  const from = anchor ? instantOf(anchor, setting.zone) : 0;
  if (from % minuteMs !== 0)
    throw refused(setting.written, 'begins between two minutes.', 'Count from a whole minute, e.g. 07:30.');
  return { kind: 'interval', everyMs, anchor: new Date(from).toISOString() };
}

/** Steps that fit the hour or the day are clock times: every 15 minutes is :00, :15, :30 and :45. */
function within(clauses: Clauses, step: number): Schedule | null {
  const { every: _, pastHour, window, weekDays, repeated, months, anyDay, ...others } = clauses;
  if (Object.keys(others).length > 0 || (weekDays && (!repeated || anyDay))) return null;
  const fields = clockFields(step / minuteMs, { pastHour, window }, Boolean(weekDays || months));
  if (!fields) return null;
  return { kind: 'cron', expression: `${fields} * ${months?.join(',') ?? '*'} ${weekDays?.join(',') ?? '*'}` };
}

/** Minute and hour of steps of `minutes`; null when they do not fit. */
function clockFields(minutes: number, { pastHour, window }: Clauses, someDays: boolean): string | null {
  const field = (n: number) => (n === 1 ? '*' : `*/${n}`);
  if (minutes % 60 !== 0) {
    if (60 % minutes !== 0 || !Number.isInteger(minutes) || pastHour !== undefined) return null;
    const hours = window ? windowHours({ ...window, by: 1, whole: false }, someDays) : '*';
    return hours && `${field(minutes)} ${hours}`;
  }
  if (1440 % minutes !== 0 || minutes === 1440) return null;
  const hours = window ? windowHours({ ...window, by: minutes / 60, whole: !pastHour }, someDays) : field(minutes / 60);
  return hours && `${pastHour ?? 0} ${hours}`;
}

/** Minutes of the day, and the step in hours. */
type Window = { from: number; to: number; by: number; whole: boolean };

/**
 * Nothing lies outside the window: steps on the full hour (`whole`) reach its end, others stop before it. One that
 * spans midnight belongs to two days, so it goes with all days only.
 */
function windowHours({ from, to, by, whole }: Window, someDays: boolean): string | null {
  if (from % 60 !== 0 || to % 60 !== 0 || from === to || (to < from && to !== 0 && someDays)) return null;
  const last = (to <= from ? to + 1440 : to) / 60 - (whole ? 0 : 1);
  const hours = new Set<number>();
  for (let hour = from / 60; hour <= last && !(someDays && hour > 23); hour += by) hours.add(hour % 24);
  return ranges([...hours].sort((a, b) => a - b));
}

function ranges(values: number[]): string {
  const runs: [number, number][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run?.[1] === value - 1) run[1] = value;
    else runs.push([value, value]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

function spaced(clauses: Clauses, { n, unit }: NonNullable<Clauses['every']>, setting: Setting): Schedule | null {
  const { every: _, times, anchor, weekDays, monthDays, repeated: __, needsMonth: ___, ...others } = clauses;
  if (Object.keys(others).length > 0 || (anchor && anchor.offset !== null)) return null;
  if (unit === 'second' || unit === 'minute' || unit === 'hour') return null;
  const minute = onlyTime(times, anchor?.time ?? null);
  if (minute === null) return null;
  if (n > mostDays)
    throw refused(setting.written, `counts further than ${mostDays} ${unit}s.`, 'Choose a smaller count, or a date.');
  const first = firstDay(unit, anchor?.date, weekDays, monthDays);
  if (first === null) return null;
  const two = (value: number) => String(value).padStart(2, '0');
  const at = `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  return { kind: 'calendar', every: n, unit, at, anchor: new Date(first * dayMs).toISOString().slice(0, 10) };
}

/** The clock time, in whole minutes, that stands with the words or with the anchor, not with both. */
function onlyTime(times: number[] | undefined, anchored: number | null): number | null {
  if (anchored === null) return times?.length === 1 ? (times[0] ?? null) : null;
  return times === undefined && anchored % minuteMs === 0 ? anchored / minuteMs : null;
}

/** The first day, on or after the anchor (or the beginning of 1970), that is such a weekday or date. */
function firstDay(
  unit: 'day' | 'week' | 'month',
  anchor: string | undefined,
  weekDays?: string[],
  monthDays?: string[],
) {
  const start = Date.parse(`${anchor ?? '1970-01-01'}T00:00:00Z`) / dayMs;
  if (unit === 'day') return weekDays || monthDays ? null : start;
  const [item] = weekDays ?? monthDays ?? [];
  // Which day it is has to be said: two weeks or months later is some day.
  if (item === undefined) return anchor === undefined ? null : start;
  if (unit === 'week') {
    if (weekDays?.length !== 1 || monthDays || !/^[0-6]$/.test(item)) return null;
    return start + ((Number(item) - weekdayOf(start) + 7) % 7);
  }
  if (monthDays?.length !== 1 || weekDays || !/^(\d+|L)$/.test(item)) return null;
  const date = item === 'L' ? 31 : Number(item);
  const day = new Date(start * dayMs);
  for (let month = day.getUTCMonth(); ; month++) {
    const found = dayNumber(day.getUTCFullYear(), month, date);
    if (found >= start && new Date(found * dayMs).getUTCDate() === date) return found;
  }
}
