/** Turns what a disk or the database refuses into faults that name the cure. */
import { Fault } from '#contract/faults.ts';

/** Throws `data.full`, `data.read_only` and `host.busy` in the place of the failures of SQLite and of the file system; others pass. */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translate(error);
  }
}

const full = ['SQLITE_FULL', 'ENOSPC', 'EDQUOT'];
const readOnly = ['SQLITE_READONLY', 'SQLITE_CANTOPEN', 'EROFS', 'EACCES', 'EPERM'];

/** The fault that says what such a failure means; anything else as it is. */
export function translate(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string' || error instanceof Fault) return error;
  const about = error instanceof Error ? error.message : String(error);
  const is = (prefix: string) => code.startsWith(prefix);
  if (full.some(is))
    return new Fault('data.full', `The disk is full: ${about}.`, {
      cure: 'Free some space; what was stored before is intact.',
      cause: error,
    });
  if (readOnly.some(is))
    return new Fault('data.read_only', `The data directory cannot be written: ${about}.`, {
      cure: 'Make it writable for this user, or set NIGHTSHIFT_HOME to another directory.',
      cause: error,
    });
  if (is('SQLITE_BUSY') || is('SQLITE_LOCKED'))
    return new Fault('host.busy', 'Another process holds the database in the middle of a write and does not let go.', {
      cure: 'Look for a host, or a database tool, that stands still on this data directory; let it go on, or end it.',
      cause: error,
    });
  if (is('SQLITE_IOERR')) return diskFailed(about, error);
  return error;
}

export function diskFailed(about: string, cause?: unknown): Fault {
  return new Fault('data.full', `The disk refused a write: ${about}.`, {
    cure: 'Check the free space and the health of the disk; what was stored before is intact.',
    cause,
  });
}
