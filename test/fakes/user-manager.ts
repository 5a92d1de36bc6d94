/** A private `systemd --user` manager with a HOME, a runtime directory and a cgroup of its own. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { managerProblem, startManager, stopManager } from '../../resources/setup/user-manager.mjs';

export interface UserManager {
  /** Of a person whose manager this is; nothing of the caller's own but PATH. */
  env: Record<string, string>;
  /** Holds HOME and all the rest; removed by `close`. */
  folder: string;
  home: string;
  /** `~/.config/systemd/user`. */
  units: string;
  /** `~/.local/share/systemd/timers`. */
  stamps: string;
  /** Standard output; rejects when systemctl fails. */
  systemctl(...args: string[]): Promise<string>;
  /** SIGKILL to the manager and all it started, as a power cut does. */
  crash(): Promise<void>;
  start(): Promise<void>;
  /** Ends everything and removes the folder. */
  close(): Promise<void>;
}

/** Why no manager can be started here, or null: for `test.skipIf`. */
export const noUserManager: string | null = managerProblem();

/** `homeName` may hold anything that a file name may hold, except a colon. */
export async function startUserManager(homeName = 'home'): Promise<UserManager> {
  const folder = mkdtempSync(join(tmpdir(), 'nsm-'));
  const home = join(folder, homeName);
  const env = {
    HOME: home,
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    XDG_RUNTIME_DIR: join(folder, 'run'),
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local', 'share'),
  };
  const place = {
    env,
    name: `nightshift-test-${basename(folder)}`,
    log: join(folder, 'manager.log'),
    settings: join(home, '.config', 'systemd', 'user.conf.d'),
  };
  const start = () => startManager(place);
  await start();
  return {
    env,
    folder,
    home,
    units: join(home, '.config', 'systemd', 'user'),
    stamps: join(home, '.local', 'share', 'systemd', 'timers'),
    systemctl: async (...args) => {
      const done = await promisify(execFile)('systemctl', ['--user', ...args], {
        env: { ...env, TZ: 'UTC', LC_ALL: 'C' },
      });
      return done.stdout;
    },
    crash: () => stopManager(place, 'SIGKILL'),
    start,
    close: async () => {
      await stopManager(place, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
