/** The demo repository: real, whole, the same every time, and true to its own log. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createDemo } from '#host/demo/create.ts';
import { demoRoutine, demoRoutineId } from '#host/demo/routine.ts';
import { guestCodeStack } from '#host/demo/service-log.ts';
import { loadCassette } from '#host/model/rehearsal.ts';
import { scratch } from '../fakes/places.ts';

const git = (directory: string, ...args: string[]) =>
  execFileSync('git', args, { cwd: directory, encoding: 'utf8' }).trim();
const fresh = () => join(scratch('demo'), 'orders-service');

test('a clean checkout of main with four commits, the same hashes every time', async () => {
  const [one, two] = [fresh(), fresh()];
  expect(await createDemo({ directory: one })).toEqual({ created: true });
  await createDemo({ directory: two });
  expect(git(one, 'status', '--porcelain', '--branch')).toBe('## main');
  expect(git(one, 'log', '--format=%an %s').split('\n')).toHaveLength(4);
  expect(git(one, 'rev-parse', 'HEAD')).toBe(git(two, 'rev-parse', 'HEAD'));
  expect(git(one, 'fsck', '--full', '--strict')).toBe('');
  expect(readdirSync(join(one, '..'))).toEqual(['orders-service']);
});

test('its log: about 20,000 lines in order of time, one recurring error with the stack that the code really gives', async () => {
  const directory = fresh();
  await createDemo({ directory });
  const lines = readFileSync(join(directory, 'logs/service.log'), 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(19_500);
  expect(lines.length).toBeLessThan(20_500);
  const times = lines.filter((line) => /^\d/.test(line)).map((line) => line.slice(0, 24));
  expect(times).toEqual(times.toSorted());
  expect(lines.filter((line) => line.includes('TypeError')).length).toBe(412);
  const kinds = new Set(lines.flatMap((line) => / (?:WARN|ERROR) +\S+ \S+ (\w+):/.exec(line)?.[1] ?? []));
  expect([...kinds].sort()).toEqual([
    'Error',
    'InvalidCart',
    'PaymentTimeout',
    'RateLimited',
    'SyntaxError',
    'TypeError',
  ]);

  const real = spawnSync(process.execPath, ['--input-type=module', '-e', failingRequest], {
    cwd: directory,
    encoding: 'utf8',
  });
  const frames = real.stdout.split('\n').filter((line) => line.includes('/src/'));
  const sources = new Map(
    readdirSync(join(directory, 'src')).map((name) => [
      `src/${name}`,
      readFileSync(join(directory, 'src', name), 'utf8'),
    ]),
  );
  const stack = guestCodeStack(sources);
  expect(frames.map((line) => line.replace(`file://${directory}/`, ''))).toEqual(
    stack.map((line) => line.replace('file:///srv/orders-service/', '')),
  );
  const at = lines.findIndex((line) => line.includes('TypeError'));
  expect(lines.slice(at + 1, at + 1 + stack.length)).toEqual(stack);
  expect(real.stdout).toMatch(
    /^\S+ ERROR checkout req=[0-9a-f]{8} TypeError: Cannot read properties of null \(reading 'orderCount'\)$/m,
  );
});

/** A guest's checkout with the code, over real HTTP; prints what the service logs. */
const failingRequest = `
  import { createApp } from './src/server.js';
  const shop = { send: async () => ({ chargeId: 'ch' }), today: () => '2026-11-18', nextOrderNumber: () => 'O-1' };
  const app = createApp(shop, (line) => process.stdout.write(line)).listen(0, '127.0.0.1', async () => {
    const cart = { items: [{ sku: 'MUG-01', quantity: 1, unitCents: 1250 }], discountCode: 'WELCOME10' };
    const answer = await fetch('http://127.0.0.1:' + app.address().port + '/checkout', { method: 'POST', body: JSON.stringify(cart) });
    process.exitCode = answer.status === 500 ? 0 : 1;
    app.close();
    app.closeAllConnections();
  });`;

test('exactly one of its tests fails, and only because of the bug', async () => {
  const directory = fresh();
  await createDemo({ directory });
  const run = spawnSync(process.execPath, ['--test', '--test-reporter=tap'], { cwd: directory, encoding: 'utf8' });
  expect(run.stdout).toMatch(/^# fail 1$/m);
  expect(run.stdout).toMatch(/^# pass 1\d$/m);
  expect(run.stdout).toContain("Cannot read properties of null (reading 'orderCount')");
});

test('what is there is never touched', async () => {
  const directory = fresh();
  await createDemo({ directory });
  writeFileSync(join(directory, 'src/cart.js'), 'mine');
  expect(await createDemo({ directory })).toEqual({ created: false });
  expect(readFileSync(join(directory, 'src/cart.js'), 'utf8')).toBe('mine');

  const other = fresh();
  mkdirSync(other);
  writeFileSync(join(other, 'notes.txt'), 'mine');
  await expect(createDemo({ directory: other })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(other),
  });
  expect(readdirSync(other)).toEqual(['notes.txt']);
});

test('two at once make one; killed half way, the next try makes it whole and clears up', async () => {
  const directory = fresh();
  const both = await Promise.all([createDemo({ directory }), createDemo({ directory })]);
  expect(both.filter(({ created }) => created)).toHaveLength(1);

  const killed = fresh();
  const source = `import { createDemo } from '#host/demo/create.ts'; await createDemo({ directory: ${JSON.stringify(killed)} });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { cwd: process.cwd(), stdio: 'ignore' });
  await expect
    .poll(() => half(killed).some((entry) => existsSync(join(killed, '..', entry, '.git'))), {
      timeout: 20_000,
      interval: 1,
    })
    .toBe(true);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  if (!existsSync(killed)) expect(half(killed)).toHaveLength(1);
  await createDemo({ directory: killed });
  expect(git(killed, 'status', '--porcelain')).toBe('');
  expect(half(killed)).toEqual([]);
});
const half = (directory: string) =>
  readdirSync(dirname(directory)).filter((entry) => entry.startsWith('.orders-service.'));

test('without git, the cure is to install it', async () => {
  const directory = fresh();
  await expect(createDemo({ directory, git: '/nowhere/git' })).rejects.toMatchObject({
    code: 'repo.git_failed',
    cure: 'Install git.',
  });
  expect(readdirSync(join(directory, '..'))).toEqual([]);
});

test('its routine is complete and has a recording', async () => {
  expect(await demoRoutine({ repository: '/srv/x', timeZone: 'Europe/Vienna' })).toMatchObject({
    name: 'Overnight log triage',
    schedule: '0 3 * * *',
    timeZone: 'Europe/Vienna',
    checks: ['node --test'],
    model: 'auto',
    prompt: expect.stringContaining('logs/service.log'),
  });
  expect((await demoRoutine({ repository: '/srv/x' })).timeZone).toBeTruthy();
  expect(await loadCassette(demoRoutineId)).toMatchObject({ recording: demoRoutineId });
});
