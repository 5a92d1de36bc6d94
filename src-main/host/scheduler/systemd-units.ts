/** The text of every unit file that Nightshift wants systemd to hold; pure, so that it can be compared by content. */

import { Fault } from '#contract/faults.ts';
import type { Alarm } from '#core/ports.ts';
import { instantLines } from './calendar-text.ts';
import { type Horizon, horizonOf } from './horizon.ts';
import { hostUnitName, timerMark } from './host-unit.ts';
import { systemdPlan } from './plan-systemd.ts';
import { quickWake } from './quick-wake.ts';
import { commandLine, descriptionText, quoteEnvironment } from './unit-text.ts';

export interface UnitSpec {
  /** Starts every unit name. */
  prefix: string;
  /** Absolute path of the program that runs the entries. */
  exec: string;
  entries: { cli: string; host: string };
  /** Absolute path of the note that says where the host listens. */
  endpoint: string;
  /** What the started program must find in its environment. Never a secret: unit files are readable. */
  environment: Record<string, string>;
  /** Milliseconds since the epoch. */
  now: number;
  systemZone(timeZone: string, horizon: Horizon): string | null;
}

export const timerName = (prefix: string, routine: string) => `${prefix}-routine-${routine}.timer`;
export const sweepName = (prefix: string) => `${prefix}-sweep.timer`;

/** Is `file` one that an installation with this prefix writes? Others' units, also of other data directories, are not. */
export function isOwnUnit(prefix: string, file: string): boolean {
  const single = [hostUnitName(prefix), sweepName(prefix), serviceOf(sweepName(prefix))];
  if (single.includes(file)) return true;
  const start = `${prefix}-routine-`;
  return file.startsWith(start) && /^[a-z0-9-]+\.(timer|service)$/.test(file.slice(start.length));
}

export interface RenderedUnits {
  /** File name → content; empty when no alarm has anything to fire. */
  units: Map<string, string>;
  /** Routine → why it cannot be said as a unit. */
  problems: Map<string, string>;
}

/** One alarm that cannot be rendered never takes others down. */
export function renderUnits(alarms: Alarm[], spec: UnitSpec): RenderedUnits {
  const units = new Map<string, string>();
  const problems = new Map<string, string>();
  const horizon = horizonOf(spec.now);
  const named = new Map<string, string | null>();
  /** Asks the machine once for each zone. */
  const zoneName = (zone: string) => {
    const name = named.get(zone) ?? spec.systemZone(zone, horizon);
    named.set(zone, name);
    return name;
  };
  for (const alarm of alarms.filter(hasWork)) {
    try {
      const timer = timerName(spec.prefix, alarm.routine);
      const files = [timerUnit(alarm, zoneName, horizon), routineUnit(alarm, spec)] as const;
      units.set(timer, files[0]).set(serviceOf(timer), files[1]);
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof Fault)) throw error;
      problems.set(alarm.routine, error.message);
    }
  }
  if (units.size > 0) {
    units.set(hostUnitName(spec.prefix), hostUnit(spec));
    const sweep = sweepName(spec.prefix);
    units.set(sweep, sweepTimer()).set(serviceOf(sweep), wakeUnit('Nightshift: hourly check', { by: 'sweep' }, spec));
  }
  return { units, problems };
}

/** How many calendar lines a timer's text holds. */
export function calendarLines(content: string): number {
  return content.match(/^OnCalendar=/gm)?.length ?? 0;
}

export function hasWork(alarm: Alarm): boolean {
  return alarm.schedule.kind !== 'manual' || alarm.once.length > 0;
}

const serviceOf = (timer: string) => timer.replace(/timer$/, 'service');

function timerUnit(alarm: Alarm, zoneName: (zone: string) => string | null, horizon: Horizon): string {
  const zone = alarm.timeZone;
  const { onCalendar } = systemdPlan(alarm.schedule, zone, zoneName(zone), horizon);
  const lines = new Set([...onCalendar, ...alarm.once.flatMap((instant) => instantLines([instant]))]);
  return timerFile(description(alarm), [...lines]);
}

/** Whatever goes wrong with a routine's own timer costs an hour at most. */
function sweepTimer(): string {
  return timerFile('Nightshift: hourly check', ['*-*-* *:17:00 UTC']);
}

function timerFile(words: string, lines: string[]): string {
  return unitFile({
    Unit: [`Description=${words}`],
    Timer: [...lines.map((line) => `OnCalendar=${line}`), 'AccuracySec=1s', 'Persistent=true'],
    Install: ['WantedBy=timers.target'],
  });
}

function routineUnit(alarm: Alarm, spec: UnitSpec): string {
  return wakeUnit(description(alarm), { by: 'os_timer', routine: alarm.routine }, spec);
}

function wakeUnit(words: string, asked: { by: string; routine?: string }, spec: UnitSpec): string {
  const [program = '', ...args] = quickWake({ ...spec, cli: spec.entries.cli }, asked);
  return unitFile({
    Unit: [`Description=${words}`, 'StartLimitIntervalSec=0'],
    Service: [
      'Type=oneshot',
      `ExecStart=${commandLine(program, args)}`,
      ...environmentLines({ ...spec.environment, [timerMark]: '1' }),
      'TimeoutStartSec=120',
      // A host that could not be given its own unit must outlive this job all the same.
      'KillMode=process',
    ],
  });
}

/** A host started from a timer's service would die with it; in a unit of its own it lives as long as it has work. */
function hostUnit(spec: UnitSpec): string {
  return unitFile({
    Unit: ['Description=Nightshift host', 'StartLimitIntervalSec=0'],
    Service: [
      'Type=exec',
      `ExecStart=${commandLine(spec.exec, [spec.entries.host])}`,
      ...environmentLines(spec.environment),
      'KillMode=mixed',
      'TimeoutStopSec=20',
    ],
  });
}

function description(alarm: Alarm): string {
  return `Nightshift: ${descriptionText(alarm.name) || alarm.routine}`;
}

function environmentLines(environment: Record<string, string>): string[] {
  return Object.entries(environment).map(([name, value]) => `Environment=${quoteEnvironment(name, value)}`);
}

function unitFile(sections: Record<string, string[]>): string {
  const parts = Object.entries(sections).map(([name, lines]) => `[${name}]\n${lines.join('\n')}\n`);
  return `# Written by Nightshift; changes here are overwritten.\n${parts.join('\n')}`;
}
