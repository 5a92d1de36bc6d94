/** Waits until what is committed outlives a power cut, without standing still for the disk: who waits at once shares one wait. */
import { closeSync, fdatasync, openSync } from 'node:fs';
import { guarded } from './data-faults.ts';

export interface Flush {
  /** Something was committed that a power cut could still take back. */
  owe(): void;
  /** Resolves when all that was owed before the call is on the disk. Rejects with `data.full`, `data.read_only`. */
  flush(): Promise<void>;
  close(): void;
}

/**
 * `journal`: the file that every commit is written to before it counts anywhere; null: there is
 * none. What has moved on from the journal was made safe on its way by the database itself.
 */
export function createFlush(journal: string | null): Flush {
  let descriptor: number | null = null;
  let owing = false;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;

  const sync = (): Promise<void> => {
    if (journal === null || !owing) return Promise.resolve();
    owing = false;
    return new Promise((resolve, reject) => {
      try {
        // Some systems make safe only what is open for writing.
        descriptor ??= guarded(() => openSync(journal, 'r+'));
      } catch (error) {
        owing = true;
        return reject(error);
      }
      fdatasync(descriptor, (error) => {
        if (error === null) return resolve();
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

  return {
    owe: () => {
      owing = true;
    },
    flush() {
      if (running === null) return begin();
      if (!owing) return running;
      next ??= running
        .catch(() => {})
        .then(() => {
          next = null;
          return begin();
        });
      return next;
    },
    close() {
      const open = descriptor;
      descriptor = null;
      // Whatever still waits for it has the descriptor in use.
      void (running ?? Promise.resolve()).catch(() => {}).then(() => open !== null && closeSync(open));
    },
  };
}
