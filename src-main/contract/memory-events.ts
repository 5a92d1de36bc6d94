/** What can happen with the memory of a repository. Additive only, as all events. */
import { z } from 'zod';
import { RunId } from './ledger.ts';
import { MemoryChange, MemoryFileName } from './memory.ts';
import { Door } from './questions.ts';

export const memoryEvents = {
  /** The run has a memory, and this is what it was told of it. Absent: the run has none. */
  'memory.loaded': z.object({
    run: RunId,
    /** `on`: what it notes may be kept without a person. */
    mode: z.enum(['on', 'review']),
    files: z.array(z.object({ file: MemoryFileName, sha256: z.string() })),
    /** As the agent reads it; empty where nothing is kept. */
    text: z.string(),
    /** Estimated at four bytes a token. */
    tokens: z.int().min(0),
    /** The index is longer than what is given of it. */
    cut: z.boolean(),
  }),
  /** The run is over, and wants this kept. `why`: why a person is to look first; null: nobody has to. */
  'memory.offered': z.object({
    run: RunId,
    repository: z.string(),
    changes: z.array(MemoryChange).min(1),
    why: z.string().nullable(),
  }),
  /** `offer`: sequence number of what offered it. */
  'memory.settled': z.object({
    run: RunId,
    offer: z.int().min(1),
    state: z.enum(['kept', 'waits', 'dropped']),
    by: Door.or(z.literal('nightshift')),
  }),
  /** A person changed a file of the memory. */
  'memory.edited': z.object({ repository: z.string(), file: MemoryFileName, gone: z.boolean(), by: Door }),
} as const;
