/** The product under a user manager of its own, for a test of what the OS alone wakes; gone when the file's tests are over. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import { startTimeOf } from '#host/processes.ts';
import { entry } from '#host/self.ts';
import { noUserManager, startUserManager, type UserManager } from './user-manager.ts';

/** For titles: why such tests are skipped; empty where they are not. */
export const reason = noUserManager ? ` (no user manager: ${noUserManager})` : '';

export interface WokenProduct {
  readonly manager: UserManager;
  /** What the command line answers with `--json`; throws as its exit code says, but for the doctor, who only finds. */
  nightshift<T>(...args: string[]): Promise<T>;
  /** Process id of the host that the endpoint file names, or null when none is there or it is dead. */
  livingHost(): number | null;
  /** A file in the data directory. */
  data(...names: string[]): string;
}

/** Call at the top of a test file. */
export function wokenProduct(): WokenProduct {
  let manager: UserManager;
  const product: WokenProduct = {
    get manager() {
      return manager;
    },
    async nightshift<T>(...args: string[]) {
      const command = promisify(execFile)(process.execPath, [entry('cli'), ...args, '--json'], { env: manager.env });
      const done = await command.catch((error) =>
        args[0] === 'doctor' && error.stdout ? error : Promise.reject(error),
      );
      return JSON.parse(done.stdout || 'null') as T;
    },
    data: (...names) => join(manager.env.XDG_DATA_HOME ?? '', 'nightshift', ...names),
    livingHost() {
      const endpoint = product.data('endpoint.json');
      if (!existsSync(endpoint)) return null;
      const { pid } = JSON.parse(readFileSync(endpoint, 'utf8')) as { pid: number };
      return startTimeOf(pid) === null ? null : pid;
    },
  };
  beforeAll(async () => {
    if (!noUserManager) manager = await startUserManager();
  });
  afterAll(async () => {
    if (noUserManager) return;
    await product.nightshift('host', 'stop', '--force').catch(() => undefined);
    await manager.close();
  });
  return product;
}
