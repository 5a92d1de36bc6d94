/** `nightshift schedule plan`: how an OS scheduler would be told a schedule; no host is asked or started. */
import { createPaint, forTerminal } from '#cli/print/paint.ts';
import { facts } from '#cli/print/table.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import { type Plan, type PlannedSystem, plan } from '#host/scheduler/plan.ts';
import { systemZone } from '#host/scheduler/system-zone.ts';
import { lines } from './answer.ts';
import type { Shell } from './shell.ts';

export interface PlanFlags {
  tz?: string;
  os?: PlannedSystem;
  json?: boolean;
}

/** As JSON the plan itself. Throws `input` for whatever is not understood. */
export function showPlan(shell: Shell, words: string, flags: PlanFlags): void {
  const timeZone = flags.tz ?? shell.zone;
  const os = flags.os ?? ownSystem(process.platform);
  const now = shell.clock.now();
  const { schedule, words: meaning } = readSchedule(words, timeZone, now);
  // Another machine's systemd is taken to know the zone; this one's can be asked.
  const known = process.platform === 'linux' ? { systemZone } : {};
  const made = plan(schedule, os, timeZone, now, { zone: shell.zone, ...known });
  if (flags.json) shell.out.write(`${JSON.stringify(made, null, 2)}\n`);
  else shell.out.write(lines(forPeople(shell, made, meaning, timeZone)));
}

function forPeople(shell: Shell, made: Plan, meaning: string, timeZone: string): string[] {
  const kinds = { exact: 'exact: fires when it is due, and at no other time', superset: 'superset: fires more often' };
  const head = facts(createPaint(shell.out, shell.env), [
    ['schedule', meaning],
    ['zone', timeZone],
    ['plan', kinds[made.kind]],
    ...made.notes.map((note): [string, string] => ['note', note]),
  ]);
  return forTerminal([...head, '', ...body(made)]);
}

function body(made: Plan): string[] {
  if ('onCalendar' in made) return made.onCalendar.map((line) => `OnCalendar=${line}`);
  if ('dicts' in made) return made.dicts.map((dict) => JSON.stringify(dict));
  return made.xml.trimEnd().split('\n');
}

function ownSystem(platform: NodeJS.Platform): PlannedSystem {
  if (platform === 'darwin') return 'launchd';
  return platform === 'win32' ? 'windows' : 'systemd';
}
