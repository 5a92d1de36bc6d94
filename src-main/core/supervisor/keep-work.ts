/** Commits what a session left in its worktree, under the words in which it ended its turn. */
import { join } from 'node:path';
import type { Audit, Repositories, RepositoryPlace } from '#core/ports.ts';
import { wordsOf } from '#core/proposals/open.ts';
import { auditTrailer } from '#core/proposals/trailer.ts';
import type { SessionEnd } from '#core/session/parts.ts';
import type { Store } from '#core/store/event-log.ts';

interface Parts {
  store: Pick<Store, 'read'>;
  repositories: Pick<Repositories, 'commitAll' | 'head'>;
  worktrees: string;
  audit?: Audit;
}

export type Ended = Exclude<SessionEnd, { kind: 'parked' | 'held' }>;

/** It has not ended: it waits, for a person or for a limit to lift. */
export function standsStill(end: SessionEnd): end is Exclude<SessionEnd, Ended> {
  return end.kind === 'parked' || end.kind === 'held';
}

/** The head of the run's branch after it; that of before where nothing has changed. Throws `repo.*`. */
export async function keepWork(parts: Parts, id: string, repo: RepositoryPlace, end: Ended): Promise<string> {
  const run = parts.store.read.run(id);
  if (!run?.branch || !run.base) throw new Error(`run ${id} has no branch`);
  const { title, explanation } = wordsOf(end.proposing, end.lastText);
  const model = run.rehearsal ? 'rehearsal (recorded answers, no AI)' : run.model;
  const trailers = [`Run: ${id}`, `Model: ${model}`, ...(await auditTrailer(parts.audit, id))].join('\n');
  const message = `${title}\n\n${explanation}\n\n${trailers}`;
  await parts.repositories.commitAll(repo, join(parts.worktrees, id), message);
  return (await parts.repositories.head(repo, run.branch)) ?? run.base;
}
