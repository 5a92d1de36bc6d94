/** What this machine tells about itself: starts, sleep, session, power, network. What it does not tell is null, never a guess. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Conditions, Machine, Moment } from '#core/ports.ts';
import { readMetered } from './metered-linux.ts';
import { readPower } from './power-linux.ts';

export interface MachineOptions {
  env: NodeJS.ProcessEnv;
  platform?: NodeJS.Platform;
  /** Where `/proc`, `/sys` and `/run` are found. */
  root?: string;
}

export function createMachine({ env, platform = process.platform, root = '/' }: MachineOptions): Machine {
  if (platform !== 'linux')
    return { moment: otherMoment, conditions: async () => ({ onMains: null, unmetered: null }) };
  const boot = text(join(root, 'proc/sys/kernel/random/boot_id'));
  return {
    moment: () => ({ boot, uptime: uptime(root), awake: awake(), session: sessionStart(env) }),
    async conditions(): Promise<Conditions> {
      const metered = await readMetered(env);
      return {
        onMains: readPower(join(root, 'sys/class/power_supply')),
        unmetered: metered === null ? null : !metered,
      };
    },
  };
}

/** Whether the count stands still in sleep differs there, so that nothing is read from it. */
function otherMoment(): Moment {
  return { boot: null, uptime: null, awake: null, session: null };
}

/** proc(5): seconds since the start of the machine, sleep included. */
function uptime(root: string): number | null {
  const seconds = Number(text(join(root, 'proc/uptime'))?.split(' ')[0] ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.round(seconds * 1000) : null;
}

/** clock_gettime(2): Linux's CLOCK_MONOTONIC counts from the start of the machine and stands still in sleep. */
function awake(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** The runtime directory is made at the first log-in, or at the start of the machine for those who linger. */
function sessionStart(env: NodeJS.ProcessEnv): number | null {
  const directory = env.XDG_RUNTIME_DIR;
  if (!directory?.startsWith('/run/user/')) return null;
  try {
    const { birthtimeMs } = statSync(directory);
    return birthtimeMs > 0 ? Math.round(birthtimeMs) : null;
  } catch {
    return null;
  }
}

function text(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
