/** The host as one file, for clones: where it lies, and the proof that it is made of the sources exactly as they are now. */
import { readFileSync, statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';

/** Everything in it can be deleted at any time. */
export const bundleFolder = (root) => join(root, 'out', 'quick');
export const bundleFile = (root) => join(bundleFolder(root), 'host.mjs');
export const proofFile = (root) => join(bundleFolder(root), 'made-from.json');

/**
 * What tells one state of a file from another. The time of the last change of the entry itself (ctime) cannot be set by
 * anybody, so a file that was put back with an old date is seen, too. Null: there is no such file.
 */
export function stateOf(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? [stat.size, stat.mtimeMs, stat.ctimeMs] : null;
}

/**
 * Path of the bundle, when every file that it is made from, and the bundle itself, is as it was when it was made; else
 * null. A stale bundle is never returned.
 */
export function provenBundle(root) {
  try {
    const { bundle, sources, packages } = JSON.parse(readFileSync(proofFile(root), 'utf8'));
    // Of packages only what an installation writes: other clones may share their files by hard links, which moves ctime.
    const same = (parts) => (entry) => {
      const now = stateOf(`${root}/${entry[0]}`);
      return now !== null && parts.every((part) => now[part] === entry[part + 1]);
    };
    if (!sources.every(same([0, 1, 2])) || !packages.every(same([0, 1]))) return null;
    const file = bundleFile(root);
    return same([0, 1])([join('out', 'quick', 'host.mjs'), ...bundle]) ? file : null;
  } catch {
    return null;
  }
}

/** Compiled code is kept beside what it was compiled from: unlike the place for temporary files, it survives a restart. */
export function keepCompiled(root) {
  const { status } = module.enableCompileCache(join(root, 'out', 'compiled'));
  if (status === module.constants.compileCacheStatus.FAILED) module.enableCompileCache();
}
