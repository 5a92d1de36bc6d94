/** Reads from the words of a refusal when its limit lifts, in the ways in which such accounts have been heard to say it. */

/**
 * Milliseconds from `now`; below 0: it has lifted. Null: the words do not say. `Usage limit reached|1763701200`,
 * `resets at 2026-11-21T03:00:00Z`, `resets 3am (Europe/Berlin)`, `will reset at Oct 6, 6pm`, `resets in 2 hours 5 minutes`,
 * `try again in 90 seconds`.
 */
export function liftsInWords(message: string, now: number): number | null {
  const epoch = /limit reached\|(\d{10})\b/i.exec(message)?.[1];
  if (epoch) return Number(epoch) * 1000 - now;
  const iso = /\bresets? (?:at |on )?(\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*(?:Z|[+-]\d\d:\d\d))/i.exec(message)?.[1];
  if (iso) return Number.isFinite(Date.parse(iso)) ? Date.parse(iso) - now : null;
  return inSoLong(message) ?? atTheClock(message, now);
}

/** Milliseconds of each unit, by its first letter. */
const units: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 };
const amount = String.raw`(?:\d{1,6}(?:\.\d+)? ?(?:days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\b)`;
const soLong = new RegExp(
  String.raw`\b(?:resets?|try again|retry|available again) (?:in|after) (${amount}(?:,? (?:and )?${amount})*)`,
  'i',
);

function inSoLong(message: string): number | null {
  const [, words] = soLong.exec(message) ?? [];
  if (!words) return null;
  const parts = [...words.matchAll(/(\d+(?:\.\d+)?) ?([dhms])/gi)];
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (units[unit.toLowerCase()] ?? 0), 0);
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const oneOf = (names: string[]) => `(${names.join('|')})[a-z]*\\.?`;
const clock = new RegExp(
  String.raw`\bresets? (?:at |on )?(?:${oneOf(days)},? (?:at )?)?(?:${oneOf(months)} (\d{1,2})(?:st|nd|rd|th)?,? (?:at )?)?(\d{1,2})(?::(\d\d))? ?([ap]m)(?: \(([A-Za-z_/+-]+)\))?`,
  'i',
);

/** A change of the clocks in between makes it an hour more or less; then it is asked again, or was waited for longer. */
function atTheClock(message: string, now: number): number | null {
  const [, weekday, month, date, hour, minute = '0', half, zone] = clock.exec(message) ?? [];
  if (!hour || !half) return null;
  const wanted = ((Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)) * 60 + Number(minute);
  const here = localNow(now, zone);
  if (here === null) return null;
  const later = wanted - here.minute;
  if (month && date)
    return (daysUntil(here, months.indexOf(month.toLowerCase()), Number(date)) * 1440 + later) * 60_000;
  const week = weekday ? days.indexOf(weekday.toLowerCase()) - new Date(here.midnight).getUTCDay() : null;
  const turn = week === null ? 1440 : 7 * 1440;
  return (((((week ?? 0) * 1440 + later) % turn) + turn) % turn) * 60_000;
}

interface LocalNow {
  /** Of the day there, as if it were one of UTC; milliseconds since the epoch. */
  midnight: number;
  /** Of that day. */
  minute: number;
}

/** That day of this year, or of the next one where it is long past. `month` from 0. */
function daysUntil({ midnight }: LocalNow, month: number, date: number): number {
  const year = new Date(midnight).getUTCFullYear();
  const inYear = (which: number) => (Date.UTC(which, month, date) - midnight) / 86_400_000;
  return inYear(year) < -180 ? inYear(year + 1) : inYear(year);
}

/** Null: there is no such zone. Without one it is this machine's. */
function localNow(now: number, timeZone: string | undefined): LocalNow | null {
  try {
    const day = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
    const time = { hour: 'numeric', minute: 'numeric', hourCycle: 'h23' } as const;
    const parts = new Intl.DateTimeFormat('en-GB', {
      ...day,
      ...time,
      ...(timeZone ? { timeZone } : {}),
    }).formatToParts(now);
    const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
    return { midnight: Date.UTC(of('year'), of('month') - 1, of('day')), minute: of('hour') * 60 + of('minute') };
  } catch {
    return null;
  }
}
