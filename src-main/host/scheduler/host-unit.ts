/** The host as a systemd unit: its name, and how an OS timer's job starts it. Loads little, for that job waits for it. */
import type { Paths } from '#host/paths.ts';
import { createSystemctl } from './systemctl.ts';

/** Set in what a timer starts, so that `startHostUnit` can tell a timer's process from a terminal's. */
export const timerMark = 'NIGHTSHIFT_OS_TIMER';

export const hostUnitName = (prefix: string) => `${prefix}-host.service`;

interface HostUnit {
  env: NodeJS.ProcessEnv;
  paths: Pick<Paths, 'unitPrefix'>;
}

/**
 * Starts the host in a systemd unit of its own, so that it outlives the timer's job that asked for it. False when this
 * process was not started by one of our timers, or the unit cannot be started: then start the host in another way.
 */
export async function startHostUnit({ env, paths }: HostUnit): Promise<boolean> {
  // Terminals of a desktop have an INVOCATION_ID too, and an environment that the unit would not get.
  if (!env.INVOCATION_ID || !env[timerMark]) return false;
  return (await createSystemctl(env)('start', hostUnitName(paths.unitPrefix))).ok;
}
