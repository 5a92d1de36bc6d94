/** Commits what a run left in its worktree, believing nothing that the run wrote there about git itself. */
import { randomBytes } from 'node:crypto';
import { copyFile, readdir, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { Log, RepositoryPlace } from '#core/ports.ts';
import { type Git, type GitOptions, gitAt } from './run-git.ts';
import { stage } from './stage.ts';
import { findWorktreeEntry, removeFile, sealLink } from './worktree-entries.ts';

/** So many of the paths that were left out are named. */
const mostNamed = 20;

/** @returns the new commit, or null when nothing differs. What had to be left out is named in the commit message. */
export async function commitAll(
  options: GitOptions,
  log: Log | undefined,
  repo: RepositoryPlace,
  directory: string,
  message: string,
): Promise<string | null> {
  const entry = await findWorktreeEntry(repo.gitDirectory, directory);
  if (!entry?.complete || entry.directory === null) {
    throw new Fault('repo.git_failed', `${directory} is not a worktree of ${repo.root} any more.`, {
      cure: 'Its files, if any, are still there; start a new run.',
    });
  }
  const git = await gitAt(options, { gitDirectory: entry.admin, workTree: entry.directory });
  const index = join(entry.admin, `${indexPrefix}${randomBytes(6).toString('hex')}`);
  try {
    await copyIndex(entry.admin, index);
    const leftOut = await stage(git, index, entry.directory);
    if (leftOut.length > 0) log?.info('left out of the commit', { directory, paths: leftOut.slice(0, mostNamed) });
    const commit = await commitIndex(git, index, withNote(message, leftOut), entry.directory);
    await rename(index, join(entry.admin, 'index'));
    return commit;
  } finally {
    await removeFile(index);
    await removeFile(`${index}.lock`);
    await sealLink(entry);
  }
}

const indexPrefix = 'nightshift-index-';

/**
 * Work is done on a copy, so no lock of an interrupted git can stand in the way and the index changes in one rename.
 * The copy keeps the age of the original: git trusts a file's times only when the index is younger.
 */
async function copyIndex(admin: string, copy: string): Promise<void> {
  for (const name of await readdir(admin)) {
    if (name.startsWith(indexPrefix)) await removeFile(join(admin, name));
  }
  const original = join(admin, 'index');
  const { mtimeMs } = await stat(original);
  await copyFile(original, copy);
  const seconds = Math.floor(mtimeMs) / 1000;
  await utimes(copy, seconds, seconds);
}

function withNote(message: string, leftOut: string[]): string {
  const text = message.replaceAll('\0', '').trimEnd();
  if (leftOut.length === 0) return `${text}\n`;
  const names = leftOut.slice(0, mostNamed).map((path) => `- ${JSON.stringify(path)}`);
  const more = leftOut.length > mostNamed ? [`- and ${leftOut.length - mostNamed} more`] : [];
  const why =
    'Left out, because git cannot hold it as plain files (repositories of their own and what lies in the folders of' +
    ' submodules, special or unreadable files, files that do not fit the encoding their attributes ask for):';
  return [text, '', why, ...names, ...more, ''].join('\n');
}

async function commitIndex(git: Git, index: string, message: string, directory: string): Promise<string | null> {
  const ask = async (args: string[]) => (await git(args, { index })).out.toString().trim();
  const start = await git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { accept: [0, 1] });
  if (start.code === 1) throw await branchGone(git, directory);
  const head = start.out.toString().trim();
  const tree = await ask(['write-tree']);
  if (tree === (await ask(['rev-parse', '--verify', `${head}^{tree}`]))) return null;
  const commit = (await git(['commit-tree', '-p', head, '-F', '-', tree], { input: message })).out.toString().trim();
  await git(['update-ref', '-m', 'nightshift: commit', 'HEAD', commit, head]);
  return commit;
}

async function branchGone(git: Git, directory: string): Promise<Fault> {
  const ref = (await git(['symbolic-ref', '--quiet', 'HEAD'], { accept: [0, 1] })).out.toString().trim();
  const branch = ref.replace(/^refs\/heads\//, '');
  return new Fault('conflict', `The branch ${branch} is gone: it was deleted while the run was at work.`, {
    cure: `The files are still at ${directory}. Make the branch again with "git branch ${branch} <commit>", then commit them there.`,
  });
}
