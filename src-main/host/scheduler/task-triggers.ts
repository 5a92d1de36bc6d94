/** Triggers of Windows Task Scheduler as values, and clock times packed into as few of them as can be. */
import type { DayPart } from './day-parts.ts';

/** Task Scheduler refuses a task with more. */
export const mostTriggers = 48;

export type MonthDay = number | 'Last';
export type Days =
  | { kind: 'once' }
  | { kind: 'daily'; every: number }
  /** 0 is Sunday. */
  | { kind: 'weekly'; every: number; weekdays: number[] }
  | { kind: 'dates'; dates: MonthDay[]; months: number[] }
  | { kind: 'weeks'; weeks: MonthDay[]; weekdays: number[]; months: number[] };

export interface Trigger {
  /** `2026-01-01T03:00:00`: the machine's local time; with `Z` UTC. */
  start: string;
  days: Days;
  /** Seconds from fire to fire, and from the first to the last; `span` null: for ever. */
  repeat: { every: number; span: number | null } | null;
}

/** Times `first`, `first + step`, …: `count` of them. */
export interface Series {
  first: number;
  step: number;
  count: number;
}

/** Sorted numbers as few series, the longest first; null when it takes more than `most`. */
export function packed(values: number[], most: number): Series[] | null {
  const left = new Set(values);
  const found: Series[] = [];
  while (left.size > 0) {
    if (found.length === most) return null;
    const [first = 0, ...others] = left;
    const best = others
      .map((second) => longest(left, first, second - first))
      .reduce((a, b) => (b.count > a.count ? b : a), { first, step: 0, count: 1 });
    found.push(best);
    for (let i = 0; i < best.count; i++) left.delete(best.first + i * best.step);
  }
  return found;
}

/** One series that contains them all. */
export function covering(values: number[]): Series {
  const first = values[0] ?? 0;
  const step = values.reduce((found, value) => common(found, value - first), 0);
  return { first, step, count: step === 0 ? 1 : ((values.at(-1) ?? first) - first) / step + 1 };
}

/** Windows stops repeating after the span; half an interval more keeps the last fire in, however it counts. */
export function repeatOf({ step, count }: Series): Trigger['repeat'] {
  return count === 1 ? null : { every: step * 60, span: (count - 1) * step * 60 + 30 };
}

const allMonths = Array.from({ length: 12 }, (_, i) => i + 1);
const everyWeek: MonthDay[] = [1, 2, 3, 4, 'Last'];

export interface RoughDays {
  days: Days;
  /** False: other days too. */
  exact: boolean;
}

/** The days of a part as Task Scheduler can say them. */
export function triggerDays(part: DayPart): RoughDays[] {
  const months = part.months ?? allMonths;
  const dates = (list: MonthDay[], exact: boolean): RoughDays => ({
    days: { kind: 'dates', dates: list, months },
    exact,
  });
  switch (part.kind) {
    case 'any':
      if (part.months === null) return [{ days: { kind: 'daily', every: 1 }, exact: true }];
      return [dates(allDates, true)];
    case 'dates':
      return [dates(part.dates, true)];
    case 'weekdays':
      if (part.months === null) return [{ days: { kind: 'weekly', every: 1, weekdays: part.weekdays }, exact: true }];
      return [{ days: { kind: 'weeks', weeks: everyWeek, weekdays: part.weekdays, months }, exact: true }];
    case 'nth': {
      // The fifth of five is the last of the month, but the last may be the fourth.
      const week = part.n === 5 ? 'Last' : part.n;
      return [{ days: { kind: 'weeks', weeks: [week], weekdays: [part.weekday], months }, exact: part.n !== 5 }];
    }
    case 'last_of':
      return [{ days: { kind: 'weeks', weeks: ['Last'], weekdays: [part.weekday], months }, exact: true }];
    case 'from_last':
      if (part.back === 0) return [dates(['Last'], true)];
      return [
        dates(
          allDates.filter((date) => date >= 28 - part.back && date <= 31 - part.back),
          false,
        ),
      ];
    case 'workday': {
      const near = part.near;
      const close = (date: number) => (near === 'last' ? date >= 26 : Math.abs(date - near) <= 2);
      return [dates(allDates.filter(close), false)];
    }
  }
}

const allDates = Array.from({ length: 31 }, (_, i) => i + 1);

function longest(left: Set<number>, first: number, step: number): Series {
  let count = 1;
  while (left.has(first + count * step)) count++;
  return { first, step, count };
}

function common(a: number, b: number): number {
  return b === 0 ? a : common(b, a % b);
}
