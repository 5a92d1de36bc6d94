/** The start of a host's process and nothing more: it loads only Node, for the job of an OS timer waits for it. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import type { Paths } from '#host/paths.ts';

/** A start that was asked for. */
export interface HostStart {
  /** Null while it runs, or when that cannot be known; afterwards its exit code. */
  exited(): number | null;
}

const maxOutput = 1_000_000;

/** File descriptor of what the host prints. Throws what the system throws. */
export function openOutput({ output }: Pick<Paths, 'output'>): number {
  const size = statSync(output, { throwIfNoEntry: false })?.size ?? 0;
  return openSync(output, size > maxOutput ? 'w' : 'a', 0o600);
}

/** Runs `module` as a process of its own. Closes `output`, whatever happens; rejects when nothing could be started. */
export async function spawnDetached(
  paths: Pick<Paths, 'data'>,
  env: NodeJS.ProcessEnv,
  module: string,
  output: number,
): Promise<HostStart> {
  try {
    const child = spawn(process.execPath, [module], {
      cwd: paths.data,
      detached: true,
      // Electron's own executable is Node when it is told so.
      env: process.versions.electron ? { ...env, ELECTRON_RUN_AS_NODE: '1' } : env,
      stdio: ['ignore', output, output],
      windowsHide: true,
    });
    let code: number | null = null;
    child.once('exit', (status) => {
      code = status ?? 1;
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    return { exited: () => code };
  } finally {
    closeSync(output);
  }
}
