/** A loop: a prompt that comes again between the turns of one session, and ends with it. */
import { z } from 'zod';

/** Counted from 1 within a session. */
export const LoopId = z.string().regex(/^loop-[1-9]\d{0,5}$/);
export type LoopId = z.infer<typeof LoopId>;

/**
 * `done`: its only firing has happened. `deleted`, `stopped`: the model ended it. `expired`: nothing is due within its
 * seven days any more. `unpaced`: a self-paced loop whose model neither chose a next wake-up nor stopped.
 * `session_ended`: the run ended. `left_behind`: the run went back to a turn before it.
 */
export const LoopEnd = z.enum(['done', 'deleted', 'stopped', 'expired', 'unpaced', 'session_ended', 'left_behind']);
export type LoopEnd = z.infer<typeof LoopEnd>;
