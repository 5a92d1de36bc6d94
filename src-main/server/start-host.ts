/** Starts a host process that outlives whoever starts it. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { asDataFaults, prepareDataDirectory } from '#host/data-directory.ts';
import type { Paths } from '#host/paths.ts';
import { entry } from '#host/self.ts';

/** A start that was asked for. */
export interface HostStart {
  /** Null while it runs, or when that cannot be known; afterwards its exit code. */
  exited(): number | null;
}

const maxOutput = 1_000_000;

/** As `spawnHost`, but out of the reach of a systemd unit that would take the host along when it ends. */
export async function startHost(paths: Paths, env: NodeJS.ProcessEnv): Promise<HostStart> {
  if (env.INVOCATION_ID) {
    // Loaded only where it can matter: every start of the terminal door passes here.
    const { startHostUnit } = await import('#host/scheduler/systemd.ts');
    prepareDataDirectory(paths.data);
    if (await startHostUnit({ env, paths })) return { exited: () => null };
  }
  return spawnHost(paths, env);
}

/** `module`: the entry to run, for tests. Throws `data.read_only` and `data.full`. */
export async function spawnHost(paths: Paths, env: NodeJS.ProcessEnv, module = entry('host')): Promise<HostStart> {
  prepareDataDirectory(paths.data);
  const output = asDataFaults(paths.data, () => openOutput(paths.output));
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

function openOutput(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return openSync(file, size > maxOutput ? 'w' : 'a', 0o600);
}
