/** Finds the commit with the files of a turn, if it is still there. */
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Clock, Log, Repositories } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import type { Supervisor } from '#core/supervisor/supervisor.ts';
import { filesAt } from './files-at.ts';
import type { Snapshots } from './port.ts';

export interface TalkParts {
  store: Store;
  clock: Clock;
  ledger: Ledger;
  log: Log;
  repositories: Pick<Repositories, 'locate' | 'removeWorktree' | 'deleteBranch'>;
  /** Throws `input` when somebody has forbidden what the run would do. */
  refuseLocked(spec: RoutineSpec): void;
  /** Folder of the worktrees. */
  worktrees: string;
  supervisor: Pick<Supervisor, 'kick' | 'aside'>;
  snapshots?: Snapshots;
}

/** The commit with the files as they were after the turn. Throws `conflict` where it is not known or not there any more. */
export async function filesOf(
  {
    store,
    repositories,
    snapshots,
  }: { store: Store; repositories: Pick<Repositories, 'locate'>; snapshots?: Snapshots },
  run: Run,
  turn: number,
): Promise<string> {
  const kept = filesAt(store.events({ after: 0, run: run.id, limit: Number.MAX_SAFE_INTEGER }))(turn);
  const cure = 'Take another turn: the page of the run shows at which ones it can be done.';
  const lost = (why: string) =>
    new Fault('conflict', `The files of ${run.id} after turn ${turn} are not there: ${why}`, { field: 'run', cure });
  if ('why' in kept) throw lost(kept.why);
  if (!snapshots || !run.repository) throw lost('this host keeps none.');
  const repo = await repositories.locate(run.repository);
  if (!(await snapshots.has(repo, kept.commit))) throw lost('they were cleared away after the run was over.');
  return kept.commit;
}
