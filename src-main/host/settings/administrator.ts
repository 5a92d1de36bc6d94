/** Tells whether a file can speak for an administrator: nobody else may be able to write it, or to put another in its place. */
import { lstatSync, realpathSync, type Stats } from 'node:fs';
import { posix } from 'node:path';

export interface Trust {
  platform: NodeJS.Platform;
  /** The folder above which nothing is looked at; the root of the file system unless given. */
  from?: string;
  /** Id of the user whose files count; 0, root, unless given. */
  owner?: number;
}

/**
 * Why the file does not count, in words; null when it does, or when it is not there. Every folder on the way to it is
 * looked at, and where a link leads as well. Windows tells no owner this way: there the folder's own protection counts.
 */
export function whyNotAdministrators(file: string, { platform, from = '/', owner = 0 }: Trust): string | null {
  if (platform === 'win32') return null;
  for (const path of [...stepsTo(file, from), ...stepsTo(realOf(file), realOf(from))]) {
    const facts = lstatSync(path, { throwIfNoEntry: false });
    const why = facts && whyNot(path, facts, owner);
    if (why) return why;
  }
  return null;
}

function whyNot(path: string, facts: Stats, owner: number): string | null {
  const { uid, gid, mode } = facts;
  const root = owner === 0 ? 'root' : `user ${owner}`;
  if (uid !== owner) return `${path} belongs to user ${uid}, not to ${root}`;
  // The mode of a link means nothing; where it leads is looked at by itself.
  if (facts.isSymbolicLink()) return null;
  if ((mode & 0o002) !== 0) return `${path} can be written by anybody`;
  return (mode & 0o020) !== 0 && gid !== 0 ? `${path} can be written by group ${gid}` : null;
}

/** `from` itself, and every path from there down to the file. */
function stepsTo(file: string, from: string): string[] {
  const names = posix.relative(from, file).split('/').filter(Boolean);
  return [from, ...names.map((_, index) => posix.join(from, ...names.slice(0, index + 1)))];
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
