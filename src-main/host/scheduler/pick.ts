/** Chooses the OS's alarm clock; on a system without one that we know, says so for every alarm. */
import type { Scheduler } from '#core/ports.ts';
import { createLaunchdScheduler } from './launchd.ts';
import type { SchedulerOptions } from './options.ts';
import { notNeeded } from './registration-words.ts';
import { createSystemdScheduler } from './systemd.ts';
import { hasWork } from './systemd-units.ts';
import { createTaskScheduler } from './task-scheduler.ts';

/** `machineZone`: IANA name of the zone that this machine's clock shows; found out only where it matters, for that takes a while. */
export function createScheduler(
  options: SchedulerOptions,
  platform: NodeJS.Platform = process.platform,
  machineZone?: string,
): Scheduler {
  if (platform === 'linux') return createSystemdScheduler(options);
  const zone = () => machineZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (platform === 'darwin') return createLaunchdScheduler(options, zone());
  if (platform === 'win32') return createTaskScheduler(options, zone());
  const detail = `Nightshift knows no scheduler of ${platform}`;
  const cure = 'Run `nightshift due` from a scheduler of your own.';
  const doctor = async () => [{ name: 'OS scheduler', state: 'warning' as const, detail, cure }];
  return {
    sync: async (alarms) =>
      new Map(
        alarms.map((alarm) => [
          alarm.routine,
          hasWork(alarm) ? { state: 'unavailable', detail: `${detail}. ${cure}` } : notNeeded,
        ]),
      ),
    // Whatever wakes `nightshift due`, it comes when it comes.
    exactness: () => 'superset',
    doctor,
    heal: doctor,
  };
}
