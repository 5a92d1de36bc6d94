/** The file of one run's records: only ever appended to, and mended where a kill left half a line. */
import { closeSync, constants, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const fileOf = (folder: string, run: string): string => join(folder, `${run}.jsonl`);

/** Runs that have a file there, whoever wrote it. */
export async function runsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => /^(run-[0-9a-z]+)\.jsonl$/.exec(name)?.[1] ?? []).sort();
}

/** The whole text; null when there is no file, or something in its place that cannot be read as one. */
export async function readLog(folder: string, run: string): Promise<string | null> {
  return await readFile(fileOf(folder, run), 'utf8').catch(() => null);
}

/**
 * Appends whole lines. `recovering`: the database knows of `known` bytes; whole records beyond
 * them were written by a host that was killed before it could say so, and are cut off to be written anew. In one go, so
 * that it can stand within a transaction of whoever owns the file.
 * @returns the size of the file.
 */
export function appendLines(
  file: string,
  lines: readonly string[],
  { known, recovering }: { known: number; recovering: boolean },
): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // A link in this place would lead the host's own hand elsewhere.
  const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
  const fd = openSync(file, flags, 0o600);
  try {
    let { size } = fstatSync(fd);
    if (recovering && size > known && isOurs(fd, known, size)) {
      ftruncateSync(fd, known);
      size = known;
    }
    const text = `${endsWithLine(fd, size) ? '' : '\n'}${lines.map((line) => `${line}\n`).join('')}`;
    const data = Buffer.from(text);
    for (let written = 0; written < data.length; )
      written += writeSync(fd, data, written, data.length - written, size + written);
    return size + data.length;
  } finally {
    closeSync(fd);
  }
}

/** Waits for the disk. */
export async function onDisk(file: string): Promise<void> {
  const handle = await open(file, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

export async function removeLog(folder: string, run: string): Promise<void> {
  await rm(fileOf(folder, run), { force: true });
}

/** Are there only whole records and perhaps the beginning of one? Anything else stays, for `verify` to find. */
function isOurs(fd: number, from: number, to: number): boolean {
  if (from > 0 && !endsWithLine(fd, from)) return false;
  const buffer = Buffer.alloc(to - from);
  readSync(fd, buffer, 0, buffer.length, from);
  const lines = buffer.toString().split('\n');
  const half = lines.pop() ?? '';
  return (half === '' || half.startsWith('{')) && lines.every(isRecord);
}

function isRecord(line: string): boolean {
  try {
    const record = JSON.parse(line) as { hash?: unknown; prev?: unknown };
    return typeof record.hash === 'string' && typeof record.prev === 'string';
  } catch {
    return false;
  }
}

function endsWithLine(fd: number, size: number): boolean {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] === 10;
}
