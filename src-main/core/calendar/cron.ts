/** Reads five cron fields: what each allows, or why it cannot be meant. No field is ever guessed at. */
import { refused } from './refuse.ts';

/** The last days of a month, weekdays near a date, and plain dates; what is listed in any of them matches. */
export interface MonthDays {
  /** 1 to 31. */
  dates: number[];
  /** Days before the last one, 0 for the last day itself: `L`, `L-n`. */
  beforeLast: number[];
  /** Dates whose nearest Monday to Friday of the same month counts: `nW`. */
  nearest: number[];
  /** `LW`: the last Monday to Friday. */
  lastWorkday: boolean;
}

/** 0 is Sunday. */
export interface WeekDays {
  days: number[];
  /** `d#n`: the nth, 1 to 5, such day of a month. */
  nth: { day: number; n: number }[];
  /** `dL`: the last such day of a month. */
  last: number[];
}

export interface CronRule {
  /** Names in small letters, L and W in capitals, single blanks; otherwise as written. */
  expression: string;
  /** All sorted and without repetition. */
  minutes: number[];
  hours: number[];
  months: number[];
  /** Null for exactly `*`. When neither is null, a day that either allows is due. */
  monthDays: MonthDays | null;
  weekDays: WeekDays | null;
  /** Neither minute nor hour has a wildcard or step: a person named clock times, not an interval. */
  fixedTime: boolean;
}

interface Field {
  name: string;
  low: number;
  high: number;
  /** Values that a star covers; a step may be no larger. */
  size: number;
  names?: string[];
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minute: Field = { name: 'minute', low: 0, high: 59, size: 60 };
const hour: Field = { name: 'hour', low: 0, high: 23, size: 24 };
const monthDay: Field = { name: 'day of the month', low: 1, high: 31, size: 31 };
const month: Field = { name: 'month', low: 1, high: 12, size: 12, names: monthNames };
/** Seven is Sunday too, but a star covers only seven days. */
const weekDay: Field = { name: 'weekday', low: 0, high: 7, size: 7, names: dayNames };

const nicknames: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** Whether the text is meant as cron, right or wrong, rather than as words. */
export function looksLikeCron(text: string): boolean {
  if (/[*?@#/]/.test(text)) return true;
  const item = `(\\d+w?|l(-\\d+)?|lw|h|${[...monthNames, ...dayNames].join('|')})l?`;
  const list = new RegExp(`^${item}(-${item})?(,${item}(-${item})?)*$`);
  return /^(\d|h\b)/.test(text) && text.split(/\s+/).every((field) => list.test(field));
}

/** `text` in lower case and trimmed; `written` is what messages repeat. Throws `input` naming `schedule`. */
export function readCron(text: string, written: string): CronRule {
  if (text.startsWith('@')) return readCron(nickname(text, written), written);
  const fields = text.split(/\s+/);
  if (fields.length !== 5)
    throw refused(
      written,
      `is not a schedule: it has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}, cron has five.`,
      'Write minute hour day month weekday, e.g. "0 3 * * *" for every day at 03:00.',
    );
  const [minutes = '', hours = '', days = '', months = '', weekdays = ''] = fields;
  const named = weekdays.replace(/(?<=^|,)(\d|[a-z]{3})l(?=$|,)/g, '$1L');
  return {
    expression: [minutes, hours, days.toUpperCase(), months, named].join(' '),
    minutes: numbers(minutes, minute, written),
    hours: numbers(hours, hour, written),
    monthDays: days === '*' ? null : readMonthDays(days, written),
    months: numbers(months, month, written),
    weekDays: weekdays === '*' ? null : readWeekDays(weekdays, written),
    fixedTime: !/[*/]/.test(minutes + hours),
  };
}

function nickname(text: string, written: string): string {
  const found = Object.hasOwn(nicknames, text) ? nicknames[text] : undefined;
  if (found) return found;
  if (text === '@reboot')
    throw refused(written, 'is not a time: a start of the machine is never due.', 'Name a time, e.g. "0 3 * * *".');
  if (text.startsWith('@every'))
    throw refused(written, 'is not known here.', 'Write the interval in words, e.g. "every 90 minutes".');
  throw refused(written, 'is not a schedule.', `Known are ${Object.keys(nicknames).join(', ')}.`);
}

function readMonthDays(text: string, written: string): MonthDays {
  const found: MonthDays = { dates: [], beforeLast: [], nearest: [], lastWorkday: false };
  for (const item of text.split(',')) {
    const special = /^(?:(lw)|l(?:-(\d{1,2}))?|(\d{1,2})w)$/.exec(item);
    const [, workday, before, near] = special ?? [];
    if (!special) found.dates.push(...itemNumbers(item, monthDay, written));
    else if (workday) found.lastWorkday = true;
    else if (near) found.nearest.push(inRange(Number(near), monthDay, item, written));
    else if (Number(before ?? 0) > 30) throw outOfRange(item, 'L-1 to L-30', monthDay, written);
    else found.beforeLast.push(Number(before ?? 0));
  }
  const { dates, beforeLast, nearest } = found;
  return { ...found, dates: sorted(dates), beforeLast: sorted(beforeLast), nearest: sorted(nearest) };
}

function readWeekDays(text: string, written: string): WeekDays {
  const found: WeekDays = { days: [], nth: [], last: [] };
  for (const item of text.split(',')) {
    const special = /^([0-9]|[a-z]{3})(?:#(\d+)|l)$/.exec(item);
    const [, name = '', count] = special ?? [];
    const day = special && numberFor(name, weekDay);
    if (day === null) found.days.push(...itemNumbers(item, weekDay, written));
    else if (count === undefined) found.last.push(inRange(day, weekDay, item, written) % 7);
    else if (Number(count) < 1 || Number(count) > 5) throw outOfRange(item, `${name}#1 to ${name}#5`, weekDay, written);
    else found.nth.push({ day: inRange(day, weekDay, item, written) % 7, n: Number(count) });
  }
  return { ...found, days: sorted(found.days.map((day) => day % 7)), last: sorted(found.last) };
}

function numbers(text: string, field: Field, written: string): number[] {
  return sorted(text.split(',').flatMap((item) => itemNumbers(item, field, written)));
}

/** `*`, `a`, `a-b`, and a step after `*` or a range. */
function itemNumbers(item: string, field: Field, written: string): number[] {
  const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item);
  const [, first, last, every] = match ?? [];
  const from = first === undefined ? field.low : numberFor(first, field);
  const to = last === undefined ? null : numberFor(last, field, from ?? 0);
  if (!match || from === null || (last !== undefined && to === null)) throw unknown(item, field, written);
  const by = Number(every ?? 1);
  if (by < 1 || by > field.size)
    throw refused(
      written,
      `has the step ${every} in the ${field.name}, which has ${field.size} values.`,
      `Choose a step from 1 to ${field.size}, or write in words e.g. "every 90 minutes".`,
    );
  if (first === undefined) return series(field.low, field.low + field.size - 1, by);
  inRange(from, field, item, written);
  if (last === undefined && every !== undefined)
    throw refused(
      written,
      `has a step without a range: "${item}".`,
      `Write "${first}-${field.low + field.size - 1}/${every}" or "*/${every}".`,
    );
  const end = inRange(to ?? from, field, item, written);
  if (end < from)
    throw refused(
      written,
      `has the range "${item}", which runs backwards.`,
      `Write it in two parts: "${first}-${field.names?.at(-1) ?? field.high},${field.names?.[0] ?? field.low}-${last}".`,
    );
  return series(from, end, by);
}

function numberFor(text: string, field: Field, from = 0): number | null {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  const index = field.names?.indexOf(text) ?? -1;
  if (index < 0) return null;
  // `fri-sun`: Sunday closes the week.
  return field === weekDay && index === 0 && from > 0 ? 7 : index + (field === month ? 1 : 0);
}

function inRange(value: number, field: Field, item: string, written: string): number {
  if (value >= field.low && value <= field.high) return value;
  throw outOfRange(item, `${field.low} to ${field.high}`, field, written);
}

function outOfRange(item: string, range: string, field: Field, written: string) {
  return refused(written, `is not a schedule: "${item}" is no ${field.name}.`, `Write ${range} there.`);
}

function unknown(item: string, field: Field, written: string) {
  const why = `is not a schedule: "${item}" is no ${field.name}.`;
  if (item === '?' || item.startsWith('h'))
    return refused(written, why, item === '?' ? 'Write * for any value.' : 'Write a number of your own choice.');
  const names = field.names ? `, or ${field.names.join(' ')}` : '';
  return refused(written, why, `Write ${field.low} to ${field.high}${names}, a list, a range, or */n there.`);
}

function series(from: number, to: number, by: number): number[] {
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => from + i * by);
}

function sorted(values: number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
