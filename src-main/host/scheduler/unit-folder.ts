/** The person's systemd unit folder: only our own files in it are ever read, written or removed. */

import { mkdir, readFile, readlink, rename, rm, rmdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '#host/files.ts';
import { isOwnUnit } from './systemd-units.ts';

export interface UnitFolder {
  path: string;
  /** Our unit files as they are: name → content. A file that cannot be read has the content ''. */
  read(): Promise<Map<string, string>>;
  /** Replaces the whole file at once. Rejects with the file system's error. */
  write(name: string, content: string): Promise<void>;
  /** Makes the manager start the timer whenever it starts. True when something had to change. */
  enable(timer: string): Promise<boolean>;
  /** Does the manager start it whenever it starts? */
  enabled(timer: string): Promise<boolean>;
  /** When systemd thinks the timer last fired, milliseconds since the epoch; null when it does not know. */
  lastFire(timer: string): Promise<number | null>;
  /** Does that memory only say when the timer was first started? It is made then, though nothing fired. */
  neverFired(timer: string): Promise<boolean>;
  /** Takes that memory away; the timer must not run meanwhile. */
  forgetLastFire(timer: string): Promise<void>;
  /** How many timers and services of other programs lie in the folder. */
  foreign(): Promise<number>;
  /** Takes away the file, what enables it, and for a timer systemd's memory of its last fire. Idempotent. */
  remove(name: string): Promise<void>;
}

export function unitFolder(env: NodeJS.ProcessEnv, home: string, prefix: string): UnitFolder {
  const path = join(env.XDG_CONFIG_HOME || join(home, '.config'), 'systemd', 'user');
  const wants = join(path, 'timers.target.wants');
  const stamps = join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'systemd', 'timers');
  return {
    path,
    async read() {
      const names = [...(await namesIn(path)), ...(await namesIn(wants))].filter((name) => isOwnUnit(prefix, name));
      const contents = await Promise.all(names.map((name) => readFile(join(path, name), 'utf8').catch(() => '')));
      return new Map(names.map((name, i) => [name, contents[i] ?? '']));
    },
    async write(name, content) {
      await mkdir(path, { recursive: true });
      // The suffix keeps systemd from taking a half-written file for a unit.
      const draft = join(path, `.${name}.new`);
      try {
        await writeFile(draft, content, { mode: 0o644, flush: true });
        await rename(draft, join(path, name));
      } finally {
        await rm(draft, { force: true });
      }
    },
    async enable(timer) {
      const link = join(wants, timer);
      const target = join('..', timer);
      if ((await readlink(link).catch(() => null)) === target) return false;
      await mkdir(wants, { recursive: true });
      await rm(link, { force: true });
      await symlink(target, link);
      return true;
    },
    enabled: async (timer) => (await readlink(join(wants, timer)).catch(() => null)) === join('..', timer),
    lastFire: (timer) =>
      stat(join(stamps, `stamp-${timer}`)).then(
        (found) => found.mtimeMs,
        () => null,
      ),
    neverFired: (timer) =>
      stat(join(stamps, `stamp-${timer}`)).then(
        // Two clock readings of one moment.
        ({ mtimeMs, birthtimeMs }) => Math.abs(mtimeMs - birthtimeMs) < 1000,
        () => false,
      ),
    forgetLastFire: (timer) => rm(join(stamps, `stamp-${timer}`), { force: true }),
    async foreign() {
      const units = (await namesIn(path)).filter((name) => /\.(timer|service)$/.test(name));
      return units.filter((name) => !isOwnUnit(prefix, name)).length;
    },
    async remove(name) {
      await rm(join(wants, name), { force: true });
      await rm(join(path, name), { force: true });
      if (name.endsWith('.timer')) await rm(join(stamps, `stamp-${name}`), { force: true });
      // Refused while others' timers are enabled in it, which is right.
      await rmdir(wants).catch(() => undefined);
    },
  };
}
