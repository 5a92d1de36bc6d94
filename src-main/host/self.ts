/** How this program starts its own other processes, from source or from the build alike. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
/** Built: `out/main/*.js` or a chunk below it. Source: `src-main/host/self.ts`. */
const built = !import.meta.url.endsWith('.ts');

/** The folder that holds package.json, resources/ and out/. */
export const productRoot = findRoot(here);

const entries = {
  cli: 'src-main/cli/main.ts',
  host: 'src-main/server/main.ts',
  hands: 'src-main/child/tool-host.ts',
  keyring: 'src-main/host/vault/keyring-process.ts',
} as const;
export type EntryName = keyof typeof entries;

/** Absolute path of an entry module; run it with `process.execPath`. */
export function entry(name: EntryName): string {
  return built ? join(productRoot, 'out', 'main', `${name}.js`) : join(productRoot, entries[name]);
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
