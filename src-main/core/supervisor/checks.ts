/** Runs commands on a clean checkout of one commit, in a sandbox of its own: nothing the agent left lying about counts. */
import { join } from 'node:path';
import type { RoutineSpec } from '#contract/routines.ts';
import type { CheckResult, CheckRound } from '#contract/runs.ts';
import type { Hands, HandsSpec, Repositories, RepositoryPlace, Sandbox } from '#core/ports.ts';

/** Milliseconds that one check may take; the longest the hands allow. */
const longestCheck = 600_000;
/** Milliseconds: in less a check shows nothing at all. */
const shortestCheck = 1_000;

export interface CheckoutParts {
  repositories: Pick<Repositories, 'addCheckout' | 'removeWorktree'>;
  sandbox: Pick<Sandbox, 'launch'>;
  /** Directory for checkouts. */
  checkouts: string;
}

/** One at a time for a run. The checkout and the sandbox are gone when `work` is over. Throws `sandbox.*` and `repo.*`. */
export async function inCheckout<T>(
  { repositories, sandbox, checkouts }: CheckoutParts,
  { run, repo, commit, access }: { run: string; repo: RepositoryPlace; commit: string; access: HandsSpec['access'] },
  work: (hands: Hands) => Promise<T>,
): Promise<T> {
  const directory = join(checkouts, run);
  await repositories.addCheckout(repo, commit, directory);
  try {
    const { gitDirectory } = repo;
    const hands = await sandbox.launch({ run: `${run}-checks`, worktree: directory, gitDirectory, access });
    try {
      return await work(hands);
    } finally {
      await hands.close();
    }
  } finally {
    await repositories.removeWorktree(repo, directory);
  }
}

/** Throws `sandbox.*` and `repo.*`; a check that fails is a result. One that hangs is ended when as many minutes are over as the run has in all, or has left. */
export async function runChecks(
  parts: CheckoutParts,
  run: string,
  repo: RepositoryPlace,
  commit: string,
  { checks, limits }: Pick<RoutineSpec, 'checks' | 'limits'>,
  signal: AbortSignal,
  /** Milliseconds of the run's time. Left out: it does not count. */
  left: () => number = () => Number.POSITIVE_INFINITY,
): Promise<CheckRound> {
  return await inCheckout(parts, { run, repo, commit, access: 'write' }, async (hands) => {
    const results: CheckResult[] = [];
    const longest = Math.min(limits.minutes * 60_000, longestCheck);
    for (const command of checks) {
      signal.throwIfAborted();
      const timeout = Math.ceil(Math.max(shortestCheck, Math.min(longest, left())));
      const done = await hands.call('Bash', { command, timeout }, signal);
      const exitCode = done.exitCode ?? null;
      const passed = done.ok && exitCode === 0;
      results.push({ command, exitCode, passed, output: done.text, milliseconds: done.milliseconds });
    }
    signal.throwIfAborted();
    return { commit, results };
  });
}
