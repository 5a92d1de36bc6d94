/** What can happen with hooks. Additive only, as all events. */
import { z } from 'zod';
import { Hook, HookDecision, HookMoment, HookOutcome } from './hooks.ts';
import { InstructionLayer, InstructionProblem } from './instructions.ts';
import { RunId } from './ledger.ts';
import { Door } from './questions.ts';

export const hookEvents = {
  /** The hooks that a go of the run works with, and those that it does not run. Absent where there are none at all. */
  'hooks.loaded': z.object({ run: RunId, hooks: z.array(Hook), problems: z.array(InstructionProblem) }),
  /** A hook was run, or could not be, and what it said. Hooks of one moment come together, when all of them are over. */
  'hook.ran': z.object({
    run: RunId,
    moment: HookMoment,
    /** What its matcher is about: the tool, the source of a start, the type of an agent; empty where there is none. */
    subject: z.string(),
    /** Answers of the session by then. */
    turn: z.int().min(0),
    /** The tool call that it is about; null: none. */
    call: z.string().nullable(),
    command: z.string(),
    layer: InstructionLayer,
    file: z.string(),
    outcome: HookOutcome,
    exitCode: z.int().nullable(),
    milliseconds: z.int().min(0),
    decision: HookDecision.nullable(),
    /** Why it decided so, as it says itself. */
    reason: z.string().nullable(),
    /** What the tool is to be given instead, which passes the rules like any other input. */
    input: z.record(z.string(), z.unknown()).optional(),
    /** What the agent is told; empty: nothing. */
    context: z.string(),
    /** What a person is shown; empty: nothing. */
    message: z.string(),
  }),
  /** A person said yes to exactly these hooks of a repository; `hash` as in `HookTrust`. */
  'hooks.trusted': z.object({ repository: z.string(), hash: z.string(), by: Door }),
  /** None of the repository's hooks is trusted any more. */
  'hooks.revoked': z.object({ repository: z.string(), by: Door }),
} as const;
