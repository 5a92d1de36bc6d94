/** `nightshift schedule next`: when a schedule is due, worked out here and now; no host is asked or started. */
import { createPaint, forTerminal } from '#cli/print/paint.ts';
import { facts, table } from '#cli/print/table.ts';
import { Fault } from '#contract/faults.ts';
import { type Calendar, readSchedule } from '#core/calendar/calendar.ts';
import { localTime, openZone } from '#core/calendar/zone.ts';
import { lines } from './answer.ts';
import type { Shell } from './shell.ts';

export interface NextFlags {
  tz?: string;
  /** Where counting begins; that instant itself does not count. */
  from?: string;
  count?: number;
  json?: boolean;
}

const most = 10_000;

/** As JSON an array of instants in UTC. Throws `input` for whatever is not understood. */
export function next(shell: Shell, words: string, flags: NextFlags): void {
  const timeZone = flags.tz ?? shell.zone;
  const from = startFrom(flags.from, timeZone, shell.clock.now());
  const count = flags.count ?? 10;
  if (count < 1 || count > most)
    throw new Fault('input', `${count} instants cannot be listed.`, {
      field: '--count',
      cure: `Ask for 1 to ${most}.`,
    });
  const calendar = readSchedule(words, timeZone, from);
  const instants = calendar.next(from, count);
  if (flags.json) shell.out.write(`${JSON.stringify(instants.map((at) => new Date(at).toISOString()))}\n`);
  else shell.out.write(lines(forPeople(shell, calendar, instants, { timeZone, from })));
}

function forPeople(
  shell: Shell,
  calendar: Calendar,
  instants: number[],
  { timeZone, from }: { timeZone: string; from: number },
): string[] {
  const paint = createPaint(shell.out, shell.env);
  const zone = openZone(timeZone);
  const day = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short' });
  const rows = instants.map((at) => {
    const local = localTime(zone, at);
    return [day.format(at), local.slice(0, 19).replace('T', ' '), local.slice(19), new Date(at).toISOString()];
  });
  const head = facts(paint, [
    ['schedule', calendar.words],
    ['exactly', calendar.canonical],
    ['zone', timeZone],
  ]);
  const columns = ['DAY', 'LOCAL TIME', 'OFFSET', 'UTC'];
  const due = rows.length > 0 ? table(paint, columns, rows) : [paint.typed(never(calendar, localTime(zone, from)))];
  return forTerminal([...head, '', ...due]);
}

function never({ canonical }: Calendar, from: string): string {
  return canonical === 'manual'
    ? 'Never due by itself: only `nightshift routines run <routine>` starts it.'
    : `Not due any more: nothing of it lies after ${from.slice(0, 19).replace('T', ' ')}.`;
}

/** Local where no offset is written. */
function startFrom(text: string | undefined, timeZone: string, now: number): number {
  if (text === undefined) return now;
  const found = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(text);
  const [, date = '', time = '00:00', offset] = found ?? [];
  const local = Date.parse(`${date}T${time}Z`);
  const at = offset ? Date.parse(`${date}T${time}${offset.toUpperCase()}`) : openZone(timeZone).first(local);
  if (found && isDay(date) && Number.isFinite(local) && Number.isFinite(at)) return at;
  throw new Fault('input', `'${text}' is no instant.`, {
    field: '--from',
    cure: 'Write e.g. 2026-11-20T00:00:00Z, or 2026-11-20T00:00 for the local time of the zone.',
  });
}

/** The platform takes 30 February for 2 March. */
function isDay(date: string): boolean {
  const at = Date.parse(`${date}T00:00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(date);
}
