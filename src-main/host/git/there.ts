/** Reads files of a worktree while the run's own processes may be changing it under our eyes: nothing outside of it gets in. */
import { createHash } from 'node:crypto';
import { constants, type FileHandle, lstat, open, readlink } from 'node:fs/promises';

export type ThereFile =
  | { kind: 'gone'; path: string }
  /** `mode` as git writes it. `digest` of content and mode. */
  | { kind: 'file'; path: string; mode: '100644' | '100755' | '120000'; content: Buffer; digest: string };

/**
 * `root`: of the worktree, with all links resolved. `paths`: relative, byte for byte as latin1. What is no file, is out of
 * the worktree, or cannot be read is left out, as git leaves it out. Null: all together they have more than `mostBytes`.
 */
export async function readThere(
  root: string,
  paths: readonly string[],
  mostBytes: number,
): Promise<ThereFile[] | null> {
  const files: ThereFile[] = [];
  let bytes = 0;
  for (const path of paths) {
    const file = await readOne(root, path, mostBytes - bytes).catch(unreadable);
    if (file === 'too_much') return null;
    if (file === null) continue;
    if (file.kind === 'file') bytes += file.content.length;
    files.push(file);
  }
  return files;
}

function unreadable(error: unknown): null {
  if (error instanceof Error && 'code' in error) return null;
  throw error;
}

async function readOne(root: string, path: string, most: number): Promise<ThereFile | 'too_much' | null> {
  const place = placeOf(root, path);
  const facts = await lstat(place).catch(absent);
  if (facts === null) return { kind: 'gone', path };
  if (facts.isSymbolicLink()) {
    const end = path.lastIndexOf('/');
    const content = await linkIn(end < 0 ? Buffer.from(root) : placeOf(root, path.slice(0, end)), path.slice(end + 1));
    return content && found(path, '120000', content);
  }
  // A folder, a pipe or a device in a file's place: the file is gone. What is in the folder has paths of its own.
  if (!facts.isFile()) return { kind: 'gone', path };
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const own = await file.stat();
    if (!own.isFile() || !(await isAt(file, place))) return null;
    if (own.size > most) return 'too_much';
    const content = await file.readFile();
    if (content.length > most) return 'too_much';
    return found(path, own.mode & 0o100 ? '100755' : '100644', content);
  } finally {
    await file.close();
  }
}

/** What a link says, which may lead anywhere; null: the folder that was asked is another one than the path names. */
async function linkIn(folder: Buffer, name: string): Promise<Buffer | null> {
  const there = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    if (!(await isAt(there, folder))) return null;
    return await readlink(placeOf(`/proc/self/fd/${there.fd}`, name), { encoding: 'buffer' });
  } finally {
    await there.close();
  }
}

function absent(error: unknown): null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  throw error;
}

function found(path: string, mode: '100644' | '100755' | '120000', content: Buffer): ThereFile {
  const digest = createHash('sha256').update(mode).update(content).digest('hex');
  return { kind: 'file', path, mode, content, digest };
}

/** What was really opened, whatever the folders on the way have become: the kernel's own word. */
async function isAt(file: FileHandle, place: Buffer): Promise<boolean> {
  const real = await readlink(`/proc/self/fd/${file.fd}`, { encoding: 'buffer' });
  return real.equals(place);
}

/** Is there a kernel that can be asked what was really opened? */
export async function canReadThere(): Promise<boolean> {
  return (await lstat('/proc/self/fd').catch(() => null)) !== null;
}

export function placeOf(root: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);
}
