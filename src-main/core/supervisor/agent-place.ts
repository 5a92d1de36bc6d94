/** A worktree and a sandbox of its own for one subagent, and what it changed there as a branch. */

import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Beginning, CrewParts, OwnPlace, ThreadWork } from '#core/agents/parts.ts';
import type { SandboxFile } from '#core/instructions/port.ts';
import { workspace } from '#core/permissions/judge.ts';
import type { Repositories, ResolvedModel, Sandbox } from '#core/ports.ts';
import type { SkillBook } from '#core/skills/book.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Snapshots } from '#core/talk/port.ts';
import { type Watch, watchRun } from './auto-mode.ts';
import { loadRules } from './go-rules.ts';
import { directoryOf, keepAgent } from './keep-agents.ts';
import { sturdyHands } from './sturdy-hands.ts';
import { networkOf, type Site } from './workplace.ts';

interface Parts {
  store: Store;
  sandbox: Sandbox;
  repositories: Repositories;
  worktrees: string;
  /** Left out: they begin with what the run has committed. */
  snapshots?: Snapshots;
}

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

/** The files of the run as they are, as a commit; its last one where nothing differs, or they cannot be kept. */
async function beginning(
  { repositories, snapshots }: Pick<Parts, 'repositories' | 'snapshots'>,
  run: string,
  { repo, branch, base, directory }: Site,
  n: number,
): Promise<Beginning> {
  const head = (await repositories.head(repo, branch)) ?? base;
  if (!snapshots) return { commit: head, without: 'they are not kept here' };
  const kept = await snapshots.keep(repo, directory, run, `crew-${n}`, null).catch((error: unknown) => {
    if (error instanceof Fault && error.code.startsWith('repo.'))
      return { kind: 'not_kept' as const, why: error.message };
    throw error;
  });
  if (kept.kind !== 'kept') return { commit: head, without: kept.kind === 'not_kept' ? kept.why : null };
  const changed = await repositories.files(repo, head, kept.commit);
  return { commit: changed.length > 0 ? kept.commit : head, without: null };
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
    beginning: (n) => beginning(parts, id, site, n),
    open: (work) => openAgentPlace(parts, id, spec, site, work, { watch, files }),
  };
}
