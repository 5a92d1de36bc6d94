/** Commits what a run left in its worktree, believing nothing that the run wrote there about git itself. */
import { randomBytes } from 'node:crypto';
import { copyFile, lstat, readdir, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { Log, RepositoryPlace } from '#core/ports.ts';
import { stderrOf } from './git-failure.ts';
import { type Git, type GitOptions, gitAt } from './run-git.ts';
import { findWorktreeEntry, removeFile, sealLink } from './worktree-entries.ts';

/** Files that git will not take (an impossible name, unreadable) are left out one by one, up to this many. */
const mostRefused = 20;

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
    if (leftOut.length > 0) log?.info('left out of the commit', { directory, paths: leftOut.slice(0, mostRefused) });
    const commit = await commitIndex(git, index, withNote(message, leftOut));
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

/** Brings the index in line with the files. @returns the paths that were left out. */
async function stage(git: Git, index: string, directory: string): Promise<string[]> {
  const list = async (args: string[]) =>
    (await git(args, { index })).out.toString('latin1').split('\0').filter(Boolean);
  const sparse = ['-c', 'core.sparseCheckout=false'];
  const changed = await list([
    ...sparse,
    'diff-files',
    '-z',
    '--name-only',
    '--no-ext-diff',
    '--ignore-submodules=all',
  ]);
  const others = await list([...sparse, 'ls-files', '-z', '--others', '--exclude-standard']);
  // A path with a slash at its end is a repository inside the worktree: adding it would make a submodule of it.
  const nested = others.filter((path) => path.endsWith('/'));
  const special = (
    await Promise.all(changed.map(async (path) => ((await isSpecial(directory, path)) ? path : '')))
  ).filter(Boolean);
  const paths = [...changed, ...others].filter((path) => !path.endsWith('/') && !special.includes(path));
  if (special.length > 0) await feed(git, index, ['--force-remove'], special);
  const refused = await stagePaths(git, index, paths);
  return [...nested, ...special, ...refused].map(readable);
}

async function stagePaths(git: Git, index: string, wanted: string[]): Promise<string[]> {
  const refused: string[] = [];
  let paths = wanted;
  while (paths.length > 0) {
    try {
      const said = await feed(git, index, ['--add', '--remove', '--replace'], paths);
      return [...refused, ...paths.filter((path) => said.has(`Ignoring path ${readable(path)}`))];
    } catch (error) {
      const named = /Unable to process path (.+)$/s.exec(stderrOf(error).trimEnd())?.[1];
      const culprit = named === undefined ? undefined : paths.find((path) => readable(path) === named);
      if (culprit === undefined || refused.length >= mostRefused) throw error;
      refused.push(culprit);
      paths = paths.filter((path) => path !== culprit);
    }
  }
  return refused;
}

/** @returns the lines that git wrote about it. */
async function feed(git: Git, index: string, flags: string[], paths: string[]): Promise<Set<string>> {
  const input = Buffer.from(paths.join('\0'), 'latin1');
  const { err } = await git(['update-index', ...flags, '-z', '--stdin'], { index, input });
  return new Set(err.split('\n'));
}

/** A pipe, socket or device in the place of a file: git would refuse it, or wait for it for ever. */
async function isSpecial(directory: string, path: string): Promise<boolean> {
  const facts = await lstat(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(path, 'latin1')])).catch(
    () => null,
  );
  return facts !== null && !facts.isFile() && !facts.isSymbolicLink() && !facts.isDirectory();
}

/** Paths are kept byte for byte as latin1, since file names need not be UTF-8. */
function readable(path: string): string {
  return Buffer.from(path, 'latin1').toString();
}

function withNote(message: string, leftOut: string[]): string {
  const text = message.replaceAll('\0', '').trimEnd();
  if (leftOut.length === 0) return `${text}\n`;
  const names = leftOut.slice(0, mostRefused).map((path) => `- ${JSON.stringify(path)}`);
  const more = leftOut.length > mostRefused ? [`- and ${leftOut.length - mostRefused} more`] : [];
  const why =
    'Left out, because git cannot hold it as plain files (repositories of their own, special or unreadable files):';
  return [text, '', why, ...names, ...more, ''].join('\n');
}

async function commitIndex(git: Git, index: string, message: string): Promise<string | null> {
  const ask = async (args: string[]) => (await git(args, { index })).out.toString().trim();
  const head = await ask(['rev-parse', '--verify', 'HEAD^{commit}']);
  const tree = await ask(['write-tree']);
  if (tree === (await ask(['rev-parse', '--verify', `${head}^{tree}`]))) return null;
  const commit = (await git(['commit-tree', '-p', head, '-F', '-', tree], { input: message })).out.toString().trim();
  await git(['update-ref', '-m', 'nightshift: commit', 'HEAD', commit, head]);
  return commit;
}
