/** What happens to the subagents of a run; what they do themselves is told in the events of any conversation, with their id. */
import { z } from 'zod';
import { AgentId, AgentOutcome, AgentWork } from './agents.ts';
import { RunId } from './ledger.ts';
import { Effort, PermissionMode } from './routines.ts';

/** Bodies by type, as in `events.ts`. */
export const agentEvents = {
  /** A subagent with a history of its own; from here on its events carry its id. All that its requests begin with is here. */
  'agent.started': z.object({
    run: RunId,
    agent: AgentId,
    /** Null: the agent of the run itself. */
    parent: AgentId.nullable(),
    call: z.string(),
    /** Its kind. */
    name: z.string(),
    description: z.string(),
    system: z.string(),
    tools: z.array(z.string()),
    /** Kinds that it may start itself; null: all. */
    kinds: z.array(z.string()).nullable(),
    model: z.string(),
    effort: Effort,
    /** As narrow as its run's or narrower; null: that of the run. */
    permissionMode: PermissionMode.nullable(),
    /** Its answers in one go, at most. */
    turns: z.int().min(1),
    background: z.boolean(),
    /** Null: it works in the worktree of the run. */
    work: AgentWork.nullable(),
  }),
  /** It is spoken to once more; the message follows. */
  'agent.continued': z.object({
    run: RunId,
    agent: AgentId,
    parent: AgentId.nullable(),
    call: z.string(),
    background: z.boolean(),
  }),
  'agent.ended': z.object({
    run: RunId,
    agent: AgentId,
    outcome: AgentOutcome,
    /** Null: it came to its end by itself. */
    code: z.string().nullable(),
    /** Its last words, or why it has none. */
    text: z.string(),
    /** Of its own branch, where it has changed anything there. */
    head: z.string().nullable(),
    /** What it changed there, as a unified diff, long ones cut short. */
    patch: z.string().optional(),
  }),
} as const;
