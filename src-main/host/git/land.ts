/** Brings a finished proposal into a branch: either all of it, or nothing was touched. */
import { Fault } from '#contract/faults.ts';
import type { Landing, RepositoryPlace } from '#core/ports.ts';
import { branchHead, requireBranchName, requireHash } from './branches.ts';
import { findCheckouts } from './checkouts.ts';
import { listed, movedMeanwhile } from './landing-words.ts';
import { moveCheckout } from './move-checkout.ts';
import { type Git, type GitOptions, gitAt } from './run-git.ts';

export interface LandingRequest {
  base: string;
  head: string;
  into: string;
  message: string;
}

export async function land(options: GitOptions, repo: RepositoryPlace, request: LandingRequest): Promise<Landing> {
  const { base, head, into, message } = request;
  requireHash(base, head);
  const git = await gitAt(options, { gitDirectory: repo.gitDirectory });
  await requireBranchName(git, into, 'into');
  const present = await branchHead(git, into);
  const from = present ?? base;
  if (await contains(git, from, head)) {
    if (present === null) await moveBranch(git, into, base, null);
    return { landedAs: from, landedHow: 'already_contained' };
  }
  const forward = await contains(git, head, from);
  const target = forward ? head : await mergeCommit(git, from, head, into, message);
  const checkouts = present === null ? [] : await findCheckouts(git, repo, into);
  if (checkouts.length === 0) await moveBranch(git, into, target, present);
  else await moveCheckout(options, git, checkouts, { into, from, target });
  return { landedAs: target, landedHow: forward ? 'fast_forward' : 'merge_commit' };
}

/** Deletes the branch while it points at `head` and nobody stands on it. */
export async function deleteBranch(
  options: GitOptions,
  repo: RepositoryPlace,
  branch: string,
  head: string,
): Promise<boolean> {
  requireHash(head);
  const git = await gitAt(options, { gitDirectory: repo.gitDirectory });
  const present = await branchHead(git, branch);
  if (present === null) return true;
  if (present !== head || (await findCheckouts(git, repo, branch)).length > 0) return false;
  try {
    await git(['update-ref', '-d', `refs/heads/${branch}`, head]);
  } catch (error) {
    const now = await branchHead(git, branch);
    if (now !== head) return now === null;
    throw error;
  }
  return true;
}

/** Is `part` in the history of `whole`? */
async function contains(git: Git, whole: string, part: string): Promise<boolean> {
  return (await git(['merge-base', '--is-ancestor', part, whole], { accept: [0, 1] })).code === 0;
}

/** Merges in the object store alone: no working tree is needed, and a conflict leaves no trace. */
async function mergeCommit(git: Git, ours: string, theirs: string, into: string, message: string): Promise<string> {
  const common = await git(['merge-base', ours, theirs], { accept: [0, 1] });
  const cure =
    'Merge the proposal’s branch yourself, ask for changes, or land it on another branch with --into <branch>.';
  if (common.code === 1) throw new Fault('repo.conflict', `${into} and the proposal have no common history.`, { cure });
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs];
  const merged = await git(args, { accept: [0, 1, 129] });
  if (merged.code === 129) {
    throw new Fault('unsupported', 'This git is too old to merge without a working tree.', {
      cure: 'Install git 2.38 or newer.',
    });
  }
  const [tree = '', ...conflicts] = merged.out.toString().split('\0').filter(Boolean);
  if (merged.code === 1) {
    throw new Fault('repo.conflict', `${into} and the proposal changed the same lines in ${listed(conflicts)}.`, {
      cure,
    });
  }
  const commit = await git(['commit-tree', '-p', ours, '-p', theirs, '-F', '-', tree], {
    input: `${message.replaceAll('\0', '').trimEnd()}\n`,
  });
  return commit.out.toString().trim();
}

/** @param from where the branch must still be; null: it must still be missing. */
async function moveBranch(git: Git, into: string, target: string, from: string | null): Promise<void> {
  const ref = `refs/heads/${into}`;
  try {
    await git(['update-ref', '-m', 'nightshift: land', ref, target, from ?? '0'.repeat(target.length)]);
  } catch (error) {
    const now = await branchHead(git, into);
    if (now === target) return;
    if (now !== from) throw movedMeanwhile(into);
    throw error;
  }
}
