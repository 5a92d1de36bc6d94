/** Starts a host process that outlives whoever starts it. */
import { asDataFaults, prepareDataDirectory } from '#host/data-directory.ts';
import type { Paths } from '#host/paths.ts';
import { startHostUnit } from '#host/scheduler/host-unit.ts';
import { entry } from '#host/self.ts';
import { type HostStart, openOutput, spawnDetached } from './spawn-host.ts';

/** As `spawnHost`, but out of the reach of a systemd unit that would take the host along when it ends. */
export async function startHost(paths: Paths, env: NodeJS.ProcessEnv): Promise<HostStart> {
  if (env.INVOCATION_ID) {
    prepareDataDirectory(paths.data);
    if (await startHostUnit({ env, paths })) return { exited: () => null };
  }
  return spawnHost(paths, env);
}

/** `module`: the entry to run, for tests. Throws `data.read_only` and `data.full`. */
export async function spawnHost(paths: Paths, env: NodeJS.ProcessEnv, module = entry('host')): Promise<HostStart> {
  prepareDataDirectory(paths.data);
  const output = asDataFaults(paths.data, () => openOutput(paths));
  return spawnDetached(paths, env, module, output);
}
