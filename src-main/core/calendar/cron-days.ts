/** Which days a cron rule allows: a month is one of 28 shapes (length and first weekday), so each is worked out once. */
import type { CronRule, MonthDays, WeekDays } from './cron.ts';
import type { DayRule } from './occurrences.ts';
import { dayMs } from './zone.ts';

/** Instants are written with four digits for the year, so nothing is due outside these years. */
const firstYear = 1;
const lastYear = 9999;

export function cronDays(rule: CronRule): DayRule {
  const shapes = new Map<number, number[]>();

  function datesIn(first: number, length: number): number[] {
    const weekday = weekdayOf(first);
    const shape = length * 7 + weekday;
    const found = shapes.get(shape) ?? datesOf(rule, length, weekday);
    shapes.set(shape, found);
    return found;
  }

  function* days(start: number, step: 1 | -1): Generator<number> {
    for (const { first, length } of months(rule.months, start, step)) {
      const dates = datesIn(first, length);
      for (const date of step === 1 ? dates : dates.toReversed()) {
        const day = first + date - 1;
        if ((day - start) * step >= 0) yield day;
      }
    }
  }

  const times = rule.hours.flatMap((hour) => rule.minutes.map((minute) => hour * 60 + minute));
  return { days, times, fixed: rule.fixedTime };
}

/** From the month of `start` on, with their first days; those left out cost nothing, for leap days lie far apart. */
function* months(wanted: number[], start: number, step: 1 | -1): Generator<{ first: number; length: number }> {
  const from = new Date(start * dayMs);
  const begin = from.getUTCFullYear() * 12 + from.getUTCMonth();
  const inOrder = step === 1 ? wanted : wanted.toReversed();
  for (let year = from.getUTCFullYear(); year >= firstYear && year <= lastYear; year += step)
    for (const month of inOrder) {
      if ((year * 12 + month - 1 - begin) * step < 0) continue;
      const first = dayNumber(year, month - 1);
      yield { first, length: dayNumber(year, month) - first };
    }
}

/** False for dates that no month of the rule has, such as 30 February. Every month begins on every weekday some year. */
export function everFires(rule: CronRule): boolean {
  return rule.months.some((month) =>
    lengths(month).some((length) => [0, 1, 2, 3, 4, 5, 6].some((first) => datesOf(rule, length, first).length > 0)),
  );
}

function lengths(month: number): number[] {
  if (month === 2) return [28, 29];
  return [4, 6, 9, 11].includes(month) ? [30] : [31];
}

/** `first`: weekday of the first of the month, 0 for Sunday. */
function datesOf({ monthDays, weekDays }: CronRule, length: number, first: number): number[] {
  const all = Array.from({ length }, (_, i) => i + 1);
  const byDate = monthDays && monthDates(monthDays, length, first);
  return all.filter((date) => {
    const byWeekday = weekDays && isWeekDay(weekDays, date, length, (first + date - 1) % 7);
    if (byDate === null || byWeekday === null) return byWeekday ?? byDate?.has(date) ?? true;
    return byDate.has(date) || byWeekday;
  });
}

function monthDates(days: MonthDays, length: number, first: number): Set<number> {
  const near = days.nearest.filter((date) => date <= length).map((date) => workday(date, length, first));
  const before = days.beforeLast.map((count) => length - count);
  const last = days.lastWorkday ? [workday(length, length, first)] : [];
  return new Set([...days.dates, ...before, ...near, ...last]);
}

/** The Monday to Friday nearest to the date without leaving its month. */
function workday(date: number, length: number, first: number): number {
  const weekday = (first + date - 1) % 7;
  if (weekday === 6) return date > 1 ? date - 1 : date + 2;
  if (weekday === 0) return date < length ? date + 1 : date - 2;
  return date;
}

function isWeekDay({ days, nth, last }: WeekDays, date: number, length: number, weekday: number): boolean {
  if (days.includes(weekday)) return true;
  if (last.includes(weekday) && date + 7 > length) return true;
  return nth.some((each) => each.day === weekday && each.n === Math.ceil(date / 7));
}

/** Days since the epoch; months beyond December run into the next year. */
export function dayNumber(year: number, month: number, date = 1): number {
  // Date.UTC takes years below 100 for those of the twentieth century; 400 years are always 146,097 days.
  return Date.UTC(year + 400, month, date) / dayMs - 146_097;
}

/** 0 is Sunday; 1 January 1970 was a Thursday. */
export function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}
