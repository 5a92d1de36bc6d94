/** Something a person should look at, that is no run's own outcome; it stands until a person puts it away. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { RunId } from './ledger.ts';
import { RoutineId } from './routines.ts';

export const Alert = z.object({
  /** Sequence number of the event that raised it: its name. */
  seq: z.int().min(1),
  at: Instant,
  about: RunId.nullable(),
  routine: RoutineId.nullable(),
  text: z.string(),
  /** Null: nobody has put it away. */
  dismissedAt: Instant.nullable(),
});
export type Alert = z.infer<typeof Alert>;
