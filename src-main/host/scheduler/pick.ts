/** Chooses the OS's alarm clock; on a system without one that we know, says so for every alarm. */
import type { Scheduler } from '#core/ports.ts';
import type { SchedulerOptions } from './options.ts';
import { createSystemdScheduler } from './systemd.ts';
import { hasWork } from './systemd-units.ts';

export function createScheduler(options: SchedulerOptions, platform: NodeJS.Platform = process.platform): Scheduler {
  if (platform === 'linux') return createSystemdScheduler(options);
  const clockOf: Partial<Record<NodeJS.Platform, string>> = { darwin: 'launchd', win32: 'Task Scheduler' };
  const detail = `${clockOf[platform] ?? 'OS timer'} registration is not built yet`;
  const cure = 'run `nightshift due` from your own scheduler';
  return {
    sync: async (alarms) =>
      new Map(
        alarms.map((alarm) => [
          alarm.routine,
          hasWork(alarm)
            ? { state: 'unavailable', detail: `${detail}; ${cure}` }
            : { state: 'not_needed', detail: 'no timer needed: nothing is scheduled' },
        ]),
      ),
    doctor: async () => [
      { name: 'OS scheduler', state: 'warning', detail, cure: `${cure[0]?.toUpperCase()}${cure.slice(1)}` },
    ],
  };
}
