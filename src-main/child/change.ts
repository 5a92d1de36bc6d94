/** Replaces a file and tells the change as a unified diff; a write that fails or is killed leaves the old content. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { relative } from 'node:path';
import { type Context, ToolFailure } from './answer.ts';
import { type Anchor, openParent } from './places.ts';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
/** Characters; a larger diff is left out of the record. */
const longestPatch = 1_000_000;

export interface Changed {
  created: boolean;
  patch: string | undefined;
}

/**
 * `next` gets the old content (null: there is no such file) and returns the new one, or throws.
 * Read, decision and write happen in one go, so calls that run side by side cannot lose each other's change.
 */
export async function change(
  path: string,
  context: Context,
  next: (before: Buffer | null) => Buffer,
): Promise<Changed> {
  const anchor = openParent(path, context, true);
  const { directory, real } = anchor;
  let before: Buffer | null;
  try {
    before = replace(anchor, path, next);
  } finally {
    closeSync(directory);
  }
  return { created: before === null, patch: await difference(before, real, real, context) };
}

function replace({ at, name }: Anchor, path: string, next: (before: Buffer | null) => Buffer): Buffer | null {
  const anchored = `${at}/${name}`;
  const fd = openExisting(anchored);
  if (fd === null) {
    putInPlace(at, name, next(null), null);
    return null;
  }
  try {
    const facts = fstatSync(fd);
    if (!facts.isFile()) throw new ToolFailure('tool.not_a_file', `${path} is not a regular file.`);
    const before = readFileSync(fd);
    const after = next(before);
    if (facts.nlink === 1 && putInPlace(at, name, after, facts)) return before;
    try {
      writeAll(fd, after);
    } catch (error) {
      writeAll(fd, before); // Its blocks are still there, also on a full disk.
      throw error;
    }
    return before;
  } finally {
    closeSync(fd);
  }
}

function openExisting(anchored: string): number | null {
  try {
    return openSync(anchored, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Written under another name beside it, then renamed: at every instant the old file or the new one is there, whole.
 * `like`: the file that it takes the place of; null: there is none. False, and nothing done: it could not have the same
 * owner, or its folder takes no new file or no other in this place.
 */
function putInPlace(at: string, name: string, content: Buffer, like: Stats | null): boolean {
  // As `isHalfWritten` of the contract knows it.
  const part = `${at}/.nightshift-${Math.random().toString(16).slice(2, 14).padEnd(12, '0')}.part`;
  const fresh = like ? openBeside(part) : openSync(part, flags, 0o644);
  if (fresh === null) return false;
  let done = false;
  try {
    if (like && !takesAfter(fresh, like)) return false;
    writeAll(fresh, content);
    renameSync(part, `${at}/${name}`);
    done = true;
    return true;
  } catch (error) {
    if (like && (error as NodeJS.ErrnoException).code === 'EBUSY') return false;
    throw error;
  } finally {
    closeSync(fresh);
    if (!done) unlinkSync(part);
  }
}

function openBeside(part: string): number | null {
  try {
    return openSync(part, flags, 0o600);
  } catch (error) {
    if (/^(EACCES|EPERM|EROFS)$/.test((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

function takesAfter(fresh: number, { uid, gid, mode }: Stats): boolean {
  const own = fstatSync(fresh);
  if (own.uid !== uid || own.gid !== gid) return false;
  fchmodSync(fresh, mode & 0o7777);
  return true;
}

function writeAll(fd: number, content: Buffer): void {
  for (let at = 0; at < content.length; ) at += writeSync(fd, content, at, content.length - at, at);
  ftruncateSync(fd, content.length);
}

/** Unified diff from the old content to the file at `after`, named as `real`; undefined when there is none to show. */
export async function difference(
  before: Buffer | null,
  real: string,
  after: string,
  context: Context,
): Promise<string | undefined> {
  const name = relative(context.workspace, real).startsWith('..') ? real : relative(context.workspace, real);
  const old = before === null ? '/dev/null' : `a/${name}`;
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn('diff', ['-u', '--label', old, '--label', `b/${name}`, '-', after], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  child.stdin.end(before ?? '');
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= longestPatch) chunks.push(chunk);
  });
  await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  return size === 0 || size > longestPatch ? undefined : Buffer.concat(chunks).toString('utf8');
}
