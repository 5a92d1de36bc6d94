/** Decides between the window and the browser, and fetches the window's program when that is all that is missing. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Path of Electron's program, or null. The package itself is never loaded: that would start a download.
 * @param {string} root folder that holds node_modules
 */
export function electronProgram(root, env) {
  const folder = join(root, 'node_modules/electron');
  try {
    const inside = readFileSync(join(folder, 'path.txt'), 'utf8').trim();
    const program = join(env.ELECTRON_OVERRIDE_DIST_PATH || join(folder, 'dist'), inside);
    return existsSync(program) ? program : null;
  } catch {
    const own = env.ELECTRON_OVERRIDE_DIST_PATH;
    const names = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
    const program = own && join(own, names[process.platform] ?? 'electron');
    return program && existsSync(program) ? program : null;
  }
}

/**
 * Why the app opens in a browser and not in a window, or null when nothing but perhaps the program stands against one.
 * `facts`: `{ platform, root: boolean, env, flags }`.
 */
export function againstWindow({ platform, root, env, flags }) {
  if (flags.includes('--browser')) return 'as asked';
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display';
  if (platform === 'linux' && root) return 'Electron refuses to run as root with its sandbox on';
  return null;
}

/**
 * Downloads Electron's program. Returns null, or why there is none: switched off, failed, silent for `silence` seconds,
 * or slower than `limit` seconds. Leaves no process and no half download behind.
 */
export async function fetchElectron(root, env, { silence = 8, limit = 60, node = process.execPath } = {}) {
  if (env.NIGHTSHIFT_NO_DOWNLOAD) return 'NIGHTSHIFT_NO_DOWNLOAD is set';
  const folder = join(root, 'node_modules/electron');
  const script = join(folder, 'install.js');
  if (!existsSync(script)) return 'its package is not installed';
  const drafts = mkdtempSync(join(tmpdir(), 'nightshift-electron-'));
  const child = spawn(node, [script], {
    env: { ...env, TMPDIR: drafts, TEMP: drafts, TMP: drafts },
    stdio: 'ignore',
    detached: process.platform !== 'win32',
  });
  const end = () => stopTree(child);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, end);
  try {
    return await outcome(child, () => bytesIn(drafts) + bytesIn(join(folder, 'dist')), { silence, limit });
  } finally {
    end();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeListener(signal, end);
    rmSync(drafts, { recursive: true, force: true });
  }
}

function outcome(child, progress, { silence, limit }) {
  return new Promise((resolve) => {
    const started = Date.now();
    let [bytes, moved] = [0, started];
    const finish = (why) => {
      clearInterval(watch);
      resolve(why);
    };
    const watch = setInterval(() => {
      const [now, seen] = [Date.now(), progress()];
      if (seen !== bytes) [bytes, moved] = [seen, now];
      if (now - moved > silence * 1000) finish(`its download stood still for ${silence} s`);
      else if (now - started > limit * 1000) finish(`its download took more than ${limit} s`);
    }, 200);
    child.once('error', (error) => finish(`its download could not be started: ${error.message}`));
    child.once('exit', (code, signal) =>
      finish(code === 0 ? null : `its download failed (${signal ?? `exit ${code}`})`),
    );
  });
}

function stopTree(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

function bytesIn(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.size ?? 0;
  try {
    return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
  } catch {
    return 0;
  }
}
