/** Hands end with their run and with their host, whoever kills what; and a sandbox that cannot be had is a clear refusal. */
import { spawn } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSandbox } from '#host/sandbox/launch.ts';
import { until } from '../contract/until.ts';
import { scratch, silent } from '../fakes/places.ts';
import { git, ground, hands, marker, noSandbox, processesWith, runner } from './sandbox-fixture.ts';

const groups = '/sys/fs/cgroup/pids';
const escapees = (tag: string) =>
  `setsid nohup sleep ${tag} >/dev/null 2>&1 & (trap '' TERM HUP; sleep ${tag}) & sleep ${tag} & disown -a; true`;

describe.skipIf(noSandbox)('the life of hands (Linux only)', () => {
  test('close ends every process of the run, also those that left their session, and is idempotent', async () => {
    const { bash, close, call } = await hands();
    const tag = marker();
    expect((await bash(escapees(tag))).ok).toBe(true);
    await until('them to run', () => processesWith(`sleep\0${tag}`).length >= 3);
    await Promise.all([close(), close()]);
    expect(processesWith(tag)).toEqual([]);
    await close();
    await expect(call('Bash', { command: 'true' })).rejects.toMatchObject({ code: 'sandbox.died' });
    expect(leftGroups('run-00000001')).toEqual([]);
  });

  test('kill -9 of the launching process ends every process of the run', async () => {
    const place = ground();
    const tag = marker();
    const orders = JSON.stringify({ ...place, commands: [escapees(tag)], stay: true });
    const host = spawn(process.execPath, [runner, orders], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void host.kill('SIGKILL'));
    await new Promise((resolve) => host.stdout.once('data', resolve));
    await until('them to run', () => processesWith(`sleep\0${tag}`).length >= 3);
    expect(processesWith(place.worktree).length).toBeGreaterThan(0);
    host.kill('SIGKILL');
    await until('all to be gone', () => processesWith(tag).length === 0 && processesWith(place.worktree).length === 0);
    expect(git(place.worktree, 'status', '--short')).toBe('');
    // The killed host cannot remove its control group; a later launch would sweep it.
    // The kernel takes a moment to let go of it, and other tests have groups of that name, too.
    const own = leftGroups('run-00000002');
    await until('the groups to be left', () => own.every((name) => isRemoved(join(groups, name))));
  });

  test('a call in the middle of which the hands die is told so', async () => {
    const { bash, place } = await hands();
    const tag = marker();
    const pending = bash(`sleep ${tag}`);
    pending.catch(() => {});
    await until('it to run', () => processesWith(`sleep\0${tag}`).length === 1);
    for (const pid of processesWith(place.worktree)) process.kill(pid, 'SIGKILL');
    await expect(pending).rejects.toMatchObject({ code: 'sandbox.died', cure: expect.any(String) });
    await expect(bash('true')).rejects.toMatchObject({ code: 'sandbox.died' });
    await until('it to be gone', () => processesWith(tag).length === 0);
  });

  test('a command that kills everything it can reach ends only its own run', async () => {
    const [victim, other] = [await hands(), await hands()];
    await expect(victim.bash('kill -9 -1; kill -9 $PPID; sleep 60')).rejects.toMatchObject({ code: 'sandbox.died' });
    expect(await other.bash('echo alive')).toMatchObject({ text: 'alive' });
  });

  test('nothing is left in the worktree or the temporary directory', async () => {
    const place = ground();
    const { close, bash } = await hands(place);
    await bash('echo x > /tmp/x');
    await close();
    expect(git(place.worktree, 'status', '--short', '--ignored')).toBe('');
    expect(readdirSync(place.worktree).sort()).toEqual(['.git', '.gitignore', 'notes.txt']);
  });

  test.skipIf(!ownsGroups())(
    'an old, empty control group that a killed host left is swept (needs a writable pids tree)',
    async () => {
      const left = join(groups, `nightshift-left-${marker()}`);
      mkdirSync(left);
      onTestFinished(() => {
        if (existsSync(left)) rmdirSync(left);
      });
      const young = await hands();
      expect(existsSync(left)).toBe(true);
      utimesSync(left, 1000, 1000);
      await hands(young.place);
      expect(existsSync(left)).toBe(false);
    },
  );

  test('doctor tries it out', async () => {
    const checks = await createSandbox({ log: silent }).doctor();
    expect(checks.map(({ name }) => name)).toEqual(['bubblewrap', 'git', 'sandbox', 'sandbox limits']);
    expect(checks.slice(0, 3).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok']);
  });
});

describe.skipIf(noSandbox)('what is enforced right now (Linux only)', () => {
  test('is told one by one, with how it was seen, after a sandbox was started and ended for it', async () => {
    const checks = (await createSandbox({ log: silent }).doctor(true)).filter(({ name }) =>
      name.startsWith('sandbox: '),
    );
    const names = checks.map(({ name }) => name.replace('sandbox: ', ''));
    expect(names).toEqual(
      expect.arrayContaining([
        'home directories invisible',
        'only the worktree and /tmp writable',
        'no secrets in the environment',
        'processes of the host invisible',
        'namespaces of its own',
        'no new user namespace',
        'raw sockets refused',
        'no network but the proxy',
        'the proxy answers',
        'a host that is not allowed is refused',
        'no process outlives the sandbox',
        'dangerous system calls refused',
        'a process left in the background is gone with the sandbox',
      ]),
    );
    expect(checks.filter(({ state, detail }) => state !== 'ok' || detail === '')).toEqual([]);
  });

  test('is nothing where there is no sandbox', async () => {
    const checks = await createSandbox({ log: silent, bwrap: '/nowhere/bwrap' }).doctor(true);
    expect(checks.filter(({ name }) => name.startsWith('sandbox: '))).toEqual([]);
    expect(checks.some(({ state }) => state === 'failed')).toBe(true);
  });
});

describe.skipIf(noSandbox)('a sandbox that cannot be had (Linux only)', () => {
  const refused = (bwrap: string, limits = {}) => {
    const place = ground();
    const { worktree, gitDirectory } = place;
    return createSandbox({ log: silent, bwrap, limits }).launch({
      run: 'run-1',
      worktree,
      gitDirectory,
      access: 'write',
    });
  };

  test('bubblewrap is missing', async () => {
    await expect(refused('/nowhere/bwrap')).rejects.toMatchObject({
      code: 'sandbox.unavailable',
      cure: expect.stringContaining('install bubblewrap'),
    });
  });

  test('bubblewrap may not make namespaces', async () => {
    const fault = refused(program('echo "bwrap: No permissions to create new namespace" >&2; exit 1'));
    await expect(fault).rejects.toMatchObject({
      code: 'sandbox.unavailable',
      message: expect.stringContaining('No permissions to create new namespace'),
      cure: expect.stringMatching(/namespaces|AppArmor/),
    });
  });

  test('bubblewrap is too old', async () => {
    const fault = refused(program('echo "bwrap: Unknown option --disable-userns" >&2; exit 1'));
    await expect(fault).rejects.toMatchObject({ code: 'sandbox.unavailable', cure: expect.stringContaining('0.8.0') });
  });

  test('the hands never report', async () => {
    const tag = marker();
    await expect(refused(program(`exec sleep ${tag}`), { readyWithin: 300 })).rejects.toMatchObject({
      code: 'sandbox.unavailable',
      message: expect.stringContaining('not ready within'),
    });
    expect(processesWith(tag)).toEqual([]);
  });

  test('a probe does not hold, none was made, or what comes is no message', async () => {
    const broken = '{"kind":"ready","probes":[{"name":"no network","held":false}]}';
    await expect(refused(program(`echo '${broken}'; exec sleep 60`))).rejects.toMatchObject({
      code: 'sandbox.unavailable',
      message: expect.stringContaining('no network'),
    });
    await expect(refused(program(`echo '{"kind":"ready","probes":[]}'; exec sleep 60`))).rejects.toMatchObject({
      code: 'sandbox.unavailable',
    });
    await expect(refused(program('echo hello; exec sleep 60'))).rejects.toMatchObject({ code: 'sandbox.unavailable' });
  });

  test('nothing was run outside a sandbox instead', async () => {
    const proof = join(scratch(), 'ran');
    await refused(program(`touch ${proof}.tried; exit 1`)).catch(() => {});
    expect([existsSync(`${proof}.tried`), existsSync(proof)]).toEqual([true, false]);
  });
});

test.each(['darwin', 'win32', 'freebsd'] as const)(
  '%s is told plainly that there is no sandbox to be had here',
  async (platform) => {
    const sandbox = createSandbox({ log: silent, platform });
    const launch = sandbox.launch({ run: 'run-1', worktree: '/', gitDirectory: '/', access: 'read' });
    await expect(launch).rejects.toMatchObject({ code: 'sandbox.unavailable', cure: expect.any(String) });
    expect(await sandbox.doctor()).toMatchObject([{ state: 'failed', cure: expect.any(String) }]);
  },
);

/** A stand-in for bubblewrap that does what the line says. */
function program(line: string): string {
  const file = join(scratch(), 'bwrap');
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** True where this process may make control groups of version 1, at the top of the tree. */
function ownsGroups(): boolean {
  try {
    accessSync(groups, constants.W_OK);
    return readFileSync('/proc/self/cgroup', 'utf8').includes(':pids:/\n');
  } catch {
    return false;
  }
}

function isRemoved(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function leftGroups(run: string): string[] {
  return existsSync(groups) ? readdirSync(groups).filter((name) => name.startsWith(`nightshift-${run}-`)) : [];
}
