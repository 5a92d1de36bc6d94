/** The top of the repository that a folder is in, found by its `.git`; without one, the folder itself. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function topOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return folder;
  }
}
