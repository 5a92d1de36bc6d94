/** The run's log and purse as one subagent has them: what it records carries its id, and so does what it pays. */
import type { AgentId } from '#contract/agents.ts';
import { paidBy } from '#core/budget/paid-by.ts';
import type { Purse } from '#core/budget/purse.ts';
import type { Store, Writer } from '#core/store/event-log.ts';

export function storeOf(store: Store, agent: AgentId): Store {
  return {
    ...store,
    commit: (work, lasting) => store.commit((writer) => work(writerOf(writer, agent)), lasting),
    tell: (delta) => store.tell({ agent, ...delta }),
  };
}

export function writerOf(writer: Writer, agent: AgentId): Writer {
  return { ...writer, append: (draft) => writer.append(draft.agent === undefined ? { ...draft, agent } : draft) };
}

/** `name`: of its kind; its answers are told apart by it where costs are summed. */
export function purseOf(purse: Purse, agent: AgentId, name: string): Purse {
  return {
    ...purse,
    reserve: (writer, payer, purpose, ...micros) =>
      purse.reserve(writer, payer, paidBy(agent, purpose === 'session' ? `agent ${name}` : purpose), ...micros),
  };
}
