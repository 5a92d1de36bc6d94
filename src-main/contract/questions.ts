/** A question that a run has for a person: stored, answered from any door, at any time before its deadline. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { RunId } from './ledger.ts';
import { RoutineId } from './routines.ts';

export const QuestionId = z.string().regex(/^ask-[0-9a-z]{8,24}$/);
export type QuestionId = z.infer<typeof QuestionId>;

/** What exactly would be done. An approval holds for this and nothing else. */
export const Action = z.discriminatedUnion('kind', [
  /** One tool call, with the input as the model gave it. */
  z.object({
    kind: z.literal('tool_call'),
    call: z.string(),
    tool: z.string(),
    input: z.unknown(),
    /** Of Bash: the command as it would be run. Null for other tools. */
    command: z.string().nullable(),
    /** Inside the sandbox. */
    cwd: z.string(),
    /** The file that would change or be read; null when it is about none. */
    path: z.string().nullable(),
    /** What Edit or Write would change, as a unified diff; null when it is about no change of a file. */
    patch: z.string().nullable(),
    /** SHA-256 of the file before the change; null when there is none. */
    contentHash: z.string().nullable(),
    /** The rules by which it was asked. */
    policyVersion: z.string(),
  }),
  /** A host that the rest of the run may reach. */
  z.object({
    kind: z.literal('host'),
    call: z.string(),
    /** `name:port`. */
    host: z.string(),
    policyVersion: z.string(),
  }),
  /** More money for what stands still at a cap. Millionths of a US dollar. */
  z.object({
    kind: z.literal('budget'),
    scope: z.enum(['run', 'routine_day', 'all_day']),
    spentMicros: z.int().min(0),
    capMicros: z.int().min(0),
    addMicros: z.int().min(1),
  }),
  /** The goal cannot be reached, or nothing moves: a person says whether, and how, the agent is to go on. */
  z.object({
    kind: z.literal('goal'),
    why: z.enum(['impossible', 'no_progress']),
    condition: z.string(),
    reason: z.string(),
    quote: z.string().nullable(),
    rounds: z.int().min(1),
  }),
  /** The run was denied so often that a person should look before it goes on. */
  z.object({ kind: z.literal('handover'), denials: z.int().min(1), codes: z.array(z.string()) }),
]);
export type Action = z.infer<typeof Action>;

/** `withdrawn`: its run ended, or what it asked about has changed. */
export const QuestionState = z.enum(['open', 'approved', 'denied', 'expired', 'withdrawn']);
export type QuestionState = z.infer<typeof QuestionState>;

/** Which door an answer came through. */
export const Door = z.enum(['window', 'browser', 'terminal']);
export type Door = z.infer<typeof Door>;

export const Question = z.object({
  id: QuestionId,
  run: RunId,
  routine: RoutineId,
  action: Action,
  /** Why it had to be asked, for machines: a code of the permission engine, or of a limit. */
  code: z.string(),
  /** The same in words, with the rule and the file that it stands in. */
  why: z.string(),
  /** SHA-256 over everything that an approval holds for; whoever answers names it, so that they answer what they saw. */
  bind: z.string().regex(/^[0-9a-f]{64}$/),
  askedAt: Instant,
  /** Unanswered until then, it counts as denied. */
  deadline: Instant,
  state: QuestionState,
  answeredAt: Instant.nullable(),
  answeredBy: Door.or(z.enum(['deadline', 'nightshift'])).nullable(),
  /** What the person added, told to the model. */
  note: z.string().nullable(),
  /** When the approval was used up; it is good for one use. */
  usedAt: Instant.nullable(),
  /** The grant that the answer became; absent: it holds this once. */
  grant: z.string().optional(),
});
export type Question = z.infer<typeof Question>;

export const Answer = z.object({
  question: QuestionId,
  /** Of the question as the person saw it. */
  bind: z.string(),
  decision: z.enum(['approve', 'deny']),
  note: z.string().trim().max(2000, 'use at most 2000 characters').optional(),
  /** With approve: from now on without asking, as a grant of the routine. `grantable` says what it would become. */
  always: z.boolean().optional(),
});
export type Answer = z.infer<typeof Answer>;
