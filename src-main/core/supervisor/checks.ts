/** Runs the routine's checks on a clean checkout of one commit, in a sandbox of its own: nothing the agent left lying about counts. */
import { join } from 'node:path';
import type { CheckResult, CheckRound } from '#contract/runs.ts';
import type { Repositories, RepositoryPlace, Sandbox } from '#core/ports.ts';

/** Milliseconds that one check may take; the longest the hands allow. */
const checkTimeout = 600_000;

interface Parts {
  repositories: Repositories;
  sandbox: Sandbox;
  /** Directory for checkouts. */
  checkouts: string;
}

/** Throws `sandbox.*` and `repo.*`; a check that fails is a result. */
export async function runChecks(
  { repositories, sandbox, checkouts }: Parts,
  run: string,
  repo: RepositoryPlace,
  commit: string,
  commands: readonly string[],
  signal: AbortSignal,
): Promise<CheckRound> {
  const directory = join(checkouts, run);
  await repositories.addCheckout(repo, commit, directory);
  try {
    const { gitDirectory } = repo;
    const hands = await sandbox.launch({ run: `${run}-checks`, worktree: directory, gitDirectory, access: 'write' });
    try {
      const results: CheckResult[] = [];
      for (const command of commands) {
        signal.throwIfAborted();
        const done = await hands.call('Bash', { command, timeout: checkTimeout }, signal);
        const exitCode = done.exitCode ?? null;
        const passed = done.ok && exitCode === 0;
        results.push({ command, exitCode, passed, output: done.text, milliseconds: done.milliseconds });
      }
      signal.throwIfAborted();
      return { commit, results };
    } finally {
      await hands.close();
    }
  } finally {
    await repositories.removeWorktree(repo, directory);
  }
}
