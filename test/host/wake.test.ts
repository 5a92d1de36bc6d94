/** The OS timer's own way in, as its unit starts it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readWake } from '#cli/wake.ts';
import { startTimeOf } from '#host/processes.ts';
import { entry } from '#host/self.ts';
import { hostHome } from '../fakes/host-process.ts';
import { spec } from '../fakes/places.ts';
import { testRepository } from '../fakes/repository.ts';

async function due(env: NodeJS.ProcessEnv, ...more: string[]): Promise<number | null> {
  const argv = [entry('cli'), 'due', '--by', 'os_timer', '--no-wait', ...more];
  const child = spawn(process.execPath, argv, { env, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

test.each([
  [['due', '--by', 'os_timer', '--no-wait', '--routine', 'a'], { by: 'os_timer', routine: 'a' }],
  [['due', '--by', 'sweep', '--no-wait'], { by: 'sweep' }],
  [['due', '--no-wait'], null],
  [['due', '--by', 'os_timer'], null],
  [['due', '--by', 'os_timer', '--no-wait', '--json'], null],
  [['runs', 'list', '--no-wait'], null],
])('%j', (argv, wake) => expect(readWake(argv)).toEqual(wake));

test('with and without a host the instant is claimed by the OS timer, once', async () => {
  const home = hostHome();
  const first = await home.attach();
  const routine = { repository: testRepository().root, schedule: 'manual', model: 'rehearsal' };
  await first.client.routines.add({ id: 'a', spec: spec(routine) });
  const soon = async (client: typeof first.client) => {
    const at = new Date(Date.now() + 1500).toISOString();
    await client.routines.fireAt({ routine: 'a', at });
    await expect.poll(() => Date.now() > Date.parse(at), { timeout: 10_000 }).toBe(true);
    return at;
  };
  const one = await soon(first.client);
  expect(await due(home.env, '--routine', 'a')).toBe(0);
  const rows = await first.client.routines.ledger({ routine: 'a' });
  expect(rows).toMatchObject([{ dueAt: one }]);

  await expect.poll(async () => (await first.client.host.status()).activeRuns, { timeout: 60_000 }).toBe(0);
  const two = await soon(first.client);
  await first.client.host.stop({ force: true });
  await first.closed;
  expect(await due(home.env, '--routine', 'a')).toBe(0);
  const second = await home.attach();
  expect((await second.client.routines.ledger({ routine: 'a' })).map((row) => row.dueAt)).toEqual([two, one]);
});

test('a note of a host that is gone leads to another host, not to a failure', async () => {
  const home = hostHome();
  const first = await home.attach();
  first.close();
  process.kill(first.hostPid, 'SIGKILL');
  await first.closed;
  expect(existsSync(home.paths.endpoint)).toBe(true);
  expect(await due(home.env)).toBe(0);
  expect((await home.attach()).hostPid).not.toBe(first.hostPid);
});

test('a host that cannot start is reported by the ordinary way', async () => {
  const home = hostHome();
  const first = await home.attach();
  await first.client.host.stop({ force: true });
  // Not before it is gone: as it closes its database it would put right what is broken here.
  await expect.poll(() => startTimeOf(first.hostPid), { timeout: 30_000 }).toBeNull();
  writeFileSync(home.paths.database, 'not a database');
  expect(await due(home.env)).not.toBe(0);
});
