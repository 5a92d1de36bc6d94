/** Watches the disk that a worktree lies on and says when the run in it takes too much; no quota is needed for that. */
import { execFile } from 'node:child_process';
import { type StatsFs, statfsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Limits } from './limits.ts';

const run = promisify(execFile);
/** Milliseconds. A fast disk takes half a gigabyte in that time: the reserve must be larger. */
const interval = 250;

/**
 * Calls `full` each time too much is taken. After a call the bounds are moved, so that the run can go on and tidy up,
 * but not go on filling. Returns what ends the watch.
 */
export function watchDisk(worktree: string, limits: Limits, full: () => void): () => void {
  const start = statfsSync(worktree);
  let floor = Math.min(limits.diskReserve, free(start) / 2);
  let growth = limits.worktreeGrowth;
  let files = limits.worktreeFiles;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const now = await statfs(worktree);
      const taken = free(start) - free(now);
      const made = start.ffree - now.ffree;
      const scarce = free(now) < floor;
      // The disk is everybody's: only what is in the worktree counts against the run.
      const grown = taken > growth && (await sizeOf(worktree)) > growth;
      if (!scarce && !grown && made <= files) return;
      if (scarce) floor = free(now) / 2;
      if (grown) growth = taken + limits.worktreeGrowth / 8;
      if (made > files) files = made + limits.worktreeFiles / 8;
      full();
    } catch {
      // The worktree is being taken away: the run is over.
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), interval);
  return () => clearInterval(timer);
}

function free(disk: StatsFs): number {
  return disk.bavail * disk.bsize;
}

/** Bytes on disk below a folder. Nothing in it is opened, and no link is followed. */
async function sizeOf(folder: string): Promise<number> {
  const { stdout } = await run('du', ['-s', '-x', '-B', '1', '--', folder], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  }).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }));
  return Number.parseInt(stdout, 10) || 0;
}
