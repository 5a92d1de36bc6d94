/** Finds the git directory of a worktree that a stranger may have written into: what its `.git` claims is not believed. */
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { Fault } from '#contract/faults.ts';

/** Bytes; git's own are a path long. */
const longestLink = 8192;

/**
 * @param worktree existing folder, links resolved.
 * @returns host path of the common git directory; null when the folder is no repository at all.
 * Throws `sandbox.unavailable` for everything in between. That the two belong together is checked by `gitView`.
 */
export async function findGitDirectory(worktree: string): Promise<string | null> {
  const place = join(worktree, '.git');
  const facts = await lstat(place).catch(() => null);
  if (!facts) return null;
  if (facts.isDirectory()) return (await readdir(place)).length === 0 ? null : place;
  if (!facts.isFile() || facts.size > longestLink)
    return refuse(`${place} is neither a git directory nor a link to one`);
  const target = /^gitdir: (.+?)\n?$/s.exec(await readFile(place, 'utf8'))?.[1];
  const admin = target && (await realpath(resolve(worktree, target)).catch(() => null));
  if (!admin) return refuse(`${place} leads nowhere`);
  const common = dirname(dirname(admin));
  // A git directory inside the worktree, or beside it as a submodule's, is not what `git worktree add` makes.
  if (basename(dirname(admin)) !== 'worktrees' || `${admin}${sep}`.startsWith(`${worktree}${sep}`))
    return refuse(`${place} leads to ${admin}, which is not a worktree's own git data`);
  return common;
}

function refuse(problem: string): never {
  throw new Fault('sandbox.unavailable', `The sandbox cannot show the repository: ${problem}.`, {
    cure: 'Look at the repository with: git worktree list',
  });
}
