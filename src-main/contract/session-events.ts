/** What people do with a session beside answering it: talk, interrupt, fork, rewind, hand over. Additive like all events. */
import { z } from 'zod';
import { RunId } from './ledger.ts';
import { Door } from './questions.ts';

/** Where the conversation of a run began: with that of another one, up to and with the turn. */
export const Origin = z.object({
  run: RunId,
  turn: z.int().min(1),
  /** `bundle`: on another machine, or in another data directory. */
  how: z.enum(['fork', 'bundle']),
});
export type Origin = z.infer<typeof Origin>;

/** Message of the conversation as the API takes it. */
const Message = z.object({
  role: z.enum(['user', 'assistant']),
  content: z.array(z.looseObject({ type: z.string() })),
});

export const sessionEvents = {
  /** Kept at once; the agent is told at the next clean point, with `message.added`. `interrupt`: what it does now is stopped first. */
  'person.said': z.object({ run: RunId, text: z.string(), by: Door, interrupt: z.boolean() }),
  /** A person cut in: the answer under way is lost, calls that were not done are not done. The run goes on. */
  'turn.interrupted': z.object({ run: RunId, turn: z.int().min(0) }),
  /** The files of the worktree as they were after the turn. `commit` null: they could not be kept; `why` says it in words. */
  'files.saved': z.object({
    run: RunId,
    turn: z.int().min(1),
    commit: z.string().nullable(),
    why: z.string().nullable(),
  }),
  /** The files are those of this commit again, before any work goes on. */
  'files.restored': z.object({ run: RunId, commit: z.string() }),
  /** From here on the conversation is what it was after the turn; what came since is left behind. `files`: the worktree is to be that of this commit. */
  'history.rewound': z.object({ run: RunId, turn: z.int().min(1), files: z.string(), by: Door }),
  /** The conversation begins with what another run had said and done, without its thinking. */
  'history.inherited': z.object({
    run: RunId,
    from: Origin,
    messages: z.array(Message),
    /** The task, then what a person had said. */
    said: z.array(z.string()),
    instructions: z.array(z.string()),
    skilled: z.boolean(),
    usedSkills: z.array(z.object({ name: z.string(), text: z.string() })),
    /** What its changes are compared with, and the branch that it is of. */
    base: z.string(),
    baseBranch: z.string(),
    /** Its own branch begins here. */
    start: z.string(),
    /** Its worktree begins with the files of this commit. */
    files: z.string(),
  }),
  /** Another run goes on from this one. */
  'run.forked': z.object({ run: RunId, to: RunId, turn: z.int().min(1) }),
  /** It goes on elsewhere, and never here again. `bundle`: SHA-256 that names the hand-over. */
  'run.handed_over': z.object({ run: RunId, turn: z.int().min(1), bundle: z.string(), by: Door }),
} as const;
