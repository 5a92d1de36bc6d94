/** The due instants of a neutral schedule, asked of the one calculator. */
import type { Schedule } from '#contract/schedules.ts';
import { readCron } from '#core/calendar/cron.ts';
import { cronDays } from '#core/calendar/cron-days.ts';
import { type Fires, fires, firesAt, firesEvery } from '#core/calendar/fires.ts';
import { spacedDays } from '#core/calendar/spaced-days.ts';
import { openZone } from '#core/calendar/zone.ts';

export type DueInstants = Pick<Fires, 'next'>;

/** Throws `input` when the calculator refuses the schedule or the zone. */
export function dueInstants(schedule: Schedule, zone: string): DueInstants {
  switch (schedule.kind) {
    case 'cron': {
      const rule = readCron(schedule.expression.trim().toLowerCase(), schedule.expression);
      return fires(cronDays(rule), openZone(zone));
    }
    case 'calendar':
      return fires(spacedDays(schedule), openZone(zone));
    case 'interval':
      return firesEvery(schedule.everyMs, Date.parse(schedule.anchor));
    case 'once':
      return firesAt([Date.parse(schedule.at)]);
    case 'manual':
      return firesAt([]);
  }
}

/** Instants in `[from, to)`; null when there are more than `most`. */
export function dueBetween(due: DueInstants, from: number, to: number, most: number): number[] | null {
  const found: number[] = [];
  let after = from - 1;
  while (found.length <= most) {
    const chunk = due.next(after, 64);
    const inside = chunk.filter((instant) => instant < to);
    found.push(...inside);
    after = chunk.at(-1) ?? to;
    if (inside.length < 64) return found.length <= most ? found : null;
  }
  return null;
}
