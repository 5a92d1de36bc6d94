/** A task: one run that belongs to no routine. It starts at once, ends like any other run, and is never due again. */
import type { z } from 'zod';
import { RoutineSpec } from './routines.ts';

/** What a task's run names in place of a routine; no routine can be called so. */
export const taskRoutine = 'one-off';

/** All that a routine says but when. `name`: the first line of its prompt when left out. */
export const TaskSpec = RoutineSpec.omit({ name: true, schedule: true, policies: true, paused: true }).extend({
  name: RoutineSpec.shape.name.optional(),
});
export type TaskSpec = z.infer<typeof TaskSpec>;
