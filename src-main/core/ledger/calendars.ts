/** Schedules on record as calendars: each is read once, and one that this system cannot read any more is nobody's failure. */
import { Fault } from '#contract/faults.ts';
import { type Calendar, readSchedule } from '#core/calendar/calendar.ts';
import type { Span } from '#core/store/time-records.ts';

/**
 * Reading a schedule costs more than asking it; 500 routines are asked every half minute. Undefined for one that cannot
 * be read any more, because the system lost its time zone: its account waits until it can.
 */
export function rememberCalendars(): (span: Pick<Span, 'schedule' | 'timeZone'>) => Calendar | undefined {
  const known = new Map<string, Calendar>();
  return ({ schedule, timeZone }) => {
    const key = `${timeZone}\n${schedule}`;
    const found = known.get(key) ?? readable({ schedule, timeZone });
    if (known.size > 2000) known.clear();
    if (found) known.set(key, found);
    return found;
  };
}

/** Undefined for what cannot be read on this system. */
export function readable({ schedule, timeZone }: Pick<Span, 'schedule' | 'timeZone'>): Calendar | undefined {
  try {
    return readSchedule(schedule, timeZone);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
