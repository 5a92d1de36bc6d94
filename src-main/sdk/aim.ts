/** What a session of a program is judged by where it has a goal: its folder as it is, and checks in a sandbox of their own. */
import { createHash, type Hash } from 'node:crypto';
import { opendir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '#core/store/event-log.ts';
import type { PursueParts, Result } from '#core/supervisor/verdicts.ts';
import { createRepositories } from '#host/git/repositories.ts';
import type { Ground } from './ground.ts';
import type { Wanted } from './options.ts';

/** `gitDirectory`: of the folder, for the sandbox of its checks; null: it is in no repository. */
export function aimOf(
  { store, models, sandbox }: Ground,
  wanted: Wanted,
  run: string,
  gitDirectory: string | null,
): PursueParts {
  const { directory, options } = wanted;
  return {
    ...{ models, worktrees: '', checkouts: '' },
    sandbox: {
      ...sandbox,
      launch: (of) =>
        sandbox.launch({
          ...{ ...of, worktree: directory ?? '', gitDirectory },
          access: options.sandbox?.access ?? of.access,
        }),
    },
    // The folder stays where it is, and nothing is committed in it.
    repositories: { ...createRepositories(), addCheckout: async () => {}, removeWorktree: async () => {} },
    result: () => resultOf(store, run, directory),
  };
}

async function resultOf(store: Store, run: string, directory: string | null): Promise<Result> {
  const state = directory === null ? resultsOf(store, run) : await stateOf(directory);
  return { commit: state, patch: '', state };
}

/** Without a folder, whatever tools have brought back that they had not before is progress. */
function resultsOf(store: Store, run: string): string {
  const seen = new Set<string>();
  for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER }))
    if (event.type === 'tool.finished' && event.ok) seen.add(event.text);
  return createHash('sha256')
    .update([...seen].sort().join('\0'))
    .digest('hex');
}

/** Files that are looked at, and bytes that are read; of more the size and the time of the last change have to do. */
const most = { files: 20_000, bytes: 64_000_000 };

/** A digest of names and contents; git's own folders and what links lead to are left out. Never throws: what is gone meanwhile is gone. */
async function stateOf(directory: string): Promise<string> {
  const digest = createHash('sha256');
  await addFolder(digest, directory, '', { ...most });
  return digest.digest('hex');
}

async function addFolder(digest: Hash, top: string, folder: string, left: typeof most): Promise<void> {
  const names: { name: string; kind: 'file' | 'folder' | 'other' }[] = [];
  try {
    for await (const entry of await opendir(join(top, folder)))
      names.push({ name: entry.name, kind: entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other' });
  } catch {
    return;
  }
  for (const { name, kind } of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, name);
    if (name === '.git' || left.files <= 0) continue;
    left.files--;
    digest.update(`\0${kind} ${path}\0`);
    if (kind === 'folder') await addFolder(digest, top, path, left);
    else if (kind === 'file') await addFile(digest, join(top, path), left);
  }
}

async function addFile(digest: Hash, path: string, left: typeof most): Promise<void> {
  try {
    const { size, mtimeMs } = await stat(path);
    if (size > left.bytes) digest.update(`${size} ${mtimeMs}`);
    else {
      left.bytes -= size;
      digest.update(await readFile(path));
    }
  } catch {
    digest.update('gone');
  }
}
