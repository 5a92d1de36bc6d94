/** The small words of schedules: clock times, weekdays, months, counts, units, dates. */
import type { Cursor } from './word-cursor.ts';

const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const shortDays = new Map([
  ['tues', 2],
  ['thur', 4],
  ['thurs', 4],
]);
const months = ['january', 'february', 'march', 'april', 'may', 'june', 'july'].concat(
  ...['august', 'september', 'october', 'november', 'december'],
);
const ordinals = ['first', 'second', 'third', 'fourth', 'fifth'];
const counts = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];

/** Minutes of the day. `bare`: an hour alone will do, as after `at`. */
export function clockTime(cursor: Cursor, bare: boolean): number | null {
  return cursor.attempt(() => {
    if (cursor.take('midnight')) return 0;
    if (cursor.take('noon|midday')) return 12 * 60;
    const found = cursor.match(/^(\d{1,2})(?::(\d\d))?(am|pm)?$/);
    if (!found) return null;
    const [, hourText, minuteText, joined] = found;
    const half = joined ?? cursor.match(/^(am|pm)$/)?.[1];
    const clear = half !== undefined || minuteText !== undefined || cursor.take("o'clock") || bare;
    const hour = hourOfDay(Number(hourText), half);
    const minute = Number(minuteText ?? 0);
    return clear && hour !== null && minute < 60 ? hour * 60 + minute : null;
  });
}

function hourOfDay(hour: number, half: string | undefined): number | null {
  if (half === undefined) return hour < 24 ? hour : null;
  return hour < 1 || hour > 12 ? null : (hour % 12) + (half === 'pm' ? 12 : 0);
}

/** 0 for Sunday; `many` when it was written in the plural. */
export function weekdayName(cursor: Cursor): { day: number; many: boolean } | null {
  const word = cursor.peek();
  const many = word.endsWith('s') && days.includes(word.slice(0, -1));
  const name = many ? word.slice(0, -1) : word;
  const index = shortDays.get(name) ?? days.findIndex((day) => day === name || day.slice(0, 3) === name);
  return index >= 0 && cursor.match(/./) ? { day: index, many } : null;
}

/** 1 to 12. */
export function monthName(cursor: Cursor): number | null {
  const name = cursor.peek();
  const index = months.findIndex(
    (month) => month === name || month.slice(0, 3) === name || (name === 'sept' && month === 'september'),
  );
  return index >= 0 && cursor.match(/./) ? index + 1 : null;
}

/** `first`, `2nd`, `31st` as a number from 1 to 31; `last` as 0. */
export function ordinal(cursor: Cursor): number | null {
  if (cursor.take('last')) return 0;
  const word = cursor.peek();
  const index = ordinals.indexOf(word);
  if (index >= 0 && cursor.match(/./)) return index + 1;
  return cursor.attempt(() => {
    const value = Number(cursor.match(/^(\d{1,2})(st|nd|rd|th)$/)?.[1] ?? 0);
    return value >= 1 && value <= 31 ? value : null;
  });
}

/** A count in digits or, up to twelve, in letters. */
export function count(cursor: Cursor): number | null {
  const digits = cursor.match(/^\d{1,6}$/);
  if (digits) return Number(digits[0]);
  const index = counts.indexOf(cursor.peek());
  return index >= 0 && cursor.match(/./) ? index + 1 : null;
}

export type Unit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month';

const units: Readonly<Record<string, Unit>> = {
  ...{ second: 'second', seconds: 'second', sec: 'second', secs: 'second', s: 'second' },
  ...{ minute: 'minute', minutes: 'minute', min: 'minute', mins: 'minute', m: 'minute' },
  ...{ hour: 'hour', hours: 'hour', hr: 'hour', hrs: 'hour', h: 'hour' },
  ...{ day: 'day', days: 'day', week: 'week', weeks: 'week', month: 'month', months: 'month' },
};

export function unitName(cursor: Cursor): Unit | null {
  const word = cursor.peek();
  const unit = Object.hasOwn(units, word) ? units[word] : undefined;
  return unit && cursor.match(/./) ? unit : null;
}

/** A day, with a clock time and a distance from UTC where they are written. */
export interface Moment {
  /** `2026-11-21`. */
  date: string;
  /** Milliseconds of the day, or null. */
  time: number | null;
  /** Milliseconds east of UTC, or null for the routine's own zone. */
  offset: number | null;
}

/** `2026-11-21`, `2026-11-21T07:00`, with seconds and `Z` or `+01:00` if need be. Null also for a day that is none.
 * Years before the epoch and near the end of four digits are no schedules. */
export function moment(cursor: Cursor): Moment | null {
  return cursor.attempt(() => {
    const found = cursor.match(
      /^((?:19[7-9]\d|[2-8]\d{3})-\d\d-\d\d)(?:t([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?(?:(z)|([+-])([01]\d):?([0-5]\d))?)?$/,
    );
    if (!found) return null;
    const [, date = '', hour, minute, second = '0', fraction = '', utc, sign, away, awayMinutes] = found;
    const start = Date.parse(`${date}T00:00:00.000Z`);
    if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== date) return null;
    if (hour === undefined) return { date, time: null, offset: null };
    const time = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + Number(fraction.padEnd(3, '0'));
    const distance = (Number(away ?? 0) * 60 + Number(awayMinutes ?? 0)) * 60_000 * (sign === '-' ? -1 : 1);
    return { date, time, offset: utc || sign ? distance : null };
  });
}
