/** Branch names and where branches point, without ever handing a name to git's revision parser. */
import { Fault } from '#contract/faults.ts';
import type { Git } from './run-git.ts';

/** Full hash, or null when there is no such branch (or no such name). */
export async function branchHead(git: Git, branch: string): Promise<string | null> {
  if (!(await isBranchName(git, branch))) return null;
  const ref = `refs/heads/${branch}`;
  const answer = await git(['for-each-ref', '--format=%(objectname) %(refname)', ref]);
  // The pattern also matches everything below it.
  const found = answer.out
    .toString()
    .split('\n')
    .find((each) => each.slice(each.indexOf(' ') + 1) === ref);
  return found ? found.slice(0, found.indexOf(' ')) : null;
}

/** Throws `input` when git refuses the name. @param field the input field that held it. */
export async function requireBranchName(git: Git, branch: string, field: string): Promise<void> {
  if (await isBranchName(git, branch)) return;
  const cure = 'Use letters, digits, and single . - _ / between them, for instance review/log-triage.';
  throw new Fault('input', `"${branch}" is not a branch name that git accepts.`, { field, cure });
}

async function isBranchName(git: Git, branch: string): Promise<boolean> {
  // A name that starts like a full reference is a slip: git would make refs/heads/refs/heads/…
  if (branch === '' || branch.startsWith('-') || branch.startsWith('refs/') || branch.includes('\0')) return false;
  const answer = await git(['check-ref-format', '--branch', branch], { accept: [0, 1, 128] });
  // Shorthands such as @{-1} are expanded, so the echo differs.
  return answer.code === 0 && answer.out.toString().trim() === branch;
}

/** Hashes only: anything else could be an option or a revision expression. A wrong one is a bug of the caller. */
export function requireHash(...hashes: string[]): void {
  for (const hash of hashes) {
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash)) throw new Error(`not a full commit hash: ${hash}`);
  }
}
