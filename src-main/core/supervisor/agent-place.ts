/** A worktree and a sandbox of its own for one subagent, and what it changed there as a branch. */
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import type { CrewParts, OwnPlace, ThreadWork } from '#core/agents/parts.ts';
import type { SandboxFile } from '#core/instructions/port.ts';
import { workspace } from '#core/permissions/judge.ts';
import type { Repositories, RepositoryPlace, ResolvedModel, Sandbox } from '#core/ports.ts';
import type { SkillBook } from '#core/skills/book.ts';
import type { Store } from '#core/store/event-log.ts';
import { type Watch, watchRun } from './auto-mode.ts';
import { loadRules } from './go-rules.ts';
import { sturdyHands } from './sturdy-hands.ts';
import { networkOf, type Site } from './workplace.ts';

interface Parts {
  store: Store;
  sandbox: Sandbox;
  repositories: Repositories;
  worktrees: string;
}

/** Its folder beside that of the run. */
const directoryOf = (worktrees: string, run: string, agent: string) => join(worktrees, `${run}-${agent}`);

/** `watch`: the rules of the run, for a worktree at another place. Throws `repo.*` and `sandbox.*`. */
async function openAgentPlace(
  parts: Parts,
  run: string,
  spec: RoutineSpec,
  { repo }: Site,
  { agent, work }: ThreadWork,
  { watch, files }: { watch(directory: string, seenAt: string): Promise<Watch>; files(): Promise<SandboxFile[]> },
): Promise<OwnPlace> {
  const { store, sandbox, repositories, worktrees } = parts;
  const directory = directoryOf(worktrees, run, agent);
  const [, shown] = await Promise.all([repositories.addWorktree(repo, work.branch, work.base, directory), files()]);
  const seenAt = sandbox.seenAt?.(directory) ?? workspace;
  const watched = await watch(directory, seenAt);
  const hands = await sturdyHands(() =>
    sandbox.launch({
      ...{ run: `${run}-${agent}`, worktree: directory, gitDirectory: repo.gitDirectory, access: 'write' },
      ...(shown.length > 0 ? { files: shown } : {}),
      ...networkOf(store, run, spec),
    }),
  );
  return {
    ...watched,
    ...{ hands, seenAt },
    async keep(why) {
      await hands.close();
      return await keepAgent(parts, run, repo, { agent, work }, why);
    },
    close: () => hands.close(),
  };
}

/** Commits what it left, on its own branch, and takes its folder away. Null: it has changed nothing, and its branch is gone. */
async function keepAgent(
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
export async function keepAgents(
  parts: Pick<Parts, 'store' | 'repositories' | 'worktrees'>,
  { id, agents = [] }: Run,
  repo: RepositoryPlace,
): Promise<void> {
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

/** Worktrees beside that of the run, under the same rules. */
export function placeOf(
  parts: Parts & Omit<Parameters<typeof watchRun>[0], 'seenAt'> & Parameters<typeof loadRules>[0],
  id: string,
  spec: RoutineSpec,
  site: Site,
  model: ResolvedModel,
  { files }: Pick<SkillBook, 'files'>,
): NonNullable<CrewParts['place']> {
  const watch = async (directory: string, seenAt: string) => {
    const { judge } = await loadRules(parts, id, spec, { ...site, directory }, seenAt);
    return watchRun({ ...parts, seenAt }, id, spec, judge, model);
  };
  return {
    branch: site.branch,
    head: async () => (await parts.repositories.head(site.repo, site.branch)) ?? site.base,
    open: (work) => openAgentPlace(parts, id, spec, site, work, { watch, files }),
  };
}
