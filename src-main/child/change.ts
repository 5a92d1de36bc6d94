/** Replaces a file's content in place and tells the change as a unified diff; a failed write leaves the old content. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { relative } from 'node:path';
import { type Context, ToolFailure } from './answer.ts';
import { openParent } from './places.ts';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
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
  const { directory, at, name, real } = openParent(path, context, true);
  let before: Buffer | null;
  try {
    before = replace(`${at}/${name}`, path, next);
  } finally {
    closeSync(directory);
  }
  return { created: before === null, patch: await difference(before, real, real, context) };
}

function replace(anchored: string, path: string, next: (before: Buffer | null) => Buffer): Buffer | null {
  const fd = openExisting(anchored);
  if (fd === null) {
    const after = next(null);
    const fresh = openSync(anchored, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
    try {
      writeAll(fresh, after);
    } catch (error) {
      unlinkSync(anchored);
      throw error;
    } finally {
      closeSync(fresh);
    }
    return null;
  }
  try {
    if (!fstatSync(fd).isFile()) throw new ToolFailure('tool.not_a_file', `${path} is not a regular file.`);
    const before = readFileSync(fd);
    const after = next(before);
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
