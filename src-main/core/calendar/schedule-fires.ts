/** Due instants of a schedule that has been read already: the same for whoever holds the value. */
import type { Schedule } from '#contract/schedules.ts';
import { readCron } from './cron.ts';
import { cronDays } from './cron-days.ts';
import { type Fires, fires, firesAt, firesEvery } from './fires.ts';
import { spacedDays } from './spaced-days.ts';
import type { Zone } from './zone.ts';

/** Throws `input` naming `schedule` for a cron expression that is none. */
export function firesOf(schedule: Schedule, zone: Zone): Fires {
  switch (schedule.kind) {
    case 'manual':
      return firesAt([]);
    case 'once':
      return firesAt([Date.parse(schedule.at)]);
    case 'interval':
      return firesEvery(schedule.everyMs, Date.parse(schedule.anchor));
    case 'calendar':
      return fires(spacedDays(schedule), zone);
    case 'cron':
      return fires(cronDays(readCron(schedule.expression.toLowerCase(), schedule.expression)), zone);
  }
}
