/** How each operating system's scheduler can say a schedule: it fires at every due instant, perhaps at others too. */
import type { Exactness, Schedule } from '#contract/schedules.ts';
import { type Horizon, horizonOf } from './horizon.ts';
import { type LaunchdPlan, launchdPlan } from './plan-launchd.ts';
import { type SystemdPlan, systemdPlan } from './plan-systemd.ts';
import { triggerPlan } from './plan-windows.ts';
import { taskXml } from './task-xml.ts';

export const plannedSystems = ['systemd', 'launchd', 'windows'] as const;
export type PlannedSystem = (typeof plannedSystems)[number];

export interface WindowsPlan {
  kind: Exactness;
  /** A whole task, for an example program. */
  xml: string;
  /** How many triggers it has. */
  triggers: number;
  notes: string[];
  horizonEndMs?: number;
}

export type Plan = SystemdPlan | LaunchdPlan | WindowsPlan;

export interface Machine {
  /** The machine's own zone: the only one that launchd knows, and Task Scheduler beside UTC. Left out: the routine's. */
  zone?: string;
  /** The name under which systemd knows a zone, null for none. Left out: the routine's spelling. */
  systemZone?(zone: string, horizon: Horizon): string | null;
}

/**
 * Pure. `now`: milliseconds since the epoch; the plan holds for at least the two years after it. Throws `input` for
 * what the calculator refuses, RangeError for a zone that does not exist.
 */
export function plan(schedule: Schedule, os: 'systemd', zone: string, now: number, machine?: Machine): SystemdPlan;
export function plan(schedule: Schedule, os: 'launchd', zone: string, now: number, machine?: Machine): LaunchdPlan;
export function plan(schedule: Schedule, os: 'windows', zone: string, now: number, machine?: Machine): WindowsPlan;
export function plan(schedule: Schedule, os: PlannedSystem, zone: string, now: number, machine?: Machine): Plan;
export function plan(schedule: Schedule, os: PlannedSystem, zone: string, now: number, machine: Machine = {}): Plan {
  const horizon = horizonOf(now);
  if (os === 'systemd') return systemdPlan(schedule, zone, (machine.systemZone ?? same)(zone, horizon), horizon);
  const machineZone = machine.zone ?? zone;
  return os === 'launchd'
    ? launchdPlan(schedule, zone, machineZone, horizon)
    : windows(schedule, zone, machineZone, horizon);
}

const same = (zone: string) => zone;

function windows(schedule: Schedule, zone: string, machineZone: string, horizon: Horizon): WindowsPlan {
  const { triggers, ...rest } = triggerPlan(schedule, zone, machineZone, horizon);
  const xml = taskXml({
    description: 'Nightshift',
    command: '%LOCALAPPDATA%\\Programs\\Nightshift\\Nightshift.exe',
    arguments: 'due --by os_timer --no-wait',
    wake: false,
    triggers,
  });
  return { ...rest, xml, triggers: triggers.length };
}
