/** Which working trees have a branch checked out, and whether one of them may be moved. */
import { readFile, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RepositoryPlace } from '#core/ports.ts';
import type { Git } from './run-git.ts';
import { exists, worktreeEntries } from './worktree-entries.ts';

export interface Checkout {
  /** Null: git does not say where the files are. */
  workTree: string | null;
  gitDirectory: string;
  /** What a person has begun there and not ended, e.g. `merge`; null for nothing. */
  unfinished: string | null;
}

/** Working trees on `branch`, those in the middle of rebasing it included; ones whose folder is gone are left out. */
export async function findCheckouts(git: Git, repo: RepositoryPlace, branch: string): Promise<Checkout[]> {
  const ref = `refs/heads/${branch}`;
  const listed = await git(['worktree', 'list', '--porcelain', '-z']);
  const branchOf = new Map<string, string>();
  let mainPath = '';
  for (const [i, block] of listed.out.toString().split('\0\0').filter(Boolean).entries()) {
    const lines = block.split('\0');
    const path = lines[0]?.replace(/^worktree /, '') ?? '';
    if (i === 0) mainPath = path;
    const named = lines.find((line) => line.startsWith('branch '))?.slice('branch '.length);
    if (named && !lines.includes('bare')) branchOf.set(i === 0 ? '' : path, named);
  }
  const places = [{ key: '', gitDirectory: repo.gitDirectory, workTree: await mainWorkTree(repo, mainPath) }];
  for (const { admin, directory } of await worktreeEntries(repo.gitDirectory)) {
    if (directory && (await exists(directory)))
      places.push({ key: directory, gitDirectory: admin, workTree: directory });
  }
  const found: Checkout[] = [];
  for (const { key, gitDirectory, workTree } of places) {
    const rebasing = await rebasedBranch(gitDirectory);
    if (branchOf.get(key) !== ref && rebasing !== ref) continue;
    found.push({ workTree, gitDirectory, unfinished: await unfinished(gitDirectory) });
  }
  return found;
}

/** git guesses the main working tree from its git directory's place, which is wrong for submodules and moved ones. */
async function mainWorkTree(repo: RepositoryPlace, listed: string): Promise<string | null> {
  for (const candidate of [listed, repo.root]) {
    if (await leadsTo(candidate, repo.gitDirectory)) return candidate;
  }
  return null;
}

async function leadsTo(workTree: string, gitDirectory: string): Promise<boolean> {
  const link = join(workTree, '.git');
  const text = await readFile(link, 'utf8').catch(() => null);
  const target = text?.startsWith('gitdir: ') ? resolve(workTree, text.slice('gitdir: '.length).trimEnd()) : link;
  return (await realpath(target).catch(() => null)) === gitDirectory;
}

async function rebasedBranch(gitDirectory: string): Promise<string | null> {
  for (const kind of ['rebase-merge', 'rebase-apply']) {
    const name = await readFile(join(gitDirectory, kind, 'head-name'), 'utf8').catch(() => null);
    if (name !== null) return name.trim();
  }
  return null;
}

const signs: [file: string, what: string][] = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
];

async function unfinished(gitDirectory: string): Promise<string | null> {
  for (const [file, what] of signs) {
    if (await exists(join(gitDirectory, file))) return what;
  }
  return null;
}
