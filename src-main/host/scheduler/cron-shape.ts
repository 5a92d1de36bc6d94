/** A cron expression as clock times and days, read by the one calculator's own reader. */
import { readCron } from '#core/calendar/cron.ts';
import type { DayPart, Field } from './day-parts.ts';

export interface Shape {
  /** Minutes of the day, 0 to 1439, sorted. */
  times: number[];
  /** Added to every time. */
  second: number;
  /** Due on a day that is in any of them. */
  parts: DayPart[];
  /** False: it holds other instants than the schedule too, even away from changes of clocks. */
  whole: boolean;
}

/** Throws `input` naming `schedule`. */
export function cronShape(cron: string): Shape {
  const rule = readCron(cron.trim().toLowerCase(), cron);
  const months: Field = rule.months.length === 12 ? null : rule.months;
  const { monthDays, weekDays } = rule;
  const parts: DayPart[] = [
    ...(monthDays && monthDays.dates.length > 0 ? [{ kind: 'dates', dates: monthDays.dates, months } as const] : []),
    ...(monthDays?.beforeLast ?? []).map((back) => ({ kind: 'from_last', back, months }) as const),
    ...(monthDays?.nearest ?? []).map((near) => ({ kind: 'workday', near, months }) as const),
    ...(monthDays?.lastWorkday ? [{ kind: 'workday', near: 'last', months } as const] : []),
    ...(weekDays && weekDays.days.length > 0 ? [{ kind: 'weekdays', weekdays: weekDays.days, months } as const] : []),
    ...(weekDays?.nth ?? []).map(({ day, n }) => ({ kind: 'nth', weekday: day, n, months }) as const),
    ...(weekDays?.last ?? []).map((weekday) => ({ kind: 'last_of', weekday, months }) as const),
  ];
  return {
    times: rule.hours.flatMap((hour) => rule.minutes.map((minute) => hour * 60 + minute)),
    second: 0,
    parts: parts.length > 0 ? parts : [{ kind: 'any', months }],
    whole: true,
  };
}
