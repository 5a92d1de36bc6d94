/** How a run that cannot go on ends: what it changed is kept on its branch, and where that cannot be, it is said where it lies. */
import { join } from 'node:path';
import type { EventType } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { Reason, Run } from '#contract/runs.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import type { Clock, Repositories, RepositoryPlace } from '#core/ports.ts';
import { createAsked } from '#core/session/asked.ts';
import type { Store } from '#core/store/event-log.ts';
import { endRun } from './end.ts';
import { keepAgents } from './keep-agents.ts';

interface Parts {
  store: Store;
  clock: Clock;
  ledger: Ledger;
  repositories: Repositories;
  worktrees: string;
}

/** A failed or stopped run keeps what it changed, as a commit on its own branch. Needs neither a model nor a sandbox. */
export async function keepAndEnd(parts: Parts, id: string, fault: Fault): Promise<void> {
  const { store } = parts;
  const run = store.read.run(id) as Run;
  const kept = run.branch && !run.proposal ? await keep(parts, run, fault.message) : '';
  const { code, cure } = fault;
  const reason: Reason = { code, message: fault.message + kept, ...(cure ? { cure } : {}) };
  const outcome = code === 'run.stopped' ? 'stopped' : 'failed';
  store.commit((writer) => endRun(parts, writer, id, { outcome, reason, proposal: run.proposal }));
}

/** What to add to the reason of the end. */
async function keep(parts: Parts, run: Run, why: string): Promise<string> {
  const { repositories, store, worktrees } = parts;
  const directory = join(worktrees, run.id);
  let trouble: Fault | null = null;
  try {
    const repo = await repositories.locate(run.repository as string);
    try {
      await repositories.commitAll(repo, directory, `Unfinished work of ${run.id}\n\n${why}`);
      await discard(parts, run, repo);
      await keepAgents(parts, run, repo);
    } catch (error) {
      trouble = asFault(error);
    }
    const head = await repositories.head(repo, run.branch as string);
    if (head && head !== run.base) return ` What it had changed is on the branch ${run.branch}.`;
  } catch (error) {
    trouble = asFault(error);
  }
  // A run that never had a sandbox has changed nothing.
  if (trouble === null || !begunWork(store, run.id)) return '';
  return ` What it had changed could not be kept on its branch: ${trouble.message} Look for it in ${directory}.`;
}

function asFault(error: unknown): Fault {
  if (error instanceof Fault && !error.code.startsWith('data.')) return error;
  throw error;
}

/** The worktree goes; the branch too, unless it holds work. */
export async function discard(
  {
    repositories,
    worktrees,
  }: { repositories: Pick<Repositories, 'removeWorktree' | 'deleteBranch'>; worktrees: string },
  run: Run,
  repo: RepositoryPlace,
): Promise<void> {
  await repositories.removeWorktree(repo, join(worktrees, run.id));
  await repositories.deleteBranch(repo, run.branch as string, run.base as string);
}

function begunWork(store: Store, run: string): boolean {
  return lastOf(store, run, ['sandbox.ready', 'run.ended']) === 'sandbox.ready';
}

/** Is there a worktree that the run was parked with and has not been given back since? */
export function leftParked(store: Store, run: string): boolean {
  const last = lastOf(store, run, ['sandbox.ready', 'run.parked', 'run.held', 'run.ended']);
  // One whose first question met a limit may have been left before it had a worktree.
  return (last === 'run.parked' || last === 'run.held') && begunWork(store, run);
}

function lastOf(store: Store, run: string, types: readonly EventType[]): EventType | undefined {
  const events = store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER });
  return events.findLast(({ type }) => types.includes(type))?.type;
}

/** Did a person stop it while it waited for an answer? Then nothing of it is to be begun any more. */
export function wasStopped(store: Store, run: string): boolean {
  const { asked, apply } = createAsked();
  for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) apply(event);
  return asked.stopped;
}
