/** Brings a finished proposal into a branch: either all of it, or nothing was touched. */
import type { Landing, RepositoryPlace } from '#core/ports.ts';
import { branchHead, requireBranchName, requireHash } from './branches.ts';
import { findCheckouts } from './checkouts.ts';
import { movedMeanwhile } from './landing-words.ts';
import { carryOver, merge } from './merge.ts';
import { moveCheckout } from './move-checkout.ts';
import { type Git, type GitOptions, gitAt } from './run-git.ts';

export interface LandingRequest {
  base: string;
  head: string;
  into: string;
  message: string;
}

export async function land(options: GitOptions, repo: RepositoryPlace, request: LandingRequest): Promise<Landing> {
  const { base, head, into } = request;
  requireHash(base, head);
  const git = await gitAt(options, { gitDirectory: repo.gitDirectory });
  await requireBranchName(git, into, 'into');
  const present = await branchHead(git, into);
  const from = present ?? base;
  if (await contains(git, from, head)) {
    if (present === null) await moveBranch(git, into, base, null);
    return { landedAs: from, landedHow: 'already_contained' };
  }
  const { landedAs, landedHow } = await prepare(git, request, from);
  if (landedHow === 'already_contained') return { landedAs, landedHow };
  const checkouts = present === null ? [] : await findCheckouts(git, repo, into);
  if (checkouts.length === 0) await moveBranch(git, into, landedAs, present);
  else await moveCheckout(options, git, checkouts, { into, from, target: landedAs });
  return { landedAs, landedHow };
}

/**
 * The commit that the branch is to point at. What lies between a branch and the commit that the run started from was
 * not reviewed: a branch that does not hold that commit, or not any more, gets the reviewed change alone.
 */
async function prepare(git: Git, request: LandingRequest, from: string): Promise<Landing> {
  const { base, head } = request;
  if (await contains(git, from, base)) {
    if (await contains(git, head, from)) return { landedAs: head, landedHow: 'fast_forward' };
    return { landedAs: await merge(git, request, from), landedHow: 'merge_commit' };
  }
  const landedAs = await carryOver(git, request, from);
  return { landedAs, landedHow: landedAs === from ? 'already_contained' : 'cherry_picked' };
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
