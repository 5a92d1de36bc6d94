/** Removes a folder whatever a run left in it, and nothing outside it. */
import { chmod, lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '#contract/faults.ts';

/**
 * Symbolic links are removed, never followed. Nothing there: nothing happens. Throws `repo.git_failed` when the system
 * refuses; what is left can then be removed by asking again.
 */
export async function removeTree(path: string): Promise<void> {
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 3 });
  try {
    await remove().catch(async (error) => {
      if (codeOf(error) === undefined) throw error;
      await loosen(path);
      await remove();
    });
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    if ((await lstat(path).catch(() => null)) === null) return; // nothing there, for instance below a file
    throw new Fault('repo.git_failed', `${path} cannot be removed (${code}).`, {
      cure: 'See who owns what is in it and whether it is in use, remove it, then try again.',
      cause: error,
    });
  }
}

/** Bytes. With one more name of up to 255 bytes, no system finds a path of this length too long. */
const longPath = 700;

/**
 * Package caches make folders read-only, and what is in those cannot be removed before they are writable. And a program
 * can make folders deeper than any path can say, by entering each before it makes the next: those are moved up, under
 * names of ours, until every path is short. Names are bytes here, since they need not be UTF-8.
 */
async function loosen(top: string): Promise<void> {
  let moved = 0;
  const folders = [Buffer.from(top)];
  const longest = Math.max(longPath, Buffer.byteLength(top) + 300);
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    if (!(await lstat(folder).catch(() => null))?.isDirectory()) continue;
    await chmod(folder, 0o700);
    for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
      if (!entry.isDirectory()) continue;
      let child = Buffer.concat([folder, Buffer.from('/'), entry.name]);
      if (child.length > longest) {
        await chmod(child, 0o700); // a folder that changes its place must be writable itself
        child = await moveUp(child, top, () => moved++);
      }
      folders.push(child);
    }
  }
}

async function moveUp(folder: Buffer, top: string, next: () => number): Promise<Buffer<ArrayBuffer>> {
  for (;;) {
    const place = join(top, `.moved-up-${next()}`);
    if (await lstat(place).catch(() => null)) continue;
    await rename(folder, place);
    return Buffer.from(place);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
