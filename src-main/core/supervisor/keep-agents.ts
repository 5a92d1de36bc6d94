/** What a subagent changed in its own worktree is kept on its own branch, however it ended. */
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { Run } from '#contract/runs.ts';
import type { ThreadWork } from '#core/agents/parts.ts';
import type { Repositories, RepositoryPlace } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';

interface Parts {
  store: Store;
  repositories: Repositories;
  worktrees: string;
}

/** Its folder beside that of the run. */
export const directoryOf = (worktrees: string, run: string, agent: string) => join(worktrees, `${run}-${agent}`);

/** Commits what it left, on its own branch, and takes its folder away. Null: it has changed nothing, and its branch is gone. */
export async function keepAgent(
  { repositories, worktrees }: Pick<Parts, 'repositories' | 'worktrees'>,
  run: string,
  repo: RepositoryPlace,
  { agent, work: { branch, base } }: ThreadWork,
  why: string,
): Promise<{ head: string; patch: string } | null> {
  const directory = directoryOf(worktrees, run, agent);
  await repositories.commitAll(repo, directory, `Work of ${agent} in ${run}\n\n${why}`);
  const head = await repositories.head(repo, branch);
  await repositories.removeWorktree(repo, directory);
  if (head !== null && head !== base) return { head, patch: await repositories.patch(repo, base, head) };
  await repositories.deleteBranch(repo, branch, base);
  return null;
}

/** For those whom the end of their run has overtaken. Never stops that end: what cannot be kept stays where it lies. */
export async function keepAgents(parts: Parts, { id, agents = [] }: Run, repo: RepositoryPlace): Promise<void> {
  const open = agents.filter(({ branch, state }) => branch !== null && (state === 'working' || state === 'waiting'));
  if (open.length === 0) return;
  const events = parts.store.events({ after: 0, run: id, limit: Number.MAX_SAFE_INTEGER });
  for (const event of events) {
    if (event.type !== 'agent.started' || !event.work || !open.some((thread) => thread.id === event.agent)) continue;
    try {
      const { agent, work } = event;
      await keepAgent(parts, id, repo, { agent, work }, 'Its run ended before it did.');
    } catch (error) {
      if (!(error instanceof Fault) || error.code.startsWith('data.')) throw error;
    }
  }
}
