/** The registrars for launchd and Task Scheduler, with stand-ins for the programs of those systems. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Alarm, Scheduler } from '#core/ports.ts';
import { resolvePaths } from '#host/paths.ts';
import { createLaunchdScheduler } from '#host/scheduler/launchd.ts';
import { runProgram } from '#host/scheduler/run-program.ts';
import { createTaskScheduler } from '#host/scheduler/task-scheduler.ts';
import { type FakeProgram, fakeProgram } from '../fakes/os-programs.ts';

const now = Date.UTC(2026, 10, 20, 12);
const clock = { now: () => now, after: () => () => undefined };
const cron = (routine: string, expression: string, more: Partial<Alarm> = {}): Alarm => ({
  ...{ routine, name: `Routine ${routine}`, schedule: { kind: 'cron', expression }, timeZone: 'UTC', once: [] },
  ...more,
});
const byHand: Alarm = { ...cron('by-hand', ''), schedule: { kind: 'manual' } };
const noShell = process.platform === 'win32';

let os: FakeProgram;
let prefix: string;
let scheduler: Scheduler;
const row = async () => (await scheduler.doctor()).find((check) => check.name === 'OS timers');

function setUp(name: 'launchctl' | 'schtasks') {
  os = fakeProgram(name);
  const paths = resolvePaths(os.env);
  prefix = paths.unitPrefix;
  const options = { paths, exec: '/opt/node', entries: { cli: '/app/c li.ts', host: '/h' }, env: os.env, clock };
  scheduler = (name === 'launchctl' ? createLaunchdScheduler : createTaskScheduler)(options, 'UTC');
}

describe.skipIf(noShell)('launchd (needs a Unix shell for the stand-in)', () => {
  beforeEach(() => setUp('launchctl'));
  afterEach(() => os.close());
  const agents = () => join(os.home, 'Library', 'LaunchAgents');
  const file = (name: string) => join(agents(), `${prefix}-${name}.plist`);

  test('an alarm becomes a file and a loaded agent; a second sync asks only', async () => {
    const held = await scheduler.sync([cron('a', '0 3 * * *', { once: [now + 60_000] }), byHand]);
    expect(held.get('a')).toEqual({ state: 'registered', detail: expect.stringContaining('not exercised on a real') });
    expect(held.get('by-hand')?.state).toBe('not_needed');
    const woken = (await scheduler.sync([cron('a', '0 3 * * *', { once: [now + 60_000], wake: true }), byHand])).get(
      'a',
    );
    expect(woken?.detail).toMatch(/cannot wake a sleeping machine .*pmset/);
    const text = readFileSync(file('routine-a'), 'utf8');
    for (const word of ['/opt/node', '/app/c li.ts', 'due', '--by', 'os_timer', '--no-wait', '--routine', 'a'])
      expect(text).toContain(`<string>${word}</string>`);
    expect(text).toContain('<key>NIGHTSHIFT_HOME</key>');
    expect(text).toMatch(/<key>Hour<\/key>\s*<integer>3</);
    expect(text).toMatch(/<key>Day<\/key>\s*<integer>20<[\s\S]*<integer>12<[\s\S]*<key>Minute<\/key>\s*<integer>1</);
    expect(statSync(file('routine-a')).mode & 0o022).toBe(0);
    expect(readFileSync(file('sweep'), 'utf8')).toMatch(
      /<string>sweep<[\s\S]*<key>StartInterval<\/key>\s*<integer>3600/,
    );
    expect(Object.keys(os.state()).sort()).toEqual([`${prefix}-routine-a`, `${prefix}-sweep`]);
    const before = os.calls().length;
    await scheduler.sync([cron('a', '0 3 * * *', { once: [now + 60_000] })]);
    expect(
      new Set(
        os
          .calls()
          .slice(before)
          .map(([verb]) => verb),
      ),
    ).toEqual(new Set(['print']));
  });

  test('an edit replaces, a removal leaves nothing, others are left alone', async () => {
    mkdirSync(agents(), { recursive: true });
    for (const name of ['com.other.plist', `${prefix}x-routine-a.plist`]) writeFileSync(join(agents(), name), 'theirs');
    os.setState({ 'com.other': true });
    await scheduler.sync([cron('a', '0 3 * * *'), cron('b', '0 4 * * *')]);
    await scheduler.sync([cron('a', '0 5 * * *')]);
    expect(readFileSync(file('routine-a'), 'utf8')).toMatch(/<key>Hour<\/key>\s*<integer>5</);
    expect(existsSync(file('routine-b'))).toBe(false);
    await scheduler.sync([]);
    expect(readdirSync(agents()).sort()).toEqual(['com.other.plist', `${prefix}x-routine-a.plist`].sort());
    expect(os.state()).toEqual({ 'com.other': true });
  });

  test('doctor says what is amiss and mends it when asked', async () => {
    await scheduler.sync([cron('a', '0 3 * * *'), cron('b', '0 4 * * *'), cron('c', '0 5 * * *')]);
    expect(await row()).toMatchObject({ state: 'ok' });
    rmSync(file('routine-a'));
    writeFileSync(file('routine-b'), readFileSync(file('routine-b'), 'utf8').replace('<integer>4<', '<integer>14<'));
    const { [`${prefix}-routine-c`]: _, ...rest } = os.state();
    os.setState({ ...rest, [`${prefix}-routine-ghost`]: true });
    const found = await row();
    expect(found).toMatchObject({ state: 'failed', cure: expect.stringContaining('--fix') });
    for (const words of [
      'routine-a was changed',
      'routine-b was changed',
      'routine-c is not loaded',
      'ghost belongs to no',
    ])
      expect(found?.detail).toContain(words);
    await scheduler.heal();
    expect(await row()).toMatchObject({ state: 'ok' });
    expect(Object.keys(os.state())).not.toContain(`${prefix}-routine-ghost`);
  });

  test.each([
    [
      { bootstrap: { words: 'Bootstrap failed: 5: Input/output error', code: 5 } },
      'degraded',
      /5: Input\/output error/,
    ],
    [{ off: 'routine-a' }, 'degraded', /switched off in Login Items/],
    [
      { print: { words: 'Could not print domain', code: 125 } },
      'unavailable',
      /Could not print domain.*nightshift due/,
    ],
  ])('a refusal is said: %j', async (failures, state, words) => {
    os.fail('off' in failures ? { off: `${prefix}-routine-a` } : failures);
    const held = await scheduler.sync([cron('a', '0 3 * * *')]);
    expect(held.get('a')).toEqual({ state, detail: expect.stringMatching(words) });
    os.fail({});
    expect((await scheduler.sync([cron('a', '0 3 * * *')])).get('a')?.state).toBe('registered');
  });

  test('without launchctl, and in a folder that cannot be made, nothing is thrown', async () => {
    writeFileSync(join(os.home, 'Library'), 'a file');
    const held = await scheduler.sync([cron('a', '0 3 * * *')]);
    expect(held.get('a')).toEqual({ state: 'unavailable', detail: expect.stringContaining('(ENOTDIR)') });
    rmSync(join(os.folder, 'bin', 'launchctl'));
    expect((await scheduler.sync([cron('a', '0 3 * * *')])).get('a')?.detail).toContain('launchctl is not installed');
    expect(await scheduler.doctor()).toEqual([expect.objectContaining({ state: 'warning' })]);
  });
});

describe.skipIf(noShell)('Task Scheduler (needs a Unix shell for the stand-in)', () => {
  beforeEach(() => setUp('schtasks'));
  afterEach(() => os.close());
  const name = (job: string) => `\\Nightshift\\${prefix}-${job}`;

  test('an alarm becomes a task in our folder; a second sync asks only, whatever Windows made of the text', async () => {
    const alarms = [cron('a', '0 */2 * * *', { name: 'A & "b"\n<c>', wake: true, once: [now + 60_000] }), byHand];
    const held = await scheduler.sync(alarms);
    expect(held.get('a')).toEqual({ state: 'registered', detail: expect.stringContaining('not exercised on a real') });
    const xml = String(os.state()[name('routine-a')]);
    expect(xml).toContain('A &amp; &quot;b&quot; &lt;c&gt;');
    expect(xml).toContain('<WakeToRun>true');
    expect(xml).toContain('<StartBoundary>2026-11-20T12:01:00Z');
    expect(xml).toContain('<Arguments>due --by os_timer --no-wait --routine a</Arguments>');
    const script = readFileSync(join(os.home, 'data', 'wake.cmd'), 'utf8');
    expect(script).toContain(`set "NIGHTSHIFT_HOME=${join(os.home, 'data')}"\r\n"/opt/node" "/app/c li.ts" %*\r\n`);
    expect(String(os.state()[name('sweep')])).toContain('--by sweep --no-wait');
    const before = os.calls().length;
    await scheduler.sync(alarms);
    expect(
      new Set(
        os
          .calls()
          .slice(before)
          .map(([verb]) => verb),
      ),
    ).toEqual(new Set(['/query']));
    expect(readdirSync(join(os.home, 'data'))).toEqual(['wake.cmd']);
  });

  test('an edit replaces, a removal leaves nothing, others are left alone', async () => {
    os.setState({ '\\Other\\task': '<Task></Task>', '\\Nightshift\\someone': '<Task></Task>' });
    await scheduler.sync([cron('a', '0 3 * * *'), cron('b', '0 4 * * *')]);
    await scheduler.sync([cron('a', '0 5 * * *')]);
    expect(String(os.state()[name('routine-a')])).toContain('T05:00:00');
    expect(os.state()).not.toHaveProperty([name('routine-b')]);
    await scheduler.sync([]);
    expect(Object.keys(os.state())).toEqual(['\\Other\\task', '\\Nightshift\\someone']);
  });

  test('doctor says what is amiss and mends it when asked', async () => {
    await scheduler.sync([cron('a', '0 3 * * *'), cron('b', '0 4 * * *'), cron('c', '0 5 * * *')]);
    expect(await row()).toMatchObject({ state: 'ok' });
    const { [name('routine-a')]: _, [name('routine-b')]: b, [name('routine-c')]: c, ...rest } = os.state();
    const edited = String(b).replace('T04:00:00', 'T14:00:00');
    const off = String(c).replace('<Enabled>true</Enabled>', '<Enabled>false</Enabled>');
    os.setState({ ...rest, [name('routine-b')]: edited, [name('routine-c')]: off, [name('routine-ghost')]: off });
    const found = await row();
    expect(found).toMatchObject({ state: 'failed' });
    for (const words of [
      'routine-a is missing',
      'routine-b was changed',
      'routine-c is switched off',
      'ghost belongs to no',
    ])
      expect(found?.detail).toContain(words);
    await scheduler.heal();
    expect(await row()).toMatchObject({ state: 'ok' });
  });

  test.each([
    [{ '/create': { words: 'ERROR: Access is denied.', code: 1 } }, 'degraded', /Access is denied/],
    [
      { '/query': { words: 'ERROR: The service is not running.', code: 1 } },
      'unavailable',
      /not running.*nightshift due/,
    ],
  ])('a refusal is said: %j', async (failures, state, words) => {
    os.fail(failures);
    const held = await scheduler.sync([cron('a', '0 3 * * *')]);
    expect(held.get('a')).toEqual({ state, detail: expect.stringMatching(words) });
    os.fail({});
    expect((await scheduler.sync([cron('a', '0 3 * * *')])).get('a')?.state).toBe('registered');
  });
});

test.skipIf(noShell)('a program that does not answer is ended, and that is said (needs a Unix shell)', async () => {
  const answer = await runProgram('sh', ['-c', 'exec sleep 600'], process.env, 200);
  expect(answer).toMatchObject({ ok: false, missing: false, problem: 'sh did not answer in time' });
});
