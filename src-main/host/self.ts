/** How this program starts its own other processes, from source or from the build alike. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
/** The folder that holds package.json, resources/ and out/. */
export const productRoot = findRoot(here);

/** In a clone. What starts often is a script that can keep compiled code before it loads the first source. */
const entries = {
  cli: 'resources/nightshift.mjs',
  host: 'resources/host.mjs',
  hands: 'src-main/child/tool-host.ts',
  keyring: 'src-main/host/vault/keyring-process.ts',
} as const;
export type EntryName = keyof typeof entries;

/**
 * The package holds no sources. In a clone only the window's own program leads to `out/main`, because it was just built
 * to open the window; everything else must start what is written now.
 */
const built =
  !existsSync(join(productRoot, 'src-main')) ||
  (process.versions.electron !== undefined && !import.meta.url.endsWith('.ts'));

/** Absolute path of an entry module; run it with `process.execPath`. */
export function entry(name: EntryName): string {
  if (!built) return join(productRoot, entries[name]);
  // What is built together lies together.
  const beside = join(here, `${name}.js`);
  return existsSync(beside) ? beside : join(productRoot, 'out', 'main', `${name}.js`);
}

export function resource(...parts: string[]): string {
  return join(productRoot, 'resources', ...parts);
}

function findRoot(from: string): string {
  for (let dir = from; ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json')) && existsSync(join(dir, 'resources'))) return dir;
    if (dir === dirname(dir)) throw new Error(`no product root above ${from}`);
  }
}
