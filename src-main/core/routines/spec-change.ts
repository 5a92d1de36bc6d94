/** What a person's words make of a routine: fields that are not named stay, and a schedule is written so that it means the same tomorrow. */
import type { Handlers } from '#contract/api.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { readSchedule, requireAhead } from '#core/calendar/calendar.ts';

export type RoutineChange = Parameters<Handlers['routines']['edit']>[0]['change'];

/**
 * A schedule that is being saved at `now`, in milliseconds since the epoch: words that hold only now (`in 2 hours`) become
 * the instant that they mean. Throws `input` for what is not understood and for a single instant that is past.
 */
export function settled(spec: RoutineSpec, now: number): RoutineSpec {
  const calendar = readSchedule(spec.schedule, spec.timeZone, now);
  requireAhead(calendar, now);
  return { ...spec, schedule: calendar.kept };
}

/** Inside of limits, policies and permissions, too, what is not named stays; a schedule that is not named may be long past. */
export function edited(old: RoutineSpec, change: RoutineChange, now: number): RoutineSpec {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const limits = { ...old.limits, ...change.limits };
  const catchUp = { ...old.policies.catchUp, ...change.policies?.catchUp };
  const policies = { ...old.policies, ...change.policies, catchUp };
  const permissions = { ...old.permissions, ...change.permissions };
  const spec: RoutineSpec = { ...old, ...given, limits, policies, permissions };
  return change.schedule === undefined || spec.schedule === old.schedule ? spec : settled(spec, now);
}
