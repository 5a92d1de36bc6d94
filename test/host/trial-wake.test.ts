/** A trial run on a real systemd: the OS timer fires it although its routine is paused and its host is gone. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Routine } from '#contract/routines.ts';
import type { Trial, TrialStart } from '#contract/trials.ts';
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

/** Process id of the host that the endpoint file names, or null when none is there or it is dead. */
function livingHost(): number | null {
  const endpoint = join(manager.env.XDG_DATA_HOME ?? '', 'nightshift', 'endpoint.json');
  if (!existsSync(endpoint)) return null;
  const { pid } = JSON.parse(readFileSync(endpoint, 'utf8')) as { pid: number };
  return startTimeOf(pid) === null ? null : pid;
}

test.skipIf(noUserManager !== null)(`the operating system fires a trial run${reason}`, async () => {
  await nightshift('demo');
  const [routine] = await nightshift<Routine[]>('routines', 'list');
  const id = routine?.id ?? '';
  await nightshift('routines', 'pause', id);
  const start = await nightshift<TrialStart>('routines', 'rehearse', id);
  expect(start.firedBy).toBe('os_timer');
  const killed = livingHost();
  process.kill(killed ?? 0, 'SIGKILL');
  // Only files are looked at until another host has come: a command of ours would start one itself.
  await expect.poll(() => [null, killed].includes(livingHost()), { timeout: 90_000 }).toBe(false);
  const shown = () => nightshift<Trial>('routines', 'trial', id);
  await expect.poll(async () => (await shown()).state, { timeout: 90_000, interval: 500 }).toBe('ended');
  expect(await shown()).toMatchObject({
    dueAt: start.dueAt,
    claimedBy: 'os_timer',
    outcome: 'proposed',
    current: true,
  });
});
