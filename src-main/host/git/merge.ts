/** Joins a proposal with a branch in the object store alone: no working tree is needed, and a conflict leaves no trace. */
import { Fault } from '#contract/faults.ts';
import { listed } from './landing-words.ts';
import type { Git } from './run-git.ts';

export interface MergeRequest {
  base: string;
  head: string;
  into: string;
  message: string;
}

/** @returns the merge of `ours`, the head of `into`, with the proposal: a commit with both as parents. */
export async function merge(git: Git, request: MergeRequest, ours: string): Promise<string> {
  const tree = await mergeTrees(git, request.into, ours, request.head);
  return commitTree(git, tree, [ours, request.head], request.message);
}

/**
 * Applies the change from `base` to `head` to `ours`, the head of `into`, and brings nothing else of their history.
 * @returns one commit on top of `ours`; `ours` itself when it has the change already.
 */
export async function carryOver(git: Git, request: MergeRequest, ours: string): Promise<string> {
  const { base, head, into, message } = request;
  if ((await git(['merge-base', ours, base], { accept: [0, 1] })).code === 1) throw noCommonHistory(into);
  // The base of a merge cannot be named before git 2.40: two commits whose only common ancestor is `base` do the same.
  const [oursOnBase, theirsOnBase] = await Promise.all(
    [ours, head].map(async (commit) => commitTree(git, await treeOf(git, commit), [base], 'for a merge')),
  );
  const tree = await mergeTrees(git, into, oursOnBase as string, theirsOnBase as string);
  if (tree === (await treeOf(git, ours))) return ours;
  const why = `The change from ${base} to ${head} alone: ${into} does not hold the commit that it started from.`;
  return commitTree(git, tree, [ours], `${message.trimEnd()}\n\n${why}`);
}

const cure =
  'Merge the proposal’s branch yourself, ask for changes, or land it on another branch with --into <branch>.';

async function mergeTrees(git: Git, into: string, ours: string, theirs: string): Promise<string> {
  const common = await git(['merge-base', ours, theirs], { accept: [0, 1] });
  if (common.code === 1) throw noCommonHistory(into);
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
  return tree;
}

async function commitTree(git: Git, tree: string, parents: string[], message: string): Promise<string> {
  const args = ['commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-F', '-', tree];
  const commit = await git(args, { input: `${message.replaceAll('\0', '').trimEnd()}\n` });
  return commit.out.toString().trim();
}

async function treeOf(git: Git, commit: string): Promise<string> {
  return (await git(['rev-parse', '--verify', `${commit}^{tree}`])).out.toString().trim();
}

function noCommonHistory(into: string): Fault {
  return new Fault('repo.conflict', `${into} and the proposal have no common history.`, { cure });
}
