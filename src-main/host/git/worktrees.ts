/** Makes and removes the folders in which runs and checks work; a crash at any point is mended by asking again. */
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { RepositoryPlace } from '#core/ports.ts';
import { branchHead, requireBranchName, requireHash } from './branches.ts';
import { findCheckouts } from './checkouts.ts';
import { removeTree } from './remove-tree.ts';
import { type Git, type GitOptions, gitAt } from './run-git.ts';
import {
  canonical,
  dropEntry,
  exists,
  findWorktreeEntry,
  markComplete,
  pruneEntries,
  sealLink,
  type WorktreeEntry,
} from './worktree-entries.ts';

export async function addWorktree(
  options: GitOptions,
  repo: RepositoryPlace,
  branch: string,
  base: string,
  directory: string,
): Promise<'kept' | 'made'> {
  requireHash(base);
  const git = await gitAt(options, { gitDirectory: repo.gitDirectory });
  await requireBranchName(git, branch, 'branchPrefix');
  const place = await prepare(repo, directory);
  const known = await findWorktreeEntry(repo.gitDirectory, place);
  const there = await exists(place);
  if (known?.complete && there) {
    await keep(options, known, branch);
    return 'kept';
  }
  if (known) await removeWorktree(repo, place);
  else if (there && (await readdir(place)).length > 0) {
    throw new Fault('conflict', `${place} exists, but ${repo.root} knows no worktree there.`, {
      cure: `Look whether it holds work that you want to keep, then move it away.`,
    });
  }
  await startBranch(git, branch, base);
  const elsewhere = (await findCheckouts(git, repo, branch))[0];
  if (elsewhere) {
    throw new Fault('conflict', `The branch ${branch} is checked out at ${elsewhere.workTree ?? repo.gitDirectory}.`, {
      cure: 'Switch that checkout to another branch, then try again.',
    });
  }
  await git([...create, place, branch]);
  await finish(repo, place);
  return 'made';
}

/** A checkout is a worktree with no branch; it holds nothing of value, so it is always made anew. */
export async function addCheckout(
  options: GitOptions,
  repo: RepositoryPlace,
  commit: string,
  directory: string,
): Promise<void> {
  requireHash(commit);
  const git = await gitAt(options, { gitDirectory: repo.gitDirectory });
  const place = await prepare(repo, directory);
  await removeWorktree(repo, place);
  await git([...create, '--detach', place, commit]);
  await finish(repo, place);
}

/** The folder goes first: should that be interrupted, the entry still says what the rest of it is. */
export async function removeWorktree(repo: RepositoryPlace, directory: string): Promise<void> {
  const place = await canonical(directory);
  refuseOwnCheckout(repo, place);
  const known = await findWorktreeEntry(repo.gitDirectory, place);
  await removeTree(place);
  if (known) await dropEntry(repo.gitDirectory, known);
}

/** A sparse selection of the person's must not thin out what a run or a check sees. */
const create = ['-c', 'core.sparseCheckout=false', 'worktree', 'add', '--quiet', '--no-guess-remote'];

async function prepare(repo: RepositoryPlace, directory: string): Promise<string> {
  await mkdir(dirname(directory), { recursive: true }).catch((error) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === undefined) throw error;
    throw new Fault('conflict', `There can be no folder at ${dirname(directory)} (${code}).`, {
      cure: 'If a file is in its place, move it away; else give this user write access there. Then try again.',
      cause: error,
    });
  });
  const place = await canonical(directory);
  refuseOwnCheckout(repo, place);
  await pruneEntries(repo.gitDirectory, dirname(place));
  return place;
}

async function finish(repo: RepositoryPlace, place: string): Promise<void> {
  const made = await findWorktreeEntry(repo.gitDirectory, place);
  if (!made) throw new Error(`git made no worktree entry for ${place}`);
  await markComplete(made);
}

async function keep(options: GitOptions, entry: WorktreeEntry, branch: string): Promise<void> {
  const git = await gitAt(options, { gitDirectory: entry.admin });
  const head = (await git(['symbolic-ref', '--quiet', 'HEAD'], { accept: [0, 1] })).out.toString().trim();
  if (head !== `refs/heads/${branch}`) {
    throw new Fault('conflict', `The worktree at ${entry.directory} is not on the branch ${branch}.`, {
      cure: `Switch it back with "git switch ${branch}" there, or start a new run.`,
    });
  }
  await sealLink(entry);
}

async function startBranch(git: Git, branch: string, base: string): Promise<void> {
  if ((await branchHead(git, branch)) !== null) return;
  const parts = branch.split('/');
  for (let i = 1; i < parts.length; i++) {
    const shorter = parts.slice(0, i).join('/');
    if ((await branchHead(git, shorter)) === null) continue;
    throw new Fault('conflict', `The branch ${branch} cannot be made while there is a branch named ${shorter}.`, {
      field: 'branchPrefix',
      cure: `Rename the branch ${shorter}, or give the routine another branch prefix.`,
    });
  }
  const nothing = '0'.repeat(base.length);
  await git(['update-ref', '-m', 'nightshift: start of a run', `refs/heads/${branch}`, base, nothing]);
}

/** What is removed is never the person's checkout nor anything around it; a caller that asks for that has a bug. */
function refuseOwnCheckout(repo: RepositoryPlace, place: string): void {
  const around = place.endsWith(sep) ? place : place + sep;
  for (const own of [repo.root, repo.gitDirectory]) {
    if (own === place || own.startsWith(around)) throw new Error(`${place} holds the repository itself`);
  }
}
