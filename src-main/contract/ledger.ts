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

/** Who noticed first that it was due. */
export const ClaimedBy = z.enum(['os_timer', 'cli', 'host']);
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
});
export type Occurrence = z.infer<typeof Occurrence>;
