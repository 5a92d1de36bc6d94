/** What runs remember of a repository: an index that each run is given, files it reads when it needs them, and offers that wait for a person. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { RunId } from './ledger.ts';
import { RoutineId } from './routines.ts';

/** The index: one line for each thing that is kept, given to every run. */
export const memoryIndex = 'MEMORY.md';
const someFile = 'write a file name such as testing.md: letters, digits, - and _, at most 80';

export const MemoryFileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,76}\.md$/, someFile);

/** Bytes of one file, and files of one repository, that can be kept. */
export const longestMemory = 64_000;
export const mostMemories = 200;
export const MemoryText = z
  .string()
  .refine((text) => new TextEncoder().encode(text).length <= longestMemory, 'use at most 64 kB');

export const MemoryChange = z.object({
  file: MemoryFileName,
  /** The whole of it; null: it is to be forgotten. */
  text: z.string().nullable(),
});
export type MemoryChange = z.infer<typeof MemoryChange>;

/** What a run wants kept, and a person has not decided yet. */
export const MemoryOffer = z.object({
  /** Sequence number of the event that made it: its name. */
  id: z.int().min(1),
  at: Instant,
  run: RunId,
  routine: RoutineId,
  changes: z.array(MemoryChange).min(1),
  /** Why it waits for a person, in words. */
  why: z.string(),
});
export type MemoryOffer = z.infer<typeof MemoryOffer>;

export const MemoryFile = z.object({ file: MemoryFileName, bytes: z.int().min(0), changedAt: Instant });
export type MemoryFile = z.infer<typeof MemoryFile>;

export const Memory = z.object({
  /** Top of its working tree. */
  repository: z.string(),
  /** Folder on this machine. */
  folder: z.string(),
  /** Why nothing is remembered, in words; null: it is. */
  off: z.string().nullable(),
  /** By name, the index first. */
  files: z.array(MemoryFile),
  /** Oldest first. */
  offers: z.array(MemoryOffer),
});
export type Memory = z.infer<typeof Memory>;
