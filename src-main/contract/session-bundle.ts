/** A session as one file: with it, it goes on in another data directory or on another machine. */
import { z } from 'zod';
import { Event } from './events.ts';
import { RunId } from './ledger.ts';
import { RoutineSpec } from './routines.ts';

/** Grows when an older version could not go on from a file any more. */
export const bundleVersion = 1;

const Commit = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);

/** The first line of the file. */
export const BundleHead = z.object({
  kind: z.literal('session'),
  version: z.int().min(1),
  /** Version of the product that wrote it. */
  product: z.string(),
  run: RunId,
  turn: z.int().min(1),
  spec: RoutineSpec,
  baseBranch: z.string().min(1).max(250),
  /** Commits. The repository that takes it must have `base`; the others come with it where they are others. */
  base: Commit,
  start: Commit,
  files: Commit,
  /** Lines that follow: events, then pieces of the git bundle. */
  events: z.int().min(1),
  pieces: z.int().min(0),
});
export type BundleHead = z.infer<typeof BundleHead>;

/** Every line of the file. */
export const BundleLine = z.discriminatedUnion('kind', [
  BundleHead,
  z.object({ kind: z.literal('event'), event: Event as z.ZodType<Event> }),
  z.object({ kind: z.literal('piece'), base64: z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/) }),
  /** Of every byte before this line, hexadecimal: a file that was cut or changed is noticed. */
  z.object({ kind: z.literal('end'), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
]);
export type BundleLine = z.infer<typeof BundleLine>;

/** The file as a door gets it. */
export const SessionBundle = z.object({
  /** Proposed file name. */
  name: z.string(),
  text: z.string(),
  /** SHA-256 that stands at its end. */
  sha256: z.string(),
});
export type SessionBundle = z.infer<typeof SessionBundle>;
