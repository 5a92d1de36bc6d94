/** The account of every due instant of every routine. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { RoutineId } from './routines.ts';

/** Short, sortable by time of creation, safe in a path and a branch name. */
export const RunId = z.string().regex(/^run-[0-9a-z]{8,24}$/);
export type RunId = z.infer<typeof RunId>;

/**
 * `claimed` and `running` are open; every other state is final.
 * `ran`: started within a minute of its due instant; `ran_late`: after that.
 */
export const OccurrenceState = z.enum([
  'claimed',
  'running',
  'ran',
  'ran_late',
  'coalesced',
  'skipped',
  'blocked',
  'lost',
]);
export type OccurrenceState = z.infer<typeof OccurrenceState>;

/** Why a row is in its state, for machines; `reason` says the same in words. */
export const Cause = z.enum([
  'overlapped', // a run of the routine was open, or its own next occurrence took its place
  'too_late', // later than the routine's catch-up allows
  'coalesced', // a newer occurrence stands for it
  'paused', // the routine was
  'paused_all', // all routines were
  'outside_hours', // not in the routine's active hours
  'too_soon', // nearer to the last start than the routine allows
  'on_battery',
  'metered',
  'over_budget',
  'blocked', // it could not begin: a broken routine, no key, no sandbox
  'machine_off',
  'asleep',
  'logged_out',
  'host_down', // the machine was on, but neither a host nor an OS timer looked
  'clock_changed', // the system clock was set over it
  'stopped', // a person stopped it
  'removed', // its routine was removed before anybody had looked
  'internal', // a bug ended it
]);
export type Cause = z.infer<typeof Cause>;

/** Who noticed first that it was due. */
export const ClaimedBy = z.enum(['os_timer', 'cli', 'host', 'sweep']);
export type ClaimedBy = z.infer<typeof ClaimedBy>;

export const Occurrence = z.object({
  routine: RoutineId,
  dueAt: Instant,
  state: OccurrenceState,
  /** Why it ended in this state, as a sentence; null while open or when it simply ran. */
  reason: z.string().nullable(),
  run: RunId.nullable(),
  claimedAt: Instant,
  claimedBy: ClaimedBy,
  /** Due instants folded into this row, this one included. More than 1 only for missed ranges. */
  count: z.int().min(1),
  /** Null while open, when it ran on time, and in rows of the first version. */
  cause: Cause.nullable().default(null),
  /** The oldest instant of a missed range, of which `dueAt` is the newest; null for a single instant. */
  from: Instant.nullable().default(null),
});
export type Occurrence = z.infer<typeof Occurrence>;

/** What the machine was doing, as far as it can be told afterwards. */
export const PresenceKind = z.enum(['up', 'machine_off', 'asleep', 'logged_out', 'host_down', 'clock_changed']);
export type PresenceKind = z.infer<typeof PresenceKind>;

/** One thing that was the case around an instant. */
export const Evidence = z.object({
  kind: PresenceKind.or(z.enum(['routine', 'paused_all', 'ledger', 'run', 'clock'])),
  from: Instant,
  /** Null: still so, or a single moment. */
  to: Instant.nullable(),
  text: z.string(),
});
export type Evidence = z.infer<typeof Evidence>;

/** The answer to "why did nothing happen then?", and to "why did something?". */
export const Why = z.object({
  due: z.boolean(),
  /** The row that accounts for the instant: its own, or the missed range that it lies in. */
  occurrence: Occurrence.nullable(),
  sentence: z.string(),
  evidence: z.array(Evidence),
});
export type Why = z.infer<typeof Why>;

/** All routines held back: `until` null means until a person lifts it. */
export const PauseAll = z.object({ since: Instant, until: Instant.nullable() });
export type PauseAll = z.infer<typeof PauseAll>;
