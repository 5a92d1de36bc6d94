/** The terminal door on a real host: real processes, sockets, sandbox and, where one can be started, the OS timer. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Event } from '#contract/events.ts';
import { entry, productRoot } from '#host/self.ts';
import { heard } from '../fakes/heard.ts';
import { noUserManager, startUserManager, type UserManager } from '../fakes/user-manager.ts';
import { verifies } from '../promises.ts';

/** Bounded wait for a condition in the outside world; no test measures time with it. */
const within = 60_000;

const noNpm = spawnSync('npm', ['--version']).status !== 0;

interface Home {
  env: NodeJS.ProcessEnv;
  folder: string;
}

function newHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'nscli-'));
  const home = join(folder, 'home');
  const run = join(folder, 'run');
  for (const each of [home, run]) mkdirSync(each, { mode: 0o700 });
  // An empty runtime directory: no systemd manager of the person is reached.
  const env = { HOME: home, PATH: process.env.PATH, NIGHTSHIFT_HOME: join(folder, 'data'), XDG_RUNTIME_DIR: run };
  return { folder, env };
}

function start(argv: string[], { env }: Home, stdin = '') {
  const child = spawn(process.execPath, [entry('cli'), ...argv], { env, cwd: env.HOME });
  return heard(child, stdin);
}

async function run(argv: string[], home: Home, stdin = '') {
  const { seen, ended } = start(argv, home, stdin);
  return { code: await ended, ...seen };
}

async function json<T>(argv: string[], home: Home): Promise<T> {
  const { code, out, err } = await run([...argv, '--json'], home);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${err}`);
  return JSON.parse(out) as T;
}

async function leave(home: Home): Promise<void> {
  await run(['host', 'stop', '--force'], home);
  rmSync(home.folder, { recursive: true, force: true });
}

describe('on a real host', () => {
  const home = newHome();
  const add = ['routines', 'add', 'Bad', '--prompt', 'x'];
  beforeAll(() => {
    const git = (...args: string[]) => execFileSync('git', ['-C', String(home.env.HOME), ...args], { env: home.env });
    git('init', '-q', 'orders');
    const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.org'];
    git('-C', 'orders', ...who, 'commit', '-q', '--allow-empty', '-m', 'Begin');
  });
  afterAll(() => leave(home));

  test('status starts none, another command does, stop ends it', async () => {
    expect((await run(['host', 'status'], home)).code).toBe(4);
    expect(await run(['routines', 'list', '--json'], home)).toEqual({ code: 0, out: '[]\n', err: '' });
    expect(await json(['host', 'status'], home)).toMatchObject({
      activeRuns: 0,
      dataDirectory: home.env.NIGHTSHIFT_HOME,
    });
    expect((await run(['host', 'stop'], home)).code).toBe(0);
    expect((await run(['host', 'status'], home)).code).toBe(4);
  });

  test.each([
    ['a cron that never fires', ['--schedule', '0 0 31 2 *', '--repo', 'orders'], 'schedule'],
    ['a cron that is none', ['--schedule', 'often', '--repo', 'orders'], 'schedule'],
    ['a zone that does not exist', ['--schedule', 'nightly', '--repo', 'orders', '--tz', 'Mars/Olympus'], 'timeZone'],
    ['a repository that is gone', ['--schedule', 'nightly', '--repo', 'nowhere'], 'repository'],
    ['a folder that is no repository', ['--schedule', 'nightly', '--repo', '.'], 'repository'],
  ])(verifies('errors-cure', '%s: refused, field and cure named, nothing kept'), async (_what, flags, field) => {
    const { code, out, err } = await run([...add, ...flags, '--json'], home);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    const { error } = JSON.parse(err) as { error: { field: string; message: string; cure?: string } };
    expect(error.field).toContain(field);
    expect(error.cure ?? error.message).not.toBe('');
    expect(await json(['routines', 'list'], home)).toEqual([]);
  });

  test.skipIf(noNpm)('by way of npm, paths are meant from where the person is (needs npm)', async () => {
    const env = { ...home.env, npm_config_update_notifier: 'false' };
    const orders = join(String(home.env.HOME), 'orders');
    const words = ['routines', 'add', 'By npm', '--repo', '.', '--prompt', '@q.md', '--schedule', 'manual'];
    writeFileSync(join(orders, 'q.md'), 'Look here.');
    const npm = (...argv: string[]) =>
      execFileSync('npm', ['--prefix', productRoot, 'run', '-s', 'nightshift', '--', ...argv], {
        ...{ env, cwd: orders, encoding: 'utf8' },
      });
    expect(npm(...words)).toContain(`repository  ${realpathSync(orders)}\n`);
    expect(JSON.parse(npm('routines', 'show', 'by-npm', '--json'))).toMatchObject({
      spec: { repository: realpathSync(orders), prompt: 'Look here.' },
    });
    await run(['routines', 'remove', 'by-npm'], home);
  });

  test.each([
    ['routines', 'show', 'nobody'],
    ['runs', 'show', 'run-00000000'],
    ['proposals', 'show', 'prop-00000000'],
  ])('%s %s %s: not found', async (...argv) => {
    expect((await run(argv, home)).code).toBe(3);
  });

  test('a reader that leaves early is no error', async () => {
    const { child, ended } = start(['--help'], home);
    child.stdout?.destroy();
    expect(await ended).toBe(0);
  });

  test('open prints a one-time address that works, and Ctrl+C ends it', async () => {
    const { child, seen, ended } = start(['open', '--no-browser', '--json'], home);
    await vi.waitUntil(() => seen.out.includes('\n'), within);
    const { url, why } = JSON.parse(seen.out) as { url: string; why: string };
    expect(why).toContain('no browser');
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url)).status).toBe(403);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
  });

  test.skipIf(process.platform === 'win32')(
    'open ends when the process that started it is gone (needs a POSIX shell)',
    async () => {
      const script = '"$0" "$1" open --no-browser & echo "pid $!"; wait';
      const shell = spawn('/bin/sh', ['-c', script, process.execPath, entry('cli')], { env: home.env });
      let out = '';
      shell.stdout.on('data', (chunk) => {
        out += chunk;
      });
      await vi.waitUntil(() => /pid \d+\n/.test(out) && out.includes('http://'), within);
      const pid = Number(/pid (\d+)/.exec(out)?.[1]);
      shell.kill('SIGKILL');
      await vi.waitUntil(() => !isAlive(pid), within);
    },
  );
});

test.skipIf(process.platform !== 'linux').each(['/etc/passwd', '/etc/passwd/data', '/proc/nope', '/proc/nope/data'])(
  'a data directory that cannot be made at %s is said at once, with a cure (needs Linux: /proc)',
  async (data) => {
    const home = newHome();
    try {
      const { code, out, err } = await run(['routines', 'list', '--json'], {
        ...home,
        env: { ...home.env, NIGHTSHIFT_HOME: data },
      });
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(JSON.parse(err)).toMatchObject({
        error: { code: 'data.read_only', message: expect.stringContaining(data), cure: expect.any(String) },
      });
    } finally {
      rmSync(home.folder, { recursive: true });
    }
  },
);

describe.skipIf(noUserManager !== null)(
  `the demo (needs a systemd user manager${noUserManager ? `: ${noUserManager}` : ''})`,
  () => {
    let manager: UserManager;
    let home: Home;
    beforeAll(async () => {
      manager = await startUserManager();
      home = { folder: manager.folder, env: { ...manager.env, NIGHTSHIFT_HOME: join(manager.home, 'nightshift') } };
    });
    afterAll(async () => {
      if (home) await run(['host', 'stop', '--force'], home);
      await manager?.close();
    });

    interface Told {
      occurrence: { claimedBy: string; state: string; dueAt: string };
      run: { id: string; outcome: string; model: string; trigger: { kind: string } };
      proposal: { state: string; into: string | null };
    }

    test(verifies('os-wakes', 'the OS timer fires it and it ends in a proposal'), async () => {
      const { code, out, err } = await run(['demo', '--json'], home);
      expect(code, err).toBe(0);
      expect(err).toContain('The operating system holds: systemd user timer');
      expect(JSON.parse(out)).toMatchObject({
        occurrence: { claimedBy: 'os_timer', state: 'ran' },
        run: { outcome: 'proposed', model: 'rehearsal', trigger: { kind: 'schedule' } },
        proposal: { state: 'open' },
      } satisfies { [K in keyof Told]: Partial<Told[K]> });
    });

    test(
      verifies(
        'survives-kill',
        'again, with the host killed in the middle: finished and landed, one routine, two runs, one row each',
      ),
      async () => {
        const { child, seen, ended } = start(['demo', '--approve', '--json'], home);
        await vi.waitUntil(() => seen.err.includes('Edit src/discounts.js') || child.exitCode !== null, within);
        const { pid } = await json<{ pid: number }>(['host', 'status'], home);
        process.kill(pid, 'SIGKILL');
        expect(await ended, seen.err).toBe(0);
        const told = JSON.parse(seen.out) as Told;
        expect(told).toMatchObject({
          run: { outcome: 'proposed' },
          proposal: { state: 'approved', into: 'overnight-fixes' },
        });
        expect(await json<unknown[]>(['routines', 'list'], home)).toHaveLength(1);
        expect(await json<unknown[]>(['runs', 'list'], home)).toHaveLength(2);
        const rows = await json<{ dueAt: string }[]>(['routines', 'ledger'], home);
        expect(rows.filter((row) => row.dueAt === told.occurrence.dueAt)).toHaveLength(1);
        const followed = await run(['runs', 'follow', told.run.id, '--json'], home);
        const events = followed.out
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Event);
        expect(events.filter((event) => event.type === 'run.ended')).toHaveLength(1);
        expect(events.map((event) => event.seq)).toEqual(
          [...new Set(events.map((event) => event.seq))].sort((a, b) => a - b),
        );
      },
    );
  },
);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
