/** An independent calculator that is slow and plain: it looks at every minute, as the runtime's clocks show it. */

const minute = 60_000;
const day = 86_400_000;
const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** What the local clock shows at each step of a stretch of time, as UTC would show it. */
export interface Clocks {
  /** Milliseconds from one look to the next: a minute, or an hour where only full hours matter. */
  step: number;
  from: number;
  to: number;
  /** Local clock after `index` steps. */
  local: number[];
}

/** Asks the runtime once every `grain` steps; today's zones change on quarters of an hour only. */
export function clocks(timeZone: string, from: number, to: number, grain: number, step = minute): Clocks {
  const offset = offsets(timeZone);
  const local: number[] = [];
  let away = 0;
  for (let at = from; at <= to; at += step) {
    if (local.length % grain === 0) away = offset(at);
    local.push(at + away);
  }
  return { step, from, to, local };
}

/** Local clock minus UTC, milliseconds. */
export function offsets(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (instant) => Date.parse(`${format.format(instant).replace(' ', 'T')}Z`) - instant;
}

/** Due instants in (after, to], where `after` lies a day or more behind the beginning of the clocks. */
export function due(expression: string, { step, from, to, local }: Clocks, after: number): number[] {
  const [minutes = '', hours = ''] = expression.split(' ');
  const matches = matcher(expression);
  const fixed = !/[*/]/.test(minutes + hours);
  const seen = new Set<number>();
  const found: number[] = [];
  for (const [index, shown] of local.entries()) {
    const at = from + index * step;
    const before = local[index - 1] ?? shown - step;
    let wanted = matches(shown) && !(fixed && seen.has(shown));
    if (fixed)
      for (let lost = before + step; lost < shown; lost += step)
        if (matches(lost) && !wholeDayLost(before, shown, lost)) wanted = true;
    if (wanted) seen.add(shown);
    if (wanted && at > after && at <= to) found.push(at);
  }
  return found;
}

function wholeDayLost(before: number, shown: number, lost: number): boolean {
  const start = Math.floor(lost / day) * day;
  return before < start && shown >= start + day;
}

function matcher(expression: string): (local: number) => boolean {
  const [minutes = '', hours = '', days = '', months = '', weekdays = ''] = expression.toLowerCase().split(' ');
  const minuteSet = values(minutes, 0, 59, []);
  const hourSet = values(hours, 0, 23, []);
  const monthSet = values(months, 1, 12, ['', ...monthNames]);
  const known = new Map<number, boolean>();
  const dayMatches = (date: Date) => {
    if (!monthSet.has(date.getUTCMonth() + 1)) return false;
    if (days === '*' && weekdays === '*') return true;
    const byDate = days !== '*' && days.split(',').some((item) => isMonthDay(item, date));
    const byWeekday = weekdays !== '*' && weekdays.split(',').some((item) => isWeekday(item, date));
    return byDate || byWeekday;
  };
  return (local) => {
    const clock = (((local % day) + day) % day) / minute;
    if (!minuteSet.has(Math.floor(clock) % 60) || !hourSet.has(Math.floor(clock / 60))) return false;
    const key = Math.floor(local / day);
    const answer = known.get(key) ?? dayMatches(new Date(local));
    known.set(key, answer);
    return answer;
  };
}

function values(text: string, low: number, high: number, words: string[]): Set<number> {
  const number = (item: string) => (words.includes(item) ? words.indexOf(item) : Number(item));
  const found = new Set<number>();
  for (const item of text.split(',')) {
    const [range = '', step = '1'] = item.split('/');
    const [first, last = first] = range === '*' ? [String(low), String(high)] : range.split('-');
    for (let value = number(first ?? ''); value <= number(last ?? ''); value += Number(step)) found.add(value);
  }
  return found;
}

const shifted = (date: Date, days: number) => new Date(date.getTime() + days * day);
const lastOf = (date: Date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0));
const isWorkday = (date: Date) => date.getUTCDay() !== 0 && date.getUTCDay() !== 6;

function isMonthDay(item: string, date: Date): boolean {
  const today = date.getUTCDate();
  if (item === 'l') return today === lastOf(date).getUTCDate();
  if (item === 'lw') return isWorkday(date) && nextWorkday(date).getUTCMonth() !== date.getUTCMonth();
  if (item.startsWith('l-')) return today === lastOf(date).getUTCDate() - Number(item.slice(2));
  if (item.endsWith('w')) return isWorkday(date) && nearestTo(Number(item.slice(0, -1)), date) === today;
  return values(item, 1, 31, []).has(today);
}

function nextWorkday(date: Date): Date {
  let next = shifted(date, 1);
  while (!isWorkday(next)) next = shifted(next, 1);
  return next;
}

/** The working day of the month with the least distance; no two lie equally far, a weekend being two days long. */
function nearestTo(wanted: number, date: Date): number {
  const last = lastOf(date).getUTCDate();
  if (wanted > last) return 0;
  const month = Array.from({ length: last }, (_, i) => shifted(date, i + 1 - date.getUTCDate()));
  const near = month.filter(isWorkday).map((each) => each.getUTCDate());
  return near.sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0] ?? 0;
}

function isWeekday(item: string, date: Date): boolean {
  const number = (name: string) => (names.includes(name) ? names.indexOf(name) : Number(name)) % 7;
  const [name = '', nth] = item.split('#');
  if (nth !== undefined) return date.getUTCDay() === number(name) && Math.ceil(date.getUTCDate() / 7) === Number(nth);
  if (/^(\d|[a-z]{3})l$/.test(item))
    return date.getUTCDay() === number(item.slice(0, -1)) && shifted(date, 7).getUTCMonth() !== date.getUTCMonth();
  const sundays = item.replace(/-sun/, '-7');
  const set = values(sundays, 0, 6, names);
  return set.has(date.getUTCDay()) || (date.getUTCDay() === 0 && set.has(7));
}
