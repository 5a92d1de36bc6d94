/** An OS timer that fires early, because the OS's zone data is older than ours, keeps the host until the instant it meant. */
import { readSchedule } from '#core/calendar/calendar.ts';
import type { Clock } from '#core/ports.ts';
import type { Routines } from '#core/routines/routines.ts';
import type { Store } from '#core/store/event-log.ts';

/** Zone data that differ do so by an hour or two (scheduling.md §1.7, §7.4). */
const earlyBy = 2 * 3_600_000;
/** The tick looks twice a minute, so by then the instant has been claimed. */
const claimedWithin = 60_000;
/** A fire that follows a claim so closely is the fire of that claim. */
const sameFire = 120_000;

export interface EarlyFires {
  /** An OS timer fired for the routine and nothing was due. Throws `not_found`. */
  note(routine: string): void;
  /** Milliseconds since the epoch until which the host must stay; in the past when nobody waits. */
  until(): number;
}

export function createEarlyFires(parts: { store: Store; routines: Routines; clock: Clock }): EarlyFires {
  const { store, routines, clock } = parts;
  let until = 0;

  function nextDue(routine: string): number {
    const { spec } = routines.get(routine);
    if (!spec || spec.paused) return Number.POSITIVE_INFINITY;
    const [planned = Number.POSITIVE_INFINITY] = readSchedule(spec.schedule, spec.timeZone).next(clock.now(), 1);
    const [added = Number.POSITIVE_INFINITY] = store.records.oneOffs(routine, clock.now());
    return Math.min(planned, added);
  }

  /** Somebody else claimed what this fire was for, or the fire came twice. */
  function served(routine: string): boolean {
    const [row] = store.read.occurrences({ routine, limit: 1 });
    const newest = row ? Math.max(Date.parse(row.dueAt), Date.parse(row.claimedAt)) : 0;
    return newest > clock.now() - sameFire;
  }

  return {
    note(routine) {
      if (served(routine)) return;
      const due = nextDue(routine);
      if (due <= clock.now() + earlyBy) until = Math.max(until, due + claimedWithin);
    },
    // A clock that was set back must not hold the host for longer than a fire can.
    until: () => (until - clock.now() > earlyBy + claimedWithin ? 0 : until),
  };
}
