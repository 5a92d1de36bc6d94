/** `tomorrow at 7`, `in 2 hours`, `at 2026-11-21T07:00`: one instant, counted from the present where the words say so. */
import { weekdayOf } from './cron-days.ts';
import { refused } from './refuse.ts';
import type { Clauses } from './word-clauses.ts';
import type { Moment } from './word-names.ts';
import type { Meaning, Setting } from './word-setting.ts';
import { dayMs, localTime, minuteMs, type Zone } from './zone.ts';

/** Null when the words name no single instant. */
export function onceAt(clauses: Clauses, setting: Setting): Meaning | null {
  const { times, ahead, nextWeekday, on, after, ...others } = clauses;
  if (Object.keys(others).length > 0 || (times && times.length !== 1)) return null;
  if ([ahead, nextWeekday, on, after].filter((each) => each !== undefined).length !== 1) return null;
  const time = times?.[0] === undefined ? null : times[0] * minuteMs;
  return on ? absolute(on, time, setting.zone) : counted({ ahead, nextWeekday, after }, time, setting);
}

/** Counted from the present; `time` in milliseconds of the day. */
function counted({ ahead, nextWeekday, after }: Clauses, time: number | null, setting: Setting): Meaning | null {
  const now = present(setting);
  const today = Math.floor((now + setting.zone.offset(now)) / dayMs);
  if (after && (after.unit === 'minute' || after.unit === 'hour')) {
    if (time !== null || after.n < 1) return null;
    return meaning(now + after.n * (after.unit === 'hour' ? 60 : 1) * minuteMs, setting);
  }
  if (time === null || (after && after.unit !== 'day' && after.unit !== 'week')) return null;
  const days = after ? after.n * (after.unit === 'week' ? 7 : 1) : (ahead ?? until(nextWeekday ?? 0, today));
  const at = setting.zone.first((today + days) * dayMs + time);
  if (at > now) return meaning(at, setting);
  throw refused(setting.written, 'is over already.', 'Write "tomorrow at …" or a later time.');
}

/** Instants are written with four digits for the year. */
const latest = Date.UTC(9000, 0);

/** Whole seconds: no clock that wakes a machine knows less. */
function meaning(at: number, { written }: Setting): Meaning {
  if (at >= latest) throw refused(written, 'is too far ahead.', 'Choose a time in this century.');
  return { schedule: { kind: 'once', at: new Date(Math.ceil(at / 1000) * 1000).toISOString() }, relative: true };
}

function absolute(on: Moment, given: number | null, zone: Zone): Meaning | null {
  if ((on.time === null) === (given === null)) return null;
  return {
    schedule: { kind: 'once', at: new Date(instantOf({ ...on, time: on.time ?? given }, zone)).toISOString() },
    relative: false,
  };
}

/** The instant of a moment; a day alone is its beginning, and a local time in a gap comes right after it. */
export function instantOf({ date, time, offset }: Moment, zone: Zone): number {
  const local = Date.parse(`${date}T00:00:00Z`) + (time ?? 0);
  return offset === null ? zone.first(local) : local - offset;
}

/** Days from `today` to the next such weekday, never today itself. */
function until(weekday: number, today: number): number {
  return ((weekday - weekdayOf(today) + 6) % 7) + 1;
}

function present({ now, written, zone }: Setting): number {
  if (now !== undefined) return now;
  throw refused(
    written,
    'counts from the moment it is written, so it means nothing later.',
    `Write the date and time, e.g. "at ${localTime(zone, Date.UTC(2027, 0, 4, 12)).slice(0, 16)}".`,
  );
}
