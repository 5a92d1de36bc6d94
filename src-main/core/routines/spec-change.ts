/** What a person's words make of a routine: fields that are not named stay, and a schedule is written so that it means the same tomorrow. */
import type { Handlers } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { readSchedule, requireAhead } from '#core/calendar/calendar.ts';
import { readRule, ruleLists } from '#core/permissions/rule.ts';

export type RoutineChange = Parameters<Handlers['routines']['edit']>[0]['change'];

/** Throws `input` naming the first rule that can never match, e.g. `permissions.allow.0`. */
export function requireSoundRules({ permissions }: Pick<RoutineSpec, 'permissions'>): void {
  for (const list of ruleLists)
    for (const [index, text] of permissions[list].entries()) {
      const { problem } = readRule(text, list, { layer: 'command line', file: 'routine.yaml' }, 'posix');
      if (problem)
        throw new Fault('input', `The rule "${text}" can never do what it says: ${problem}`, {
          field: `permissions.${list}.${index}`,
          cure: 'Write it as Tool or Tool(what), e.g. Bash(npm test:*) or Edit(/src/**).',
        });
    }
}

/** Throws `input` for a cap of a run that the cap of a day makes void: the day's would end it first, unsaid. */
export function requireSoundCaps({ limits }: Pick<RoutineSpec, 'limits'>): void {
  const { dollars, dollarsPerDay } = limits;
  if (dollars <= dollarsPerDay) return;
  throw new Fault('input', `A run may cost $${dollars}, but all runs of a day only $${dollarsPerDay}.`, {
    field: 'limits.dollars',
    cure: `Lower it to ${dollarsPerDay}, or raise limits.dollarsPerDay (--dollars-per-day) to ${dollars} or more.`,
  });
}

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
  const { web, ...rest }: RoutineSpec = { ...old, ...given, limits, policies, permissions };
  // Nothing to look up is the same as not to be named.
  const spec: RoutineSpec = { ...rest, ...(web && web.length > 0 ? { web } : {}) };
  return change.schedule === undefined || spec.schedule === old.schedule ? spec : settled(spec, now);
}
