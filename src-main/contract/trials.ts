/** A trial run: a routine tried once before it is enabled, with what it needs as a list that a person can sign. */
import { z } from 'zod';
import { ContentHash, Granted } from './grants.ts';
import { Instant } from './instants.ts';
import { ClaimedBy, RunId } from './ledger.ts';
import { RoutineId } from './routines.ts';
import { Outcome, Reason, Usage } from './runs.ts';

/** What came of asking for one. */
export const TrialStart = z.object({
  dueAt: Instant,
  /** `os_timer`: the operating system fires it. `host`: nothing there holds a timer, so this host does. */
  firedBy: z.enum(['os_timer', 'host']),
  /** The same for a person, with the reason. */
  detail: z.string(),
});
export type TrialStart = z.infer<typeof TrialStart>;

/** Something that the run wanted and that nothing allows yet; signing grants it. */
export const Needed = z.object({
  granted: Granted,
  /** How often it was wanted. */
  times: z.int().min(1),
  /** Why it was not simply allowed: a code of the permission engine or of the network. */
  code: z.string(),
  /** A grant for it is in force already. */
  inForce: z.boolean(),
});
export type Needed = z.infer<typeof Needed>;

/** Something that the run wanted and that no grant can allow, in words. */
export const Wanted = z.object({ what: z.string(), code: z.string(), why: z.string() });
export type Wanted = z.infer<typeof Wanted>;

export const Trial = z.object({
  routine: RoutineId,
  state: z.enum(['waiting', 'running', 'ended']),
  dueAt: Instant,
  /** Null while it waits for its instant; so are all that follow from it. */
  run: RunId.nullable(),
  claimedBy: ClaimedBy.nullable(),
  outcome: Outcome.nullable(),
  reason: Reason.nullable(),
  /** Of the routine as it was tried. */
  contentHash: ContentHash.nullable(),
  /** The routine is still what was tried: only then can the list be signed. */
  current: z.boolean(),
  needed: z.array(Needed),
  /** Outward effects that were recorded instead of done; each stays a person's decision. */
  recorded: z.array(Wanted),
  /** What was denied or asked otherwise and cannot be granted. */
  refused: z.array(Wanted),
  /** Names of environment variables that its commands read. */
  environment: z.array(z.string()),
  usage: Usage,
  costMicros: z.int().min(0),
  toolCalls: z.int().min(0),
  /** From its start to its end or until now; 0 before it began. */
  milliseconds: z.int().min(0),
  /** SHA-256 over run, content hash and `needed`: whoever signs names it, so that they sign what they saw. */
  bind: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Trial = z.infer<typeof Trial>;
