/** Every n days, weeks or months, counted from an anchor day: nothing is due before it. */
import type { Schedule } from '#contract/schedules.ts';
import { dayNumber } from './cron-days.ts';
import type { DayRule } from './occurrences.ts';
import { dayMs } from './zone.ts';

type Spaced = Extract<Schedule, { kind: 'calendar' }>;

/** Year 9999, the last that an instant is written with. */
const lastDay = dayNumber(10_000, 0) - 1;

export function spacedDays({ every, unit, at, anchor }: Spaced): DayRule {
  const start = Date.parse(`${anchor}T00:00:00Z`) / dayMs;
  const [hour = 0, minute = 0] = at.split(':').map(Number);
  const nth = unit === 'month' ? monthly(anchor, every) : (k: number) => start + k * every * (unit === 'week' ? 7 : 1);
  /** At most the number of steps to `day`; every month has at most 31 days. */
  const near = (day: number) => Math.floor((day - start) / (every * { day: 1, week: 7, month: 31 }[unit]));

  function* days(from: number, step: 1 | -1): Generator<number> {
    let k = Math.max(0, near(from));
    while (nth(k) < from && nth(k) <= lastDay) k++;
    if (step === 1) for (; nth(k) <= lastDay; k++) yield nth(k);
    else for (k = nth(k) > from ? k - 1 : k; k >= 0; k--) yield nth(k);
  }

  return { days, times: [hour * 60 + minute], fixed: true };
}

/** The same date of every nth month; a month without it: its last day. */
function monthly(anchor: string, every: number): (k: number) => number {
  const [year = 0, month = 1, date = 1] = anchor.split('-').map(Number);
  return (k) => {
    const index = month - 1 + k * every;
    return Math.min(dayNumber(year, index, date), dayNumber(year, index + 1) - 1);
  };
}
