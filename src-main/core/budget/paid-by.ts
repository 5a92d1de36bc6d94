/** Who pays, in the purpose of a reservation: it must be known, too, when the host that made it has died. */
import { AgentId } from '#contract/agents.ts';

export function paidBy(agent: AgentId, purpose: string): string {
  return `${purpose}@${agent}`;
}

/** `agent` undefined: the agent of the run itself, or the host for it. */
export function readPaidBy(purpose: string): { purpose: string; agent: AgentId | undefined } {
  const at = purpose.lastIndexOf('@');
  if (at <= 0) return { purpose, agent: undefined };
  const agent = AgentId.safeParse(purpose.slice(at + 1));
  return agent.success ? { purpose: purpose.slice(0, at), agent: agent.data } : { purpose, agent: undefined };
}
