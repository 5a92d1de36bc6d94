/** Starts a command as the OS does: by a unit of a systemd user manager where one can be had, else as a plain process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { timerMark } from '#host/scheduler/host-unit.ts';
import { timerName } from '#host/scheduler/systemd-units.ts';
import { commandLine, quoteEnvironment } from '#host/scheduler/unit-text.ts';
import { noUserManager, startUserManager } from '../fakes/user-manager.ts';

export interface Launcher {
  /** Of the person whose OS it is. */
  env: Record<string, string>;
  words: string;
  /** When it began, in nanoseconds of the clock that never jumps. */
  start(name: string): Promise<bigint>;
  /** The routine's own timer starts nothing until it is written anew. */
  still(routine: string): Promise<void>;
  close(): Promise<void>;
}

export async function launcher(
  runtime: string,
  extra: Record<string, string>,
  commandsFor: (env: Record<string, string>) => Record<string, string[]>,
): Promise<Launcher> {
  return noUserManager ? byHand(runtime, extra, commandsFor) : byUnits(extra, commandsFor);
}

async function byUnits(
  extra: Record<string, string>,
  commandsFor: (env: Record<string, string>) => Record<string, string[]>,
): Promise<Launcher> {
  const { units, env, systemctl, close } = await startUserManager();
  const unit = (name: string) => `bench-${name}.service`;
  const environment = Object.entries({ ...extra, [timerMark]: '1' }).map(
    ([name, value]) => `Environment=${quoteEnvironment(name, value)}`,
  );
  mkdirSync(units, { recursive: true });
  for (const [name, [exec = '', ...args]] of Object.entries(commandsFor(env))) {
    const lines = ['[Service]', 'Type=oneshot', `ExecStart=${commandLine(exec, args)}`, ...environment];
    writeFileSync(join(units, unit(name)), `${[...lines, 'KillMode=process', 'RemainAfterExit=yes'].join('\n')}\n`);
  }
  await systemctl('daemon-reload');
  return {
    env,
    words: 'OS unit',
    async start(name) {
      // Returns when the command has ended, which for ours is when the host has taken it over.
      await systemctl('restart', unit(name));
      const shown = await systemctl('show', '-p', 'ExecMainStartTimestampMonotonic', '--value', unit(name));
      const began = BigInt(shown.trim()) * 1000n;
      if (began === 0n) throw new Error(`systemd does not say when ${unit(name)} began`);
      return began;
    },
    still: async (routine) => void (await systemctl('stop', timerName('nightshift', routine))),
    close,
  };
}

function byHand(
  runtime: string,
  extra: Record<string, string>,
  commandsFor: (env: Record<string, string>) => Record<string, string[]>,
): Launcher {
  const path = process.env.PATH ?? '/usr/bin:/bin';
  const env = { PATH: path, HOME: runtime, XDG_RUNTIME_DIR: runtime, TZ: 'UTC', NIGHTSHIFT_IDLE_MS: '0', ...extra };
  const commands = commandsFor(env);
  return {
    env,
    words: 'command (no user manager here)',
    async start(name) {
      const [exec = '', ...args] = commands[name] ?? [];
      const began = process.hrtime.bigint();
      const child = spawn(exec, args, { env, stdio: 'ignore' });
      await once(child, 'exit');
      return began;
    },
    still: async () => {},
    close: async () => {},
  };
}
