/** Takes a schedule in plain words apart into clauses; what a clause means is decided in word-meaning.ts. */
import { type Cursor, cursorOver, several } from './word-cursor.ts';
import {
  clockTime,
  count,
  type Moment,
  moment,
  monthName,
  ordinal,
  type Unit,
  unitName,
  weekdayName,
} from './word-names.ts';

/** What was said; absent is what was not. Each may be said once. */
export interface Clauses {
  /** Minutes of the day. */
  times?: number[];
  /** `:20` in `every hour at :20`. */
  pastHour?: number;
  /** `every 15 minutes`, `daily`, `every 2 weeks`. */
  every?: { n: number; unit: Unit };
  /** Any day, said as `every day`, `daily`, `nightly`. */
  anyDay?: true;
  /** Items of cron's weekday field. */
  weekDays?: string[];
  /** Said so that it can only mean every such day: `mondays`, `every monday`, `monday to friday`. */
  repeated?: true;
  /** Items of cron's field for days of the month. */
  monthDays?: string[];
  /** The words need `of the month` or months to mean anything. */
  needsMonth?: true;
  /** A date with a month could be this year's only: it needs `every` or `yearly`. */
  needsYear?: true;
  /** `of the month`, `monthly`, `of every month`. */
  monthly?: true;
  months?: number[];
  yearly?: true;
  /** `between 9 and 17`, minutes of the day. */
  window?: { from: number; to: number };
  anchor?: Moment;
  /** Days from today, for `today` and `tomorrow`. */
  ahead?: number;
  /** `next monday`, 0 for Sunday. */
  nextWeekday?: number;
  on?: Moment;
  /** `in 2 hours`. */
  after?: { n: number; unit: Unit };
}

type Reader = (cursor: Cursor) => Clauses | null;

/** Longer forms come first: the first reader that finds its words wins. */
const readers: Reader[] = [pastHour, at, span, anchor, dates, everyCount, named, once, weekDays, ofMonths, bareTimes];

/** Null when a word is left over or something is said twice. `text`: in lower case. */
export function readClauses(text: string): Clauses | null {
  const cursor = cursorOver(text);
  let all: Clauses = {};
  while (!cursor.done()) {
    if (cursor.take(',')) continue;
    let found: Clauses | null = null;
    for (const reader of readers) {
      found = cursor.attempt(() => reader(cursor));
      if (found) break;
    }
    if (!found || twice(all, found)) return null;
    all = { ...all, ...found };
  }
  return all;
}

/** `every` and `repeated` may come along with more than one clause. */
function twice(all: Clauses, found: Clauses): boolean {
  return Object.keys(found).some((key) => key in all && key !== 'repeated');
}

/** `at :20`, `at minute 20`, `20 past`, `20 minutes past the hour`. */
function pastHour(cursor: Cursor): Clauses | null {
  cursor.skip('at');
  const found = cursor.match(/^:([0-5]\d)$/) ?? (cursor.take('minute') ? cursor.match(/^([0-5]?\d)$/) : null);
  if (found) return { pastHour: Number(found[1]) };
  const minute = cursor.match(/^([0-5]?\d)$/);
  if (!minute || !cursor.skip('minutes').take('past')) return null;
  cursor.take('the|every', 'hour');
  return { pastHour: Number(minute[1]) };
}

function at(cursor: Cursor): Clauses | null {
  if (!cursor.take('at|@')) return null;
  const day = moment(cursor);
  if (day) return { on: day };
  const times = several(cursor, () => clockTime(cursor.skip('at'), true));
  return times && { times };
}

function bareTimes(cursor: Cursor): Clauses | null {
  const times = several(cursor, () => clockTime(cursor, false));
  return times && { times };
}

/** `between 9 and 17`, `from 9 to 17`. */
function span(cursor: Cursor): Clauses | null {
  const between = cursor.take('between');
  if (!between && !cursor.take('from')) return null;
  const from = clockTime(cursor, true);
  const joined = between ? cursor.take('and') : cursor.take('to|until|till');
  const to = clockTime(cursor, true);
  return from !== null && joined && to !== null ? { window: { from, to } } : null;
}

function anchor(cursor: Cursor): Clauses | null {
  if (!cursor.take('from') && !cursor.take('starting', 'on|from|at') && !cursor.take('starting')) return null;
  const found = moment(cursor);
  const time = found?.time === null ? clockTime(cursor, false) : null;
  return found && { anchor: time === null ? found : { ...found, time: time * 60_000 } };
}

/** `every 15 minutes`, `every other week`, `every hour`, `every half hour`. */
function everyCount(cursor: Cursor): Clauses | null {
  if (!cursor.take('every|each')) return null;
  if (cursor.take('half', 'hour')) return { every: { n: 30, unit: 'minute' } };
  if (cursor.take('other')) {
    const unit = unitName(cursor);
    const weekday = unit ? null : weekdayName(cursor);
    if (unit) return { every: { n: 2, unit } };
    return weekday && { every: { n: 2, unit: 'week' }, weekDays: [String(weekday.day)], repeated: true };
  }
  const joined = joinedCount(cursor);
  if (joined) return { every: joined };
  const n = count(cursor);
  const unit = unitName(cursor);
  if (!unit) return n === null && cursor.take('year') ? { yearly: true } : null;
  if (n === null && unit === 'day') return { anyDay: true };
  if (n === null && unit === 'month') return { monthly: true };
  return { every: { n: n ?? 1, unit } };
}

/** `15m`, `90s`, `2h`. */
function joinedCount(cursor: Cursor): { n: number; unit: Unit } | null {
  const found = cursor.match(/^(\d{1,6})(s|m|min|h)$/);
  if (!found) return null;
  return { n: Number(found[1]), unit: found[2] === 'h' ? 'hour' : found[2] === 's' ? 'second' : 'minute' };
}

function named(cursor: Cursor): Clauses | null {
  if (cursor.take('daily|nightly') || cursor.take('every|each', 'night')) return { anyDay: true };
  if (cursor.take('hourly')) return { every: { n: 1, unit: 'hour' } };
  if (cursor.take('weekly')) return { every: { n: 1, unit: 'week' } };
  if (cursor.take('monthly')) return { monthly: true };
  return cursor.take('yearly|annually') ? { yearly: true } : null;
}

function once(cursor: Cursor): Clauses | null {
  if (cursor.take('today')) return { ahead: 0 };
  if (cursor.take('tomorrow')) return { ahead: 1 };
  if (cursor.take('next')) {
    const weekday = weekdayName(cursor);
    return weekday && !weekday.many ? { nextWeekday: weekday.day } : null;
  }
  if (cursor.take('in')) {
    const joined = joinedCount(cursor);
    if (joined) return { after: joined };
    const n = cursor.take('a|an') ? 1 : count(cursor);
    const unit = unitName(cursor);
    return n !== null && unit ? { after: { n, unit } } : null;
  }
  cursor.take('on|once');
  cursor.take('on|at');
  const day = moment(cursor);
  return day && { on: day };
}

/** Days of a month: `the 1st and 15th`, `first monday`, `last day`, `25 december`. */
function dates(cursor: Cursor): Clauses | null {
  const prefix = lead(cursor);
  const before = cursor.attempt(() => {
    const n = count(cursor);
    const end = () => cursor.skip('the').take('end') || cursor.take('last', 'day');
    if (n === null || n > 30 || !cursor.take('day|days', 'before') || !end()) return null;
    return { monthDays: [`L-${n}`], needsMonth: true as const };
  });
  if (before) return before;
  const near = cursor.attempt(() => {
    if (!cursor.take('weekday', 'nearest')) return null;
    cursor.take('to');
    cursor.take('the');
    const date = ordinal(cursor);
    return date ? { monthDays: [`${date}W`] } : null;
  });
  if (near) return near;
  const found = several(cursor, () => ordinal(cursor.skip('the')));
  if (found) return ordinalDays(cursor, found, prefix.every);
  return cursor.attempt(() => {
    const date = Number(cursor.match(/^\d{1,2}$/)?.[0] ?? 0);
    const month = monthName(cursor);
    if (date < 1 || date > 31 || month === null) return null;
    return {
      monthDays: [String(date)],
      months: [month],
      ...(prefix.every ? { yearly: true as const } : { needsYear: true as const }),
    };
  });
}

function ordinalDays(cursor: Cursor, found: number[], every: boolean): Clauses | null {
  const weekday = weekdayName(cursor);
  if (weekday) {
    if (found.some((n) => n > 5)) return null;
    return { weekDays: found.map((n) => (n === 0 ? `${weekday.day}L` : `${weekday.day}#${n}`)), needsMonth: true };
  }
  if (cursor.take('weekday') || cursor.take('working|business', 'day') || cursor.take('workday')) {
    const items = found.map((n) => ({ 0: 'LW', 1: '1W' })[n]);
    return items.every((item) => item !== undefined) ? { monthDays: items, needsMonth: true } : null;
  }
  const day = cursor.take('day|days');
  if (!day && (found.includes(0) || (every && cursor.peek() !== 'of'))) return null;
  // `every second day` counts days, it does not name the second of a month.
  return { monthDays: found.map((n) => (n === 0 ? 'L' : String(n))), ...(day && { needsMonth: true as const }) };
}

/** `mondays`, `every weekday`, `monday to friday`, `mon, wed and fri`. */
function weekDays(cursor: Cursor): Clauses | null {
  const { every } = lead(cursor);
  const found = several(cursor, () => weekdayItem(cursor));
  if (!found) return null;
  const repeated = every || found.length > 1 || found.some((item) => item.many);
  const items = found.flatMap((item) => item.items);
  return { weekDays: items, ...(repeated && { repeated: true as const }) };
}

function weekdayItem(cursor: Cursor): { items: string[]; many: boolean } | null {
  if (cursor.take('weekday|weekdays|workday|workdays') || cursor.take('working|business', 'day|days'))
    return { items: ['1-5'], many: true };
  if (cursor.take('weekend|weekends')) return { items: ['6', '0'], many: true };
  const joined = /^([a-z]+)-([a-z]+)$/.exec(cursor.peek());
  const range = joined ? cursor.attempt(() => (cursor.match(/./) ? joinedRange(joined) : null)) : null;
  if (range) return range;
  const first = weekdayName(cursor);
  if (!first) return null;
  const last = cursor.attempt(() => (cursor.take('to|through|until') ? weekdayName(cursor) : null));
  return last ? { items: run(first.day, last.day), many: true } : { items: [String(first.day)], many: first.many };
}

function joinedRange([, from = '', to = '']: RegExpExecArray): { items: string[]; many: boolean } | null {
  const [first, last] = [weekdayName(cursorOver(from)), weekdayName(cursorOver(to))];
  return first && last ? { items: run(first.day, last.day), many: true } : null;
}

/** The days from one to the other, over Saturday night if need be: in words that is clear. */
function run(first: number, last: number): string[] {
  if (first <= last) return [first === last ? String(first) : `${first}-${last}`];
  return Array.from({ length: 7 - first + last + 1 }, (_, i) => String((first + i) % 7));
}

/** `of the month`, `of every month`, `in march`, `of january and july`. */
function ofMonths(cursor: Cursor): Clauses | null {
  if (!cursor.take('of|in')) return null;
  if (cursor.take('the|every|each|a', 'month')) return { monthly: true };
  const months = several(cursor, () => monthName(cursor));
  return months && { months };
}

/** Words that lead to days: whether they say that it is always so. */
function lead(cursor: Cursor): { every: boolean } {
  cursor.take('on');
  const every = cursor.take('every|each');
  cursor.take('the');
  return { every };
}
