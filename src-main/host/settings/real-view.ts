/** The real file system as the permission rules see it: its links, and whether it tells names apart by case. */
import { lstatSync, readlinkSync, statSync } from 'node:fs';
import type { FileSystemView } from '#core/permissions/places.ts';

/** `root` is asked how names are compared; where that cannot be found out, the usual of the platform is taken. */
export function realView(root: string, platform: NodeJS.Platform): FileSystemView {
  const usual = platform === 'darwin' || platform === 'win32';
  return { readlink, caseInsensitive: foldsCase(root) ?? usual, normalising: platform === 'darwin' };
}

function readlink(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return null;
  }
}

function foldsCase(root: string): boolean | null {
  const other = root === root.toUpperCase() ? root.toLowerCase() : root.toUpperCase();
  if (other === root) return null;
  try {
    const [one, two] = [statSync(root), statSync(other, { throwIfNoEntry: false })];
    return two !== undefined && one.ino === two.ino && one.dev === two.dev;
  } catch {
    return null;
  }
}
