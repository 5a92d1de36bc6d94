/** Prompts that come again within one session. Additive like all events. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { RunId } from './ledger.ts';
import { LoopEnd, LoopId } from './loops.ts';

export const loopEvents = {
  /** A prompt that comes again within this session. `cron` null: paced by the model itself. */
  'loop.created': z.object({
    run: RunId,
    loop: LoopId,
    cron: z.string().nullable(),
    timeZone: z.string(),
    recurring: z.boolean(),
    prompt: z.string(),
    /** When it fires, for a person; what was rounded is said here too. */
    words: z.string(),
    /** First due instant; null while the model has not chosen one. */
    dueAt: Instant.nullable(),
    /** It ends then at the latest. */
    expiresAt: Instant,
  }),
  /** The next wake-up of a loop that the model paces. `fallback`: nobody chose it, and it is the last unless one is chosen. */
  'loop.scheduled': z.object({
    run: RunId,
    loop: LoopId,
    dueAt: Instant,
    reason: z.string(),
    prompt: z.string(),
    fallback: z.boolean(),
  }),
  /** `missed`: due instants after `dueAt` for which this firing stands, too. */
  'loop.fired': z.object({
    run: RunId,
    loop: LoopId,
    dueAt: Instant,
    missed: z.int().min(0),
    nextAt: Instant.nullable(),
  }),
  'loop.ended': z.object({ run: RunId, loop: LoopId, why: LoopEnd }),
};
