/** The main promise of the alarm clock: with nothing of ours running, the OS alone starts the next occurrence. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { z } from 'zod';
import type { Occurrence } from '#contract/ledger.ts';
import type { Routine } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import { startTimeOf } from '#host/processes.ts';
import { entry } from '#host/self.ts';
import { noUserManager, startUserManager, type UserManager } from '../fakes/user-manager.ts';

const reason = noUserManager ? ` (no user manager: ${noUserManager})` : '';
let manager: UserManager;

beforeAll(async () => {
  if (!noUserManager) manager = await startUserManager();
});
afterAll(async () => {
  if (noUserManager) return;
  await nightshift('host', 'stop', '--force').catch(() => undefined);
  await manager.close();
});

async function nightshift<T>(...args: string[]): Promise<T> {
  const done = await promisify(execFile)(process.execPath, [entry('cli'), ...args, '--json'], { env: manager.env });
  return JSON.parse(done.stdout || 'null') as T;
}

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 90_000, interval: 300 });
const endpoint = () => join(manager.env.XDG_DATA_HOME ?? '', 'nightshift', 'endpoint.json');

/** Process id of the host that the endpoint file names, or null when none is there or it is dead. */
function livingHost(): number | null {
  if (!existsSync(endpoint())) return null;
  const { pid } = JSON.parse(readFileSync(endpoint(), 'utf8')) as { pid: number };
  return startTimeOf(pid) === null ? null : pid;
}

test.skipIf(noUserManager !== null)(
  `host killed, manager restarted: the occurrence is fired, hosted, finished and left${reason}`,
  async () => {
    // The demo's routine with its recorded answers is real work that needs no key.
    await nightshift('demo');
    const [routine] = await nightshift<z.infer<typeof Routine>[]>('routines', 'list');
    const id = routine?.id ?? '';
    expect(routine?.registration.state).toBe('registered');

    const at = new Date(Date.now() + 6000).toISOString();
    await nightshift('routines', 'run', id, '--at', at);
    const killed = livingHost();
    process.kill(killed ?? 0, 'SIGKILL');
    await manager.crash();
    await manager.start();

    // Only files are looked at until the host has come and gone: a command of ours would start one itself.
    await until(() => expect([null, killed]).not.toContain(livingHost()));
    await until(() => expect(livingHost()).toBeNull());

    const rows = (await nightshift<z.infer<typeof Occurrence>[]>('routines', 'ledger')).filter(
      (row) => row.dueAt === at,
    );
    expect(rows).toEqual([expect.objectContaining({ routine: id, claimedBy: 'os_timer', state: 'ran', count: 1 })]);
    const run = (await nightshift<z.infer<typeof Run>[]>('runs', 'list')).find((one) => one.id === rows[0]?.run);
    expect(run).toMatchObject({ state: 'ended', outcome: 'proposed', trigger: { kind: 'schedule', dueAt: at } });
  },
);
