/** What every scheduler of this machine is made from. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '#core/ports.ts';
import { type Paths, resolvePaths } from '#host/paths.ts';

export interface SchedulerOptions {
  paths: Paths;
  /** Absolute path of the program that runs the entries: `process.execPath`. */
  exec: string;
  /** Absolute paths, from `entry('cli')` and `entry('host')`. */
  entries: { cli: string; host: string };
  /** The environment of the person whose OS scheduler is meant. */
  env: NodeJS.ProcessEnv;
  clock: Clock;
}

/** What every OS job says to the terminal entry: hand over and go. Never a prompt, never which run. */
export function dueWords(flags: string[]): string[] {
  return ['due', ...flags.slice(0, 2), '--no-wait', ...flags.slice(2)];
}

export function homeOf(env: NodeJS.ProcessEnv): string {
  return env.HOME || homedir();
}

/**
 * What a process that the OS starts must be told, because it does not get this environment, to find the same data
 * directory and to run as plain Node. Empty on a usual machine; never a secret.
 */
export function environmentForUnits({ env, paths }: SchedulerOptions): Record<string, string> {
  const { NIGHTSHIFT_HOME: _, ...rest } = env;
  const usual = resolvePaths(rest).data === paths.data;
  const dataHome = env.XDG_DATA_HOME;
  return {
    ...(usual ? {} : { NIGHTSHIFT_HOME: paths.data }),
    ...(usual && dataHome && dataHome !== join(homeOf(env), '.local', 'share') ? { XDG_DATA_HOME: dataHome } : {}),
    ...(env.ELECTRON_RUN_AS_NODE ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
  };
}
