/** Reads five cron fields into lists of numbers; what it cannot read becomes "any", never an error. */

/** Sorted values, or null for "any value". */
export type Field = number[] | null;

export interface CronFields {
  minutes: Field;
  hours: Field;
  days: Field;
  months: Field;
  /** 0 is Sunday. */
  weekdays: Field;
  /** Both day fields say something: the day matches when either does, as croner counts it. */
  eitherDay: boolean;
  /** Neither minute nor hour holds a star or a step: a person named clock times, not an interval. */
  fixedTime: boolean;
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Any text goes in; the instants of the result contain those of the cron line. */
export function cronFields(cron: string): CronFields {
  const parts = cron.trim().split(/\s+/);
  const [minute = '*', hour = '*', day = '*', month = '*', weekday = '*'] = parts.length === 5 ? parts : [];
  const days = field(day, 1, 31);
  // Seven is Sunday too, but a step from a star counts only seven days.
  const weekdays = field(weekday, 0, weekday.includes('*') ? 6 : 7, dayNames);
  const eitherDay = !isStar(day) && !isStar(weekday);
  // "Either" with one side unreadable may be any day at all.
  const open = eitherDay && (days === null || weekdays === null);
  return {
    minutes: field(minute, 0, 59),
    hours: field(hour, 0, 23),
    days: open ? null : days,
    months: field(month, 1, 12, monthNames),
    weekdays: open ? null : weekdays && sorted(weekdays.map((value) => value % 7)),
    eitherDay: eitherDay && !open,
    fixedTime: !/[*/?]/.test(minute + hour),
  };
}

const isStar = (text: string) => text === '*' || text === '?';

interface Bounds {
  low: number;
  high: number;
  names: string[];
}

function field(text: string, low: number, high: number, names: string[] = []): Field {
  if (isStar(text)) return null;
  const items = text.split(',').map((item) => itemValues(item, { low, high, names }));
  return items.some((values) => values === null) ? null : sorted(items.flatMap((values) => values ?? []));
}

/** `*`, `a`, `a-b`, each also with `/step`; null for anything else. */
function itemValues(item: string, bounds: Bounds): number[] | null {
  const match = /^(?:[*?]|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item);
  if (!match) return null;
  const [, first, last, every] = match;
  const from = first === undefined ? bounds.low : numberOf(first, bounds);
  const by = Number(every ?? 1);
  if (from === null || by < 1) return null;
  const open = first === undefined || (last === undefined && every !== undefined);
  const to = open ? bounds.high : last === undefined ? from : numberOf(last, bounds, from);
  if (to === null || from < bounds.low || to > bounds.high || from > to) return null;
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => from + i * by);
}

function numberOf(text: string, { low, names }: Bounds, from = 0): number | null {
  if (/^\d+$/.test(text)) return Number(text);
  const index = names.indexOf(text.toLowerCase());
  if (index < 0) return null;
  // `fri-sun`: Sunday closes the week.
  return names === dayNames && index === 0 && from > 0 ? 7 : index + low;
}

function sorted(values: number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
