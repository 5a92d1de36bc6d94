/** What a repository's git directory says about its linked worktrees; the worktrees themselves are never asked. */
import { lstat, mkdir, open, readdir, readFile, realpath, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { removeTree } from './remove-tree.ts';

export interface WorktreeEntry {
  /** Folder of the worktree's own git data, `<git directory>/worktrees/<name>`. */
  admin: string;
  /** The worktree, absolute; null when an interrupted git did not get to note it. */
  directory: string | null;
  /** Nightshift made it and finished making it. */
  complete: boolean;
}

/** Written last when a worktree is made, so that a half-made one is known after a crash. */
const marker = 'nightshift';

/** All linked worktrees of a repository. @param gitDirectory the common one. */
export async function worktreeEntries(gitDirectory: string): Promise<WorktreeEntry[]> {
  const names = await readdir(join(gitDirectory, 'worktrees')).catch(() => []);
  return Promise.all(names.map((name) => readEntry(join(gitDirectory, 'worktrees', name))));
}

async function readEntry(admin: string): Promise<WorktreeEntry> {
  const link = await readFile(join(admin, 'gitdir'), 'utf8').catch(() => '');
  const target = link.replace(/\r?\n$/, '');
  const directory = target === '' ? null : dirname(resolve(admin, target));
  return { admin, directory, complete: await exists(join(admin, marker)) };
}

/**
 * The entry of the worktree at `directory`, or null.
 * An entry that an interrupted git left without a place counts when it has the name git gives to this one.
 */
export async function findWorktreeEntry(gitDirectory: string, directory: string): Promise<WorktreeEntry | null> {
  const place = await canonical(directory);
  const all = await worktreeEntries(gitDirectory);
  const unplaced = (entry: WorktreeEntry) => entry.directory === null && basename(entry.admin) === basename(place);
  return all.find((entry) => entry.directory === place) ?? all.find(unplaced) ?? null;
}

/** Absolute, with the links in its parent resolved, as git notes it. The folder itself need not exist. */
export async function canonical(directory: string): Promise<string> {
  const whole = resolve(directory);
  const parent = await realpath(dirname(whole)).catch(() => dirname(whole));
  return join(parent, basename(whole));
}

/** Survives a power cut: without it the worktree, with the work in it, would be taken for a half-made one. */
export async function markComplete(entry: WorktreeEntry): Promise<void> {
  const file = await open(join(entry.admin, marker), 'w');
  try {
    await file.writeFile('Made by Nightshift for one of its runs.\n');
    await file.sync();
  } finally {
    await file.close();
  }
}

export async function dropEntry(gitDirectory: string, entry: WorktreeEntry): Promise<void> {
  await removeTree(entry.admin);
  // git removes the folder with the last worktree in it, too; with others in it this fails, as it should.
  await rmdir(join(gitDirectory, 'worktrees')).catch(() => {});
}

/** Forgets our own worktrees in `parent` whose folder is gone. Other people's entries stay, whatever their state. */
export async function pruneEntries(gitDirectory: string, parent: string): Promise<void> {
  for (const entry of await worktreeEntries(gitDirectory)) {
    if (!entry.complete || entry.directory === null || dirname(entry.directory) !== parent) continue;
    if (!(await exists(entry.directory))) await dropEntry(gitDirectory, entry);
  }
}

/**
 * Makes the worktree's `.git` file say again what it must, whatever a run put in its place, so that a person's own git
 * in that folder does not follow a false one.
 */
export async function sealLink(entry: WorktreeEntry): Promise<void> {
  if (entry.directory === null) return;
  const link = join(entry.directory, '.git');
  const wanted = `gitdir: ${entry.admin}\n`;
  const facts = await lstat(link).catch(() => null);
  if (facts?.isFile() && (await readFile(link, 'utf8')) === wanted) return;
  await removeTree(link);
  await mkdir(entry.directory, { recursive: true });
  await writeFile(link, wanted, { flag: 'wx' });
}

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
}
