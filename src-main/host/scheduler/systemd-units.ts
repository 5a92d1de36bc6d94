/** The text of every unit file that Nightshift wants systemd to hold; pure, so that it can be compared by content. */
import type { Alarm } from '#core/ports.ts';
import { cronLines, onceLine } from './cron-lines.ts';
import { commandLine, descriptionText, quoteEnvironment } from './unit-text.ts';

export interface UnitSpec {
  /** Starts every unit name. */
  prefix: string;
  /** Absolute path of the program that runs the entries. */
  exec: string;
  entries: { cli: string; host: string };
  /** What the started program must find in its environment. Never a secret: unit files are readable. */
  environment: Record<string, string>;
  /** Milliseconds since the epoch. */
  now: number;
  systemZone(timeZone: string): string | null;
}

/** Set in what a timer starts, so that `startHostUnit` can tell a timer's process from a terminal's. */
export const timerMark = 'NIGHTSHIFT_OS_TIMER';

export const timerName = (prefix: string, routine: string) => `${prefix}-routine-${routine}.timer`;
export const hostUnitName = (prefix: string) => `${prefix}-host.service`;

/** Is `file` one that an installation with this prefix writes? Others' units, also of other data directories, are not. */
export function isOwnUnit(prefix: string, file: string): boolean {
  if (file === hostUnitName(prefix)) return true;
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
  for (const alarm of alarms.filter(hasWork)) {
    try {
      const timer = timerName(spec.prefix, alarm.routine);
      const files = [timerUnit(alarm, spec), routineUnit(alarm, spec)] as const;
      units.set(timer, files[0]).set(timer.replace(/timer$/, 'service'), files[1]);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.set(alarm.routine, error.message);
    }
  }
  if (units.size > 0) units.set(hostUnitName(spec.prefix), hostUnit(spec));
  return { units, problems };
}

/** How many calendar lines a timer's text holds. */
export function calendarLines(content: string): number {
  return content.match(/^OnCalendar=/gm)?.length ?? 0;
}

export function hasWork(alarm: Alarm): boolean {
  return alarm.cron !== null || alarm.once.length > 0;
}

function timerUnit(alarm: Alarm, spec: UnitSpec): string {
  const zone = spec.systemZone(alarm.timeZone);
  const regular = alarm.cron === null ? [] : cronLines(alarm.cron, alarm.timeZone, zone, spec.now);
  const lines = new Set([...regular, ...alarm.once.map(onceLine)]);
  return unitFile({
    Unit: [`Description=${description(alarm)}`],
    Timer: [...[...lines].map((line) => `OnCalendar=${line}`), 'AccuracySec=1s', 'Persistent=true'],
    Install: ['WantedBy=timers.target'],
  });
}

function routineUnit(alarm: Alarm, spec: UnitSpec): string {
  const words = ['due', '--by', 'os_timer', '--no-wait', '--routine', alarm.routine];
  return unitFile({
    Unit: [`Description=${description(alarm)}`, 'StartLimitIntervalSec=0'],
    Service: [
      'Type=oneshot',
      `ExecStart=${commandLine(spec.exec, [spec.entries.cli, ...words])}`,
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
