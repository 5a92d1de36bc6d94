/** Builds what a person sees, when it is missing or older than what it is made from. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { provenBundle } from './host-bundle.mjs';

/** What the page and the window are made from; the host itself runs from source. */
const sources = ['src-renderer', 'src-preload', 'src-main', 'electron.config.ts', 'package-lock.json'];
const limitSeconds = 180;

/** @param {string} root folder that holds package.json */
export function needsBuild(root) {
  if (!existsSync(join(root, 'src-renderer'))) return false;
  const built = ['out/renderer/index.html', 'out/preload/index.cjs', 'out/main/electron.js'].map((file) =>
    join(root, file),
  );
  if (!built.every((file) => existsSync(file))) return true;
  const oldest = Math.min(...built.map((file) => statSync(file).mtimeMs));
  return sources.some((source) => newest(join(root, source)) > oldest);
}

/** Returns null, or why it did not work, in the words of the build. */
export function build(root, node) {
  const program = join(root, 'node_modules/electron-vite/bin/electron-vite.js');
  if (!existsSync(program)) return 'the build tool is not installed; run `npm install`';
  const done = spawnSync(node, [program, 'build', '--config', 'electron.config.ts', '--logLevel', 'warn'], {
    ...{ cwd: root, encoding: 'utf8', timeout: limitSeconds * 1000, killSignal: 'SIGKILL' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (done.status === 0) return null;
  if (done.error) return done.error.code === 'ETIMEDOUT' ? `it took more than ${limitSeconds} s` : done.error.message;
  const said = `${done.stderr}${done.stdout}`.trim().split('\n');
  return said
    .filter((line) => !/^\s+at /.test(line))
    .slice(0, 15)
    .join('\n');
}

/**
 * Makes the host one file, so that a timer's fire waits less for it; without it the host runs from its sources. Returns
 * null when it is there, or one line: why not.
 */
export function bundleHost(root, node) {
  if (!existsSync(join(root, 'src-main')) || provenBundle(root) !== null) return null;
  const done = spawnSync(node, [join(root, 'resources/setup/bundle-host.mjs')], {
    ...{ cwd: root, encoding: 'utf8', timeout: limitSeconds * 1000, killSignal: 'SIGKILL' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (done.status === 0) return null;
  return /^\w*Error.*$/m.exec(done.stderr ?? '')?.[0] ?? done.error?.message ?? `exit ${done.status}`;
}

function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
