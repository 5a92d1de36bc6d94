/** The one calculator of due instants. Preview, ledger and OS plans all ask here. */
import { Cron } from 'croner';
import cronstrue from 'cronstrue';
import { Fault } from '#contract/faults.ts';

/** Ready-made schedules by name. `manual` never fires by itself. */
export const presets: Readonly<Record<string, string | null>> = {
  manual: null,
  hourly: '0 * * * *',
  nightly: '0 3 * * *',
  daily: '0 9 * * *',
  weekdays: '0 9 * * 1-5',
  weekly: '0 9 * * 1',
};

export interface Calendar {
  /** Five cron fields, or null for a schedule that never fires by itself. */
  cron: string | null;
  /** e.g. `At 03:00 AM`. */
  words: string;
  /** Up to `count` due instants after `after`, both in milliseconds since the epoch, soonest first. */
  next(after: number, count: number): number[];
  /** Due instants in (after, to], newest first, at most `count`; and how many there are at all, counted up to 100,000. */
  between(after: number, to: number, count: number): { newest: number[]; total: number };
}

/**
 * Reads a schedule in a zone. A local time that a change of clocks skips fires at the first instant after the gap, and
 * one that comes twice fires once, when minute and hour are plain numbers, lists or ranges; with a wildcard or step
 * they follow real time (croner's `no-wildcard` rule). Throws `input` naming `schedule` or `timeZone`.
 */
export function readSchedule(schedule: string, timeZone: string): Calendar {
  requireZone(timeZone);
  const text = schedule.trim();
  const preset = Object.hasOwn(presets, text) ? presets[text] : undefined;
  if (preset === null)
    return { cron: null, words: 'Only when you start it', next: () => [], between: () => ({ newest: [], total: 0 }) };
  const expression = preset ?? text;
  const cron = parse(expression, timeZone, schedule);
  return {
    cron: expression,
    words: inWords(expression),
    next: (after, count) => cron.nextRuns(count, new Date(after)).map((date) => date.getTime()),
    between: (after, to, count) => between(cron, after, to, count),
  };
}

/** Throws `input` naming `timeZone` unless this machine knows the zone. */
export function requireZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw new Fault('input', `There is no time zone called "${timeZone}".`, {
      field: 'timeZone',
      cure: 'Use an IANA name such as Europe/London or America/New_York, or UTC.',
    });
  }
}

function parse(expression: string, timeZone: string, written: string): Cron {
  const refuse = (why: string, cure: string) => new Fault('input', `"${written}" ${why}`, { field: 'schedule', cure });
  const names = Object.keys(presets).join(', ');
  const fields = expression.split(/\s+/);
  if (fields.length !== 5)
    throw refuse(
      `is not a schedule: it has ${fields.length} ${fields.length === 1 ? 'word' : 'fields'}, cron has five.`,
      `Write minute hour day month weekday, e.g. "0 3 * * *", or one of: ${names}.`,
    );
  let cron: Cron;
  try {
    cron = new Cron(expression, { timezone: timeZone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true });
  } catch (error) {
    const detail = error instanceof Error ? error.message.replace(/^CronPattern:\s*/, '') : String(error);
    throw refuse(`is not a schedule: ${detail}.`, `Write five cron fields, e.g. "0 3 * * *", or one of: ${names}.`);
  }
  if (!cron.nextRun())
    throw refuse('never fires: no day has that date.', 'Choose a day that the month has, e.g. "0 3 28 2 *".');
  return cron;
}

function between(cron: Cron, after: number, to: number, count: number): { newest: number[]; total: number } {
  const newest: number[] = [];
  let total = 0;
  for (let at = cron.nextRun(new Date(after)); at && at.getTime() <= to && total < 100_000; at = cron.nextRun(at)) {
    newest.push(at.getTime());
    if (newest.length > count) newest.shift();
    total++;
  }
  return { newest: newest.reverse(), total };
}

function inWords(expression: string): string {
  try {
    return cronstrue.toString(expression, { use24HourTimeFormat: true, verbose: false });
  } catch {
    return expression;
  }
}
