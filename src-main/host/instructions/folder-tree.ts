/** The files of a folder as they are now, read as those of a commit are: nothing outside of it gets in, whoever changes it meanwhile. */
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { TreeEntry } from '#core/instructions/port.ts';
import type { Repositories } from '#core/ports.ts';

const largest = 1_000_000;

/** `folder`: absolute, links resolved. `hidden`: paths of it that are not there. */
export function folderTree(folder: string, hidden: readonly string[] = []): Pick<Repositories, 'read'> {
  const isHidden = (path: string) => hidden.some((each) => path === each || path.startsWith(`${each}/`));
  return {
    read: (_repo, _commit, paths) =>
      Promise.all(paths.map((path) => (isHidden(path) ? { kind: 'missing' as const } : entryAt(folder, path)))),
  };
}

async function entryAt(folder: string, path: string): Promise<TreeEntry> {
  try {
    const file = await open(join(folder, path), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await entryOf(file, folder, path);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    return refused(code?.startsWith('ERR_ENCODING') ? 'it is no UTF-8 text' : `it cannot be read (${code})`);
  }
}

/** Of what was really opened; its name is only trusted as far as it still leads there. */
async function entryOf(file: FileHandle, folder: string, path: string): Promise<TreeEntry> {
  const [facts, real] = [await file.stat(), await realpath(join(folder, path))];
  const named = await stat(real);
  const inside = real === folder || real.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
  if (!inside || named.ino !== facts.ino || named.dev !== facts.dev) return refused('it links out of the folder');
  if (facts.isDirectory()) return { kind: 'folder', names: await namesIn(real) };
  if (!facts.isFile()) return refused('it is no file');
  if (facts.size > largest) return refused('it is larger than 1 MB');
  return { kind: 'file', text: new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile()) };
}

async function namesIn(folder: string): Promise<{ name: string; folder: boolean }[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .map((entry) => ({ name: entry.name, folder: entry.isDirectory() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const refused = (why: string): TreeEntry => ({ kind: 'refused', why });
