/** What clauses mean together; a combination that could mean two things, or none, is not understood. */
import type { Schedule } from '#contract/schedules.ts';
import { everyFew } from './meaning-every.ts';
import { onceAt } from './meaning-once.ts';
import { refused } from './refuse.ts';
import { type Clauses, readClauses } from './word-clauses.ts';
import type { Meaning, Setting } from './word-setting.ts';

/** `text` in lower case. Throws `input` naming `schedule` for what is not understood. */
export function readWords(text: string, setting: Setting): Meaning {
  const clauses = readClauses(text);
  const once = clauses && onceAt(clauses, setting);
  if (once) return once;
  const schedule = clauses && (everyFew(counted(clauses), setting) ?? onDays(clauses, setting));
  if (schedule) return { schedule, relative: false };
  throw refused(setting.written, hint(clauses));
}

/** `every day … from 2026-12-01` counts from a day, like every two days do. */
function counted(clauses: Clauses): Clauses {
  const { anyDay, monthly, ...others } = clauses;
  if (!clauses.anchor || clauses.every || (!anyDay && !monthly)) return clauses;
  return { ...others, every: { n: 1, unit: anyDay ? 'day' : 'month' } };
}

function hint(clauses: Clauses | null): string {
  if (!clauses) return 'is not understood.';
  const days = clauses.weekDays ?? clauses.monthDays ?? clauses.anyDay;
  const byClock = clauses.every && !/day|week|month/.test(clauses.every.unit);
  if ((days || clauses.every) && !byClock && !clauses.times && !clauses.anchor?.time)
    return 'does not say at what time.';
  if (clauses.weekDays?.length === 1 && !clauses.repeated && !clauses.needsMonth)
    return 'could mean once or every week: write "every …" or "next …".';
  if (clauses.needsYear) return 'could mean once or every year: write "every year on …", or the date as 2026-12-25.';
  if (clauses.times && Object.keys(clauses).length === 1) return 'does not say on which days.';
  return 'is not understood.';
}

/** Clock times on named days: always a cron expression. */
function onDays(clauses: Clauses, { written }: Setting): Schedule | null {
  const { times, every, weekDays, monthDays, months, window, anchor, pastHour } = clauses;
  if (!times || window || anchor || pastHour !== undefined) return null;
  // `weekly on monday`, `every 1 day`; whatever counts further was read before.
  if (every && (every.n !== 1 || (every.unit !== 'week' && every.unit !== 'day'))) return null;
  const any = Boolean(clauses.anyDay) || every?.unit === 'day';
  if ([any, weekDays, monthDays].filter(Boolean).length !== 1) return null;
  if (!saysWhichDays(clauses) || !saysWhichMonths(clauses, any)) return null;
  const [minute, hour] = clockFields(times, written);
  const field = (items: (string | number)[] | undefined) => (items ? items.join(',') : '*');
  return { kind: 'cron', expression: [minute, hour, field(monthDays), field(months), field(weekDays)].join(' ') };
}

/** `monday` alone could be the next one only; the first monday of a month counts as every such day. */
function saysWhichDays({ every, weekDays, repeated, needsMonth }: Clauses): boolean {
  if (every?.unit === 'week') return weekDays !== undefined && !needsMonth;
  return !weekDays || Boolean(needsMonth || repeated);
}

function saysWhichMonths(clauses: Clauses, any: boolean): boolean {
  const { monthly, months, yearly, weekDays, monthDays, needsMonth, needsYear } = clauses;
  if (monthly && (months || yearly || any || (weekDays && !needsMonth))) return false;
  if (needsMonth && !monthly && !months) return false;
  return yearly ? Boolean(months && monthDays) : !needsYear;
}

/** Cron pairs each minute with each hour, so that not every list of times can be said. */
function clockFields(times: number[], written: string): [minute: string, hour: string] {
  const wanted = new Set(times);
  const unique = (values: number[]) => [...new Set(values)].sort((a, b) => a - b);
  const [minutes, hours] = [unique(times.map((time) => time % 60)), unique(times.map((time) => Math.floor(time / 60)))];
  if (minutes.length * hours.length === wanted.size) return [minutes.join(','), hours.join(',')];
  throw refused(
    written,
    'has clock times that one schedule cannot hold together.',
    'Use the same minutes for all hours, e.g. "every day at 9:30 and 17:30", or one routine for each time.',
  );
}
