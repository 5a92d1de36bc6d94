/** Makes the files of a worktree those of a commit, while nobody works in it; a link that a run left leads nowhere. */
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, rmdir, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { RepositoryPlace } from '#core/ports.ts';
import { differing, parentOfKept } from './kept-commits.ts';
import { removeTree } from './remove-tree.ts';
import { type Git, type GitOptions, gitAt } from './run-git.ts';
import { placeOf } from './there.ts';
import { findWorktreeEntry, removeFile, sealLink } from './worktree-entries.ts';

interface Entry {
  mode: string;
  blob: string;
}

export async function restoreFiles(
  options: GitOptions,
  repo: RepositoryPlace,
  directory: string,
  commit: string,
): Promise<void> {
  const entry = await findWorktreeEntry(repo.gitDirectory, directory);
  if (!entry?.complete || entry.directory === null)
    throw new Fault('repo.git_failed', `${directory} is not a worktree of ${repo.root} any more.`, {
      cure: 'Its files, if any, are still there; start a new run.',
    });
  const git = await gitAt(options, { gitDirectory: entry.admin, workTree: entry.directory });
  const root = entry.directory;
  const { files: wanted, links } = await treeOf(git, commit);
  const differ = [...(await differing(git)), ...(await between(git, 'HEAD', commit))];
  const paths = [...new Set(differ)].filter((path) => !links.has(path));
  for (const path of paths) requireInside(path);
  const parent = await parentOfKept(git, commit);
  // What a run wrote was kept byte for byte; everything else is as git checks it out.
  const raw = new Set(parent === null ? [] : await between(git, parent, commit));
  for (const path of paths) await clear(root, path);
  const there = paths.flatMap((path) => (wanted.has(path) ? [{ path, ...(wanted.get(path) as Entry) }] : []));
  await checkOut(
    git,
    entry.admin,
    commit,
    root,
    there.filter(({ path }) => !raw.has(path)),
  );
  await writeRaw(
    git,
    root,
    there.filter(({ path }) => raw.has(path)),
  );
  await sealLink(entry);
}

/** By path, as latin1. `links`: of repositories of their own, which are left as they are. */
async function treeOf(git: Git, commit: string): Promise<{ files: Map<string, Entry>; links: Set<string> }> {
  const { out } = await git(['ls-tree', '-r', '-z', '--full-tree', commit]);
  const files = new Map<string, Entry>();
  const links = new Set<string>();
  for (const line of out.toString('latin1').split('\0').filter(Boolean)) {
    const [mode = '', type, blob = ''] = line.slice(0, line.indexOf('\t')).split(' ');
    const path = line.slice(line.indexOf('\t') + 1);
    if (type === 'blob') files.set(path, { mode, blob });
    else links.add(path);
  }
  return { files, links };
}

async function between(git: Git, one: string, other: string): Promise<string[]> {
  const { out } = await git(['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--no-ext-diff', one, other]);
  return out.toString('latin1').split('\0').filter(Boolean);
}

/** A tree that came from elsewhere may name anything. */
function requireInside(path: string): void {
  const parts = path.split('/');
  if (parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/^(\.git|git~\d+)[. ]*$/i.test(part)))
    return;
  throw new Fault('repo.git_failed', `The files to be brought back hold a path that is none: ${JSON.stringify(path)}.`);
}

/** Folders on the way to it that are folders; the first that is a link or a file ends the way. */
async function clear(root: string, path: string): Promise<void> {
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    const facts = await lstat(placeOf(root, parts.slice(0, depth).join('/'))).catch(() => null);
    if (facts === null) return;
    // A link or a file in a folder's place differs from the branch itself, and goes by its own name.
    if (!facts.isDirectory()) return;
  }
  const place = placeOf(root, path);
  const facts = await lstat(place).catch(() => null);
  if (facts === null) return;
  if (facts.isDirectory()) await removeTree(place.toString());
  else await unlink(place);
  await dropEmpty(root, parts);
}

/** git holds no empty folders. */
async function dropEmpty(root: string, parts: string[]): Promise<void> {
  for (let depth = parts.length - 1; depth > 0; depth--) {
    const gone = await rmdir(placeOf(root, parts.slice(0, depth).join('/'))).then(
      () => true,
      () => false,
    );
    if (!gone) return;
  }
}

async function checkOut(
  git: Git,
  admin: string,
  commit: string,
  root: string,
  files: readonly { path: string }[],
): Promise<void> {
  if (files.length === 0) return;
  for (const { path } of files) await makeWay(root, path);
  const index = join(admin, `nightshift-restore-${randomBytes(6).toString('hex')}`);
  try {
    await git(['read-tree', commit], { index });
    const input = Buffer.from(files.map(({ path }) => `${path}\0`).join(''), 'latin1');
    await git(['checkout-index', '--force', '--quiet', '-z', '--stdin'], { index, input });
  } finally {
    await removeFile(index);
    await removeFile(`${index}.lock`);
  }
}

async function writeRaw(git: Git, root: string, files: readonly ({ path: string } & Entry)[]): Promise<void> {
  for (const { path, mode, blob } of files) {
    const content = (await git(['cat-file', 'blob', blob])).out;
    await makeWay(root, path);
    const place = placeOf(root, path);
    if (mode === '120000') await symlink(content, place);
    else {
      const file = await open(place, 'wx', mode === '100755' ? 0o777 : 0o666);
      await file.writeFile(content).finally(() => file.close());
    }
  }
}

/** Real folders all the way. */
async function makeWay(root: string, path: string): Promise<void> {
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    const place = placeOf(root, parts.slice(0, depth).join('/'));
    const facts = await lstat(place).catch(() => null);
    if (facts?.isDirectory()) continue;
    if (facts) await unlink(place);
    await mkdir(place);
  }
}
