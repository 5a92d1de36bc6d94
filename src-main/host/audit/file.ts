/** The file of one run's records: only ever appended to, and mended where a kill left half a line. */
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const fileOf = (folder: string, run: string): string => join(folder, `${run}.jsonl`);

/** The whole text; null when there is no file, or something in its place that cannot be read as one. */
export async function readLog(folder: string, run: string): Promise<string | null> {
  return await readFile(fileOf(folder, run), 'utf8').catch(() => null);
}

/**
 * Appends whole lines and waits for the disk. `recovering`: the database knows of `known` bytes; whole records beyond
 * them were written by a host that was killed before it could say so, and are cut off to be written anew.
 * @returns the size of the file.
 */
export async function appendLines(
  file: string,
  lines: readonly string[],
  { known, recovering }: { known: number; recovering: boolean },
): Promise<number> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // A link in this place would lead the host's own hand elsewhere.
  const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
  const handle = await open(file, flags, 0o600);
  try {
    let size = (await handle.stat()).size;
    if (recovering && size > known && (await isOurs(handle, known, size))) {
      await handle.truncate(known);
      size = known;
    }
    const text = `${(await endsWithLine(handle, size)) ? '' : '\n'}${lines.map((line) => `${line}\n`).join('')}`;
    const data = Buffer.from(text);
    let written = 0;
    while (written < data.length) {
      const { bytesWritten } = await handle.write(data, written, data.length - written, size + written);
      written += bytesWritten;
    }
    await handle.datasync();
    return size + data.length;
  } finally {
    await handle.close();
  }
}

export async function removeLog(folder: string, run: string): Promise<void> {
  await rm(fileOf(folder, run), { force: true });
}

/** Are there only whole records and perhaps the beginning of one? Anything else stays, for `verify` to find. */
async function isOurs(handle: FileHandle, from: number, to: number): Promise<boolean> {
  if (from > 0 && !(await endsWithLine(handle, from))) return false;
  const buffer = Buffer.alloc(to - from);
  await handle.read(buffer, 0, buffer.length, from);
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

async function endsWithLine(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last[0] === 10;
}
