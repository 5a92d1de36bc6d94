/** Makes the data directory usable, or says in words why it is not. */
import { closeSync, fsyncSync, mkdirSync, openSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Fault } from '#contract/faults.ts';

const readOnly = new Set(['EROFS', 'EACCES', 'EPERM', 'SQLITE_READONLY', 'SQLITE_CANTOPEN', 'SQLITE_PERM']);
/** What making a directory fails with where none can be: a file is in the way, or the place takes no entries. */
const impossible = new Set(['EEXIST', 'ENOTDIR', 'ENOENT', 'EINVAL', 'ELOOP', 'ENAMETOOLONG']);
const full = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);

/** Creates the directory for its owner alone (0700) and proves that it can be written. Throws `data.read_only`, `data.full`. */
export function prepareDataDirectory(directory: string): void {
  asDataFaults(directory, () => {
    makeDirectory(directory);
    const probe = join(directory, `.probe-${process.pid}`);
    const file = openSync(probe, 'w', 0o600);
    try {
      writeSync(file, Buffer.alloc(16_384));
      fsyncSync(file);
    } finally {
      closeSync(file);
      unlinkSync(probe);
    }
  });
}

/** One level at a time: below /proc, for one, a recursive call of Node's never returns. */
function makeDirectory(directory: string): void {
  const missing: string[] = [];
  try {
    let place = directory;
    for (; !isDirectory(place) && dirname(place) !== place; place = dirname(place)) missing.unshift(place);
    for (const each of missing) makeOne(each);
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    if (!impossible.has(code)) throw error;
    throw new Fault('data.read_only', `Nightshift's data directory cannot be made at ${directory} (${code}).`, {
      cure: 'Set NIGHTSHIFT_HOME to a directory of your own, or to a place in which you can make one.',
      cause: error,
    });
  }
}

/** Throws ENOTDIR for anything else that is there. */
function isDirectory(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found || found.isDirectory()) return found !== undefined;
  throw Object.assign(new Error(`${path} is not a directory`), { code: 'ENOTDIR' });
}

/** Another process may have been quicker. */
function makeOne(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isDirectory(path)) throw error;
  }
}

/** Runs `fn`; what it throws because of the disk becomes a Fault about `directory`, anything else stays as it is. */
export function asDataFaults<T>(directory: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    throw dataFault(directory, error) ?? error;
  }
}

function dataFault(directory: string, error: unknown): Fault | undefined {
  const code = String((error as NodeJS.ErrnoException | null)?.code ?? '');
  const family = code.split('_', 2).join('_');
  if (full.has(code) || full.has(family))
    return new Fault('data.full', `There is no space left for Nightshift's data in ${directory}.`, {
      cure: 'Free some space on that disk, then try again.',
      cause: error,
    });
  if (readOnly.has(code) || readOnly.has(family))
    return new Fault('data.read_only', `Nightshift's data directory ${directory} cannot be written (${code}).`, {
      cure: 'Give your user write access to it, or set NIGHTSHIFT_HOME to a directory that you own.',
      cause: error,
    });
  return undefined;
}
