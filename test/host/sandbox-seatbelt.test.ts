/** How runs are launched, judged and ended on macOS, by a stand-in for its launcher; the real Seatbelt has never been asked. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSandbox } from '#host/sandbox/launch.ts';
import { watched } from '#host/sandbox/watchdog.ts';
import { scratch, silent } from '../fakes/places.ts';
import { likeNothing, likeSeatbelt, refusesProfile } from '../fakes/sandbox-exec.ts';
import { verifies } from '../promises.ts';
import { ground, hands, marker, noSandbox, processesWith } from './sandbox-fixture.ts';

const platform = 'darwin' as const;
const places = () => readdirSync(tmpdir()).filter((name) => name.startsWith('nightshift-run-'));

/** Search path with a `ps` that keeps count of how often it was asked. */
function countedLooks() {
  const folder = scratch('looks');
  const [count, ps] = [join(folder, 'count'), join(folder, 'ps')];
  writeFileSync(count, '');
  writeFileSync(ps, `#!/bin/sh\nPATH=${process.env.PATH} ps "$@"; echo >>${count}\n`);
  chmodSync(ps, 0o755);
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  return { env, looks: () => readFileSync(count, 'utf8').length };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within 20 seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.skipIf(noSandbox)("runs behind a stand-in for macOS's launcher (Linux only)", () => {
  test('tools work at the real path of the worktree, git reads, and the first phrase says unverified', async () => {
    const { bash, call, place, enforced, close } = await hands(ground(), { platform, sandboxExec: likeSeatbelt() });
    expect(enforced[0]).toMatch(/^Seatbelt, unverified/);
    expect(enforced).toContain('no network');
    expect(await bash('pwd')).toMatchObject({ ok: true, text: place.worktree });
    const log = await bash('git status --short; git log --format=%s; git config --get remote.origin.url');
    expect(log.text).toBe('second\nfirst\nExit code 1');
    expect(await call('Edit', { file_path: 'notes.txt', old_string: 'four', new_string: 'five' })).toMatchObject({
      ok: true,
    });
    const fresh = { file_path: '/workspace/new/file.txt', content: 'six' };
    expect(await call('Write', fresh)).toMatchObject({ ok: true });
    expect(await call('Write', { ...fresh, preview: true })).toMatchObject({ ok: true });
    expect(readFileSync(join(place.worktree, 'new/file.txt'), 'utf8')).toBe('six');
    expect((await bash('git status --short')).text).toBe('M notes.txt\n?? new/'.replace(/^/, ' '));
    expect((await bash('echo x > .git')).ok).toBe(false);
    expect(await call('Read', { file_path: '/etc/passwd' })).toMatchObject({
      ok: false,
      code: 'tool.outside_workspace',
    });
    const { text: own } = await bash('echo $TMPDIR');
    expect(existsSync(own)).toBe(true);
    await close();
    expect(existsSync(own)).toBe(false);
  });

  test('closing ends what runs in the background, in a session of its own too', async () => {
    const mark = marker();
    const { bash, close } = await hands(ground(), { platform, sandboxExec: likeSeatbelt() });
    await bash(`sleep ${mark} & setsid sleep ${mark} & nohup sleep ${mark} >/dev/null 2>&1 &`);
    expect(processesWith(mark).length).toBeGreaterThan(0);
    await close();
    await until(() => processesWith(mark).length === 0, 'everything is gone');
  });

  test(
    verifies('no-silent-fallback', 'a launcher that confines nothing is found out before the first call'),
    async () => {
      const before = places();
      await expect(hands(ground(), { platform, sandboxExec: likeNothing() })).rejects.toMatchObject({
        code: 'sandbox.unavailable',
        message: expect.stringMatching(
          /does not hold: home directory unreadable, other files unreadable, .*no network/,
        ),
        cure: expect.stringContaining('nothing was run'),
      });
      expect(places().filter((name) => !before.includes(name))).toEqual([]);
    },
  );

  test('a profile that the system refuses, and a system without a launcher, are said in its own words', async () => {
    await expect(hands(ground(), { platform, sandboxExec: refusesProfile() })).rejects.toMatchObject({
      code: 'sandbox.unavailable',
      message: expect.stringContaining('unbound variable: lsopen'),
    });
    await expect(hands(ground(), { platform, sandboxExec: '/nowhere/sandbox-exec' })).rejects.toMatchObject({
      code: 'sandbox.unavailable',
      message: expect.stringContaining('/nowhere/sandbox-exec'),
    });
  });

  test('a network is refused instead of left out', async () => {
    const spec = {
      run: 'run-1',
      worktree: '/',
      gitDirectory: '/',
      access: 'read' as const,
      network: { allow: ['a.example'] },
    };
    await expect(createSandbox({ log: silent, platform }).launch(spec)).rejects.toMatchObject({
      ...{ code: 'sandbox.unavailable', field: 'network', cure: expect.any(String) },
    });
  });

  test('the doctor tries it, and warns that it is unverified', async () => {
    const well = await createSandbox({ log: silent, platform, sandboxExec: likeSeatbelt() }).doctor();
    expect(well).toMatchObject([
      { name: 'sandbox', state: 'ok' },
      { name: 'sandbox', state: 'warning', detail: expect.stringContaining('unverified'), cure: expect.any(String) },
    ]);
    const ill = await createSandbox({ log: silent, platform, sandboxExec: likeNothing() }).doctor();
    expect(ill).toMatchObject([{ name: 'sandbox', state: 'failed' }]);
  });

  test('when its host is killed, the watchdog ends the command and all that came from it', async () => {
    const mark = marker();
    const host = spawn('sleep', ['600']);
    const script = `sleep ${mark} & setsid sleep ${mark} & exec sleep ${mark}`;
    const [file, args] = watched(host.pid ?? 0, ['/bin/bash', '-c', script]);
    const { env, looks } = countedLooks();
    const dog = spawn(file, args, { detached: true, env, stdio: ['pipe', 'pipe', 'pipe'] });
    onTestFinished(() => {
      dog.kill('SIGTERM');
      host.kill('SIGKILL');
    });
    const ended = new Promise((resolve) => dog.once('exit', resolve));
    await until(() => processesWith(mark).filter((pid) => pid !== dog.pid).length >= 3, 'all are running');
    const before = looks();
    // The first of these may have begun before all were running; the second saw them.
    await until(() => looks() >= before + 2, 'it has looked');
    host.kill('SIGKILL');
    await ended;
    expect(processesWith(mark)).toEqual([]);
  });

  test('the watchdog hands on input, output and exit code, and leaves strangers alone', () => {
    const stranger = marker();
    const other = spawn('sleep', [stranger], { detached: true });
    onTestFinished(() => void other.kill('SIGKILL'));
    const [file, args] = watched(process.pid, ['/bin/bash', '-c', 'read line; echo "got $line"; exit 7']);
    const done = spawnSync(file, args, { input: 'hello\n', encoding: 'utf8', cwd: scratch() });
    expect([done.status, done.stdout, done.stderr]).toEqual([7, 'got hello\n', '']);
    expect(processesWith(stranger)).toHaveLength(1);
    expect(existsSync(`/proc/${other.pid}`)).toBe(true);
  });
});
