/** The one calculator of due instants. Preview, ledger and OS plans all ask here. */
import { Fault } from '#contract/faults.ts';
import type { Schedule } from '#contract/schedules.ts';
import { type CronRule, looksLikeCron, readCron } from './cron.ts';
import { everFires } from './cron-days.ts';
import type { Fires } from './fires.ts';
import { cronInWords, inWords } from './own-words.ts';
import { examples, refused } from './refuse.ts';
import { firesOf } from './schedule-fires.ts';
import { readWords } from './word-meaning.ts';
import { openZone, type Zone } from './zone.ts';

/** Ready-made schedules by name. `manual` never fires by itself. */
const presets: Readonly<Record<string, string>> = {
  hourly: '0 * * * *',
  nightly: '0 3 * * *',
  daily: '0 9 * * *',
  weekdays: '0 9 * * 1-5',
  weekly: '0 9 * * 1',
  noon: '0 12 * * *',
  midnight: '0 0 * * *',
};
const longest = 200;

export interface Calendar extends Fires {
  schedule: Schedule;
  /** The shortest exact spelling: read again, at any time, it gives the same instants. */
  canonical: string;
  /** What to write down: the person's own spelling, or the canonical one where their words hold only now (`in 2 hours`). */
  kept: string;
  /** e.g. `At 03:00`, `Every 90 minutes, counted from 2026-01-01 00:00`. */
  readonly words: string;
  /** Five cron fields, or null for a schedule that is no cron. */
  cron: string | null;
}

/**
 * Reads a schedule in a zone: five cron fields or `@daily` and the like, a preset, or plain words.
 *
 * A clock time that a change of clocks skips is due at the first instant after the gap, and one that comes twice is due
 * once, the first time; a day that a zone leaves out whole is left out. With a wildcard or step in minute or hour, real
 * time counts: nothing for skipped times, both passes of a repeated hour. Intervals and single instants know no clocks.
 *
 * `now`, in milliseconds since the epoch, is what `tomorrow` and `in 2 hours` count from; without it they are refused,
 * for they would mean something else at each reading. Throws `input` naming `schedule` or `timeZone`.
 */
export function readSchedule(schedule: string, timeZone: string, now?: number): Calendar {
  const zone = openZone(timeZone);
  const written = schedule.trim();
  checkText(written);
  const text = written.toLowerCase().replace(/\s+/g, ' ');
  if (text === 'manual') return calendar({ kind: 'manual' }, zone, { written, relative: false });
  const cron = Object.hasOwn(presets, text) ? presets[text] : looksLikeCron(text) ? text : undefined;
  if (cron !== undefined) return cronCalendar(cron, zone, written);
  const { schedule: meant, relative } = readWords(text, { zone, now, written });
  return meant.kind === 'cron'
    ? cronCalendar(meant.expression, zone, written)
    : calendar(meant, zone, { written, relative });
}

/** Throws `input` for a single instant that is not after `now`: to be asked when a schedule is saved, not when it is read. */
export function requireAhead({ schedule, kept }: Calendar, now: number): void {
  if (schedule.kind === 'once' && Date.parse(schedule.at) <= now)
    throw refused(kept, 'is in the past.', 'Choose an instant ahead, e.g. "tomorrow at 7" or "in 2 hours".');
}

function checkText(written: string): void {
  if (written === '') throw new Fault('input', 'The schedule is empty.', { field: 'schedule', cure: examples });
  if (written.length > longest)
    throw refused(
      `${written.slice(0, 20)}…`,
      `is longer than ${longest} characters.`,
      'Write it shorter, or as two routines.',
    );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for; a tab between cron fields is meant well.
  if (/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/.test(written))
    throw refused(written.replace(/\p{Cc}/gu, '·'), 'has control characters.', 'Type it anew in one line.');
}

function cronCalendar(text: string, zone: Zone, written: string): Calendar {
  const rule: CronRule = readCron(text.toLowerCase(), written);
  if (!everFires(rule))
    throw refused(
      written,
      'never fires: no month has that date.',
      'Choose a day that the month has, e.g. "0 3 28 2 *".',
    );
  const schedule: Schedule = { kind: 'cron', expression: rule.expression };
  return {
    schedule,
    canonical: rule.expression,
    kept: written,
    // Worked out when asked for: a due check reads hundreds of schedules and shows none.
    get words() {
      return cronInWords(rule);
    },
    cron: rule.expression,
    ...firesOf(schedule, zone),
  };
}

type Other = Exclude<Schedule, { kind: 'cron' }>;

function calendar(
  schedule: Other,
  zone: Zone,
  { written, relative }: { written: string; relative: boolean },
): Calendar {
  const canonical = spelling(schedule);
  const kept = relative ? canonical : written;
  return { schedule, canonical, kept, words: inWords(schedule, zone), cron: null, ...firesOf(schedule, zone) };
}

/** Without an anchor the words would be shorter, but what they are counted from is part of what they mean. */
function spelling(schedule: Other): string {
  switch (schedule.kind) {
    case 'manual':
      return 'manual';
    case 'once':
      return `at ${short(schedule.at)}`;
    case 'interval': {
      const minutes = schedule.everyMs / 60_000;
      const every = Number.isInteger(minutes) ? `${minutes} minutes` : `${schedule.everyMs / 1000} seconds`;
      return `every ${every} from ${short(schedule.anchor)}`;
    }
    case 'calendar':
      return `every ${schedule.every === 1 ? schedule.unit : `${schedule.every} ${schedule.unit}s`} at ${schedule.at} from ${schedule.anchor}`;
  }
}

const short = (instant: string) => instant.replace(/(:00)?\.000Z$/, 'Z');
