/** Who worked for a run, each below whoever started it, with what it took. */
import type { AgentThread } from '#contract/runs.ts';
import { money, plural } from '#ui/words.ts';
import s from './agent-tree.module.css';

interface AgentTreeProps {
  agents: readonly AgentThread[];
  parent?: string | null;
}

const words: Record<AgentThread['state'], string> = {
  working: 'working',
  waiting: 'waits for you',
  finished: 'finished',
  limit: 'stopped by a limit',
  failed: 'failed',
  stopped: 'stopped',
};

export function AgentTree({ agents, parent = null }: AgentTreeProps) {
  const here = agents.filter((thread) => thread.parent === parent);
  if (here.length === 0) return null;
  return (
    <ul className={s.tree}>
      {here.map((thread) => (
        <li key={thread.id}>
          <span title={thread.description}>{thread.name}</span>
          <span className={s.sum}>{money(thread.costMicros)}</span>
          <span className={s.quiet}>
            {words[thread.state]}, {plural(thread.turns, 'turn')}
          </span>
          <AgentTree agents={agents} parent={thread.id} />
        </li>
      ))}
    </ul>
  );
}
