/** Shows a schedule back in words that say exactly when it is due. */
import cronstrue from 'cronstrue';
import type { Schedule } from '#contract/schedules.ts';
import type { CronRule } from './cron.ts';
import { localTime, minuteMs, type Zone } from './zone.ts';

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const monthNames = ['January', 'February', 'March', 'April', 'May', 'June', 'July'].concat(
  ...['August', 'September', 'October', 'November', 'December'],
);
const ordinals = ['', 'first', 'second', 'third', 'fourth', 'fifth'];
/** More clock times than this are not listed one by one. */
const mostTimes = 6;

export function inWords(schedule: Exclude<Schedule, { kind: 'cron' }>, zone: Zone): string {
  switch (schedule.kind) {
    case 'manual':
      return 'Only when you start it';
    case 'interval':
      return `Every ${lengthWords(schedule.everyMs)}, counted from ${clock(zone, schedule.anchor)}`;
    case 'calendar': {
      const unit = schedule.every === 1 ? schedule.unit : `${schedule.every} ${schedule.unit}s`;
      return `Every ${unit}${spacedDay(schedule)} at ${schedule.at}, counted from ${schedule.anchor}`;
    }
    case 'once': {
      const [date = '', time = ''] = localTime(zone, Date.parse(schedule.at)).split('T');
      return `Once, on ${weekday(date)} ${date} at ${time.replace(/(:00)?([+-].*)$/, '')}`;
    }
  }
}

/** The library's words where they are right, our own for days, steps and pairs of lists that it blurs. */
export function cronInWords(rule: CronRule): string {
  const [minute = '', hour = '', days = '', months = '', weekdays = ''] = rule.expression.split(' ');
  // Beside several minutes, `every 2 hours` or `at 01:00 and 03:00` would name one time an hour.
  const pairs = rule.minutes.length === 1 || (!/[,/]/.test(hour) && /[*-]/.test(minute + hour));
  const clearTimes = pairs && isPlain(minute, 60) && isPlain(hour, 24);
  const plainDays = /^(\*|[\d,-]+)$/.test(days) && /^(\*|[\w,-]+)$/.test(weekdays) && !/\dl|[a-z]l\b/.test(weekdays);
  const once = [days, months, weekdays].every((field) => isPlain(field, 1)) && !saysSundayTwice(rule, weekdays);
  if (clearTimes && plainDays && once && (days === '*' || weekdays === '*')) return library(rule.expression);
  const time = clearTimes ? library(`${minute} ${hour} * * *`) : timeWords(rule);
  return [time, dayWords(rule), monthWords(rule)].filter(Boolean).join(', ');
}

/**
 * Values, ranges of several, or a step that comes out even over `size` values: a fifth step of an hour is every five
 * hours only until midnight. Each is said once.
 */
function isPlain(field: string, size: number): boolean {
  const step = Number(/^\*\/(\d+)$/.exec(field)?.[1] ?? 0);
  if (step > 0) return step < size && size % step === 0;
  const items = field.split(',');
  return !field.includes('/') && new Set(items).size === items.length && !/\b(\w+)-\1\b/.test(field);
}

/** `0,7`: both are Sunday. */
function saysSundayTwice({ weekDays }: CronRule, weekdays: string): boolean {
  return !weekdays.includes('-') && weekdays.split(',').length > (weekDays?.days.length ?? 1);
}

function library(expression: string): string {
  return cronstrue.toString(expression, { use24HourTimeFormat: true, verbose: false });
}

function timeWords({ minutes, hours }: CronRule): string {
  const two = (value: number) => String(value).padStart(2, '0');
  if (minutes.length * hours.length <= mostTimes)
    return `At ${and(hours.flatMap((hour) => minutes.map((minute) => `${two(hour)}:${two(minute)}`)))}`;
  const past = minutes.length === 60 ? 'Every minute' : `At ${and(minutes.map((minute) => `:${two(minute)}`))}`;
  return hours.length === 24
    ? `${past} of every hour`
    : `${past} of the hour${hours.length === 1 ? '' : 's'} ${and(runs(hours))}`;
}

function dayWords({ monthDays, weekDays }: CronRule): string {
  const dates = monthDays && [
    ...(monthDays.dates.length > 0 ? [`day ${and(runs(monthDays.dates))}`] : []),
    ...monthDays.nearest.map((date) => `the weekday nearest to day ${date}`),
    ...monthDays.beforeLast.map((n) =>
      n === 0 ? 'the last day' : `the day ${n} ${n === 1 ? 'day' : 'days'} before the last`,
    ),
    ...(monthDays.lastWorkday ? ['the last weekday'] : []),
  ];
  const ofMonth = weekDays && [
    ...weekDays.nth.map(({ day, n }) => `the ${ordinals[n]} ${dayNames[day]}`),
    ...weekDays.last.map((day) => `the last ${dayNames[day]}`),
  ];
  const inMonth = [...(dates ?? []), ...(ofMonth ?? [])];
  const every =
    weekDays && weekDays.days.length > 0 ? `every ${and(weekDays.days.map((day) => dayNames[day] ?? ''))}` : '';
  const parts = [inMonth.length > 0 ? `on ${and(inMonth)} of the month` : '', every].filter(Boolean);
  return parts.join(', and also ');
}

function monthWords({ months }: CronRule): string {
  return months.length === 12 ? '' : `only in ${and(months.map((month) => monthNames[month - 1] ?? ''))}`;
}

function spacedDay({ unit, anchor }: Extract<Schedule, { kind: 'calendar' }>): string {
  const date = Number(anchor.slice(8));
  if (unit === 'month') return ` on day ${date}${date > 28 ? ' (or the last one)' : ''}`;
  return unit === 'week' ? ` on ${weekday(anchor)}` : '';
}

function lengthWords(ms: number): string {
  const sizes: [number, string][] = [
    [60 * minuteMs, 'hour'],
    [minuteMs, 'minute'],
    [1000, 'second'],
  ];
  const [size, name] = sizes.find(([each]) => ms % each === 0) ?? [1, 'millisecond'];
  return ms === size ? name : `${ms / size} ${name}s`;
}

function clock(zone: Zone, instant: string): string {
  return localTime(zone, Date.parse(instant)).slice(0, 16).replace('T', ' ');
}

function weekday(date: string): string {
  return dayNames[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? '';
}

/** Three and more in a row as `1 to 5`. */
function runs(values: number[]): string[] {
  const all: number[][] = [];
  for (const value of values) {
    const run = all.at(-1);
    if (run?.at(-1) === value - 1) run.push(value);
    else all.push([value]);
  }
  return all.flatMap((run) => (run.length < 3 ? run.map(String) : [`${run[0]} to ${run.at(-1)}`]));
}

function and(items: string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
