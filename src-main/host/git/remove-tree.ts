/** Removes a folder whatever a run left in it, and nothing outside it. */
import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Symbolic links are removed, never followed. Nothing there: nothing happens. */
export async function removeTree(path: string): Promise<void> {
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 3 });
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM')))
      throw error;
    // Package caches make folders read-only, and what is in those cannot be removed before they are writable.
    await openFolders(path);
    await remove();
  }
}

async function openFolders(path: string): Promise<void> {
  const facts = await lstat(path);
  if (!facts.isDirectory()) return;
  await chmod(path, 0o700);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await openFolders(join(path, entry.name));
  }
}
