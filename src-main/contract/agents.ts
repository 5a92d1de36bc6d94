/** Subagents: conversations of their own inside one run. */
import { z } from 'zod';

/** Counted from 1 within a run. */
export const AgentId = z.string().regex(/^agent-[1-9]\d{0,3}$/);
export type AgentId = z.infer<typeof AgentId>;

/** `limit`: at a clean point, with what it had found. `stopped`: by the agent that started it, or with its run. */
export const AgentOutcome = z.enum(['finished', 'limit', 'failed', 'stopped']);
export type AgentOutcome = z.infer<typeof AgentOutcome>;

/** Of a worktree of its own. */
export const AgentWork = z.object({ branch: z.string(), base: z.string() });
