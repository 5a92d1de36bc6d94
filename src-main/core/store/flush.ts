/** Waits until what is committed outlives a power cut, without standing still for the disk: who waits at once shares one wait. */
import { closeSync, fdatasync, openSync } from 'node:fs';
import type { Clock } from '#core/ports.ts';
import { guarded } from './data-faults.ts';

export interface Flush {
  /** Something was committed that a power cut could still take back. */
  owe(): void;
  /** Resolves when all that was owed before the call is on the disk. Rejects with `data.full`, `data.read_only`. */
  flush(): Promise<void>;
  /**
   * Begins to flush, if that has not just been done, and resolves at once; unless the disk is more than a second behind:
   * then as `flush`. To wait each time takes 0.7 to 1.5 ms (median, ext4 on a virtual disk, November 2026; one in twenty
   * 10 ms), where a whole turn of a bare loop takes two to four. What a power cut can forget for it: what was committed
   * in the last second, the reservation of the request under way among it.
   */
  keepUp(): Promise<void>;
  close(): void;
}

/** Milliseconds. */
const mostBehind = 1_000;
/** Milliseconds: turns that come faster than this share a flush. */
const justNow = 100;

/**
 * `journal`: the file that every commit is written to before it counts anywhere; null: there is
 * none. What has moved on from the journal was made safe on its way by the database itself.
 */
export function createFlush(journal: string | null, clock: Pick<Clock, 'now'>): Flush {
  let descriptor: number | null = null;
  let owing = false;
  /** When the oldest was committed that is not safe yet; null: all is. */
  let oldest: number | null = null;
  let lastBegan = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  const sync = (): Promise<void> => {
    if (journal === null || !owing) return Promise.resolve();
    owing = false;
    const began = clock.now();
    lastBegan = began;
    return new Promise((resolve, reject) => {
      try {
        // Some systems make safe only what is open for writing.
        descriptor ??= guarded(() => openSync(journal, 'r+'));
      } catch (error) {
        owing = true;
        return reject(error);
      }
      fdatasync(descriptor, (error) => {
        if (error === null) {
          oldest = owing ? began : null;
          return resolve();
        }
        owing = true;
        try {
          guarded(() => {
            throw error;
          });
        } catch (fault) {
          reject(fault);
        }
      });
    });
  };

  /** One at a time: the next begins after it, with all that was committed meanwhile. */
  const begin = (): Promise<void> => {
    running = sync().finally(() => {
      running = null;
    });
    return running;
  };

  function flush(): Promise<void> {
    if (running === null) return begin();
    if (!owing) return running;
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null;
        return begin();
      });
    return next;
  }

  return {
    owe: () => {
      owing = true;
      oldest ??= clock.now();
    },
    flush,
    keepUp() {
      const late = oldest !== null && clock.now() - oldest > mostBehind;
      if (late) return flush();
      // Tried again the next time, and waited for when it takes too long.
      if (clock.now() - lastBegan >= justNow) flush().catch(() => {});
      return Promise.resolve();
    },
    close() {
      const open = descriptor;
      descriptor = null;
      // Whatever still waits for it has the descriptor in use.
      void (running ?? Promise.resolve()).catch(() => {}).then(() => open !== null && closeSync(open));
    },
  };
}
