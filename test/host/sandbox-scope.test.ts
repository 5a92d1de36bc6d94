/**
 * systemd's scopes: a real user manager on a real bus takes a process in. Whether it may bound memory, this kernel's
 * arrangement decides; where it may not, a made-up tree stands in for it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { defaultLimits } from '#host/sandbox/limits.ts';
import { findSystemd, openScope } from '#host/sandbox/scope-linux.ts';
import { until } from '../contract/until.ts';
import { scratch } from '../fakes/places.ts';
import { noUserManager, startUserManager } from '../fakes/user-manager.ts';

const limits = { ...defaultLimits(), processes: 99, totalMemory: 600 * 1024 ** 2 };
const noBus =
  noUserManager ?? (spawnSync('dbus-daemon', ['--version']).status === 0 ? null : 'dbus-daemon is not installed');

/** A process that does nothing until the test is over. */
function sleeper(): number {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid ?? 0;
}

describe.skipIf(noBus !== null)(`a real user manager${noBus ? ` (${noBus})` : ''}`, () => {
  test('takes processes into a scope of their own, with the limits, and it goes with the last', async () => {
    const manager = await startUserManager();
    onTestFinished(() => manager.close());
    mkdirSync(manager.units, { recursive: true });
    writeFileSync(join(manager.units, 'dbus.socket'), '[Socket]\nListenStream=%t/bus\n');
    const start = 'dbus-daemon --session --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only';
    writeFileSync(
      join(manager.units, 'dbus.service'),
      `[Unit]\nRequires=dbus.socket\n[Service]\nType=notify\nNotifyAccess=main\nExecStart=${start}\n`,
    );
    expect(findSystemd(manager.env)).toBe(null);
    await manager.systemctl('daemon-reload');
    await manager.systemctl('start', 'dbus.socket', 'dbus.service');
    const ask = findSystemd(manager.env) ?? (() => Promise.resolve(false));
    await until('the manager to be on the bus', () => ask('GetUnit', 's', 'dbus.service'));
    const [first, second] = [sleeper(), sleeper()];
    const group = openScope('run-1-abc', limits, ask);
    await group.enter([first]);
    await group.enter([second]);
    await until('both to be in', () => group.holds([first, second]));
    expect(await group.holds([process.pid])).toBe(false);
    const told = await manager.systemctl(
      'show',
      'nightshift-run-1-abc.scope',
      '-p',
      'MemoryMax,TasksMax,OOMPolicy,Delegate',
    );
    expect(told.trim().split('\n').sort()).toEqual(
      ['Delegate=yes', `MemoryMax=${limits.totalMemory}`, 'OOMPolicy=continue', 'TasksMax=99'].sort(),
    );
    // What it was told counts only where the kernel was, too.
    const place = /^0::(.*)$/m.exec(readFileSync(`/proc/${first}/cgroup`, 'utf8'))?.[1] ?? '';
    const real = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].map((mount) =>
      spawnSync('cat', [join(mount, place, 'memory.max')], { encoding: 'utf8' }).stdout.trim(),
    );
    expect(group.bounds.memory).toBe(real.includes(String(limits.totalMemory)));
    for (const pid of [first, second]) process.kill(pid, 'SIGKILL');
    await until('it to be gone', async () => !(await ask('GetUnit', 's', 'nightshift-run-1-abc.scope')));
  }, 60_000);
});

describe('a scope on a made-up machine', () => {
  /** Grants what is asked as systemd would, on a tree of files. */
  function machine(files: Record<string, string>) {
    const root = scratch();
    const said: string[][] = [];
    const path = '/user.slice/user@1000.service/app.slice/nightshift-run-1.scope';
    const group = join(root, 'sys/fs/cgroup', path);
    mkdirSync(group, { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(group, name), content);
    const ask = async (...words: string[]) => {
      said.push(words);
      for (const pid of ['11', '12'].filter((each) => words.includes(each))) {
        mkdirSync(join(root, 'proc', pid), { recursive: true });
        writeFileSync(join(root, 'proc', pid, 'cgroup'), `0::${path}\n`);
      }
      return true;
    };
    return { root, group, said, ask };
  }

  test('bounds what the kernel says it bounds, lets more in, and counts whom the kernel ended', async () => {
    const { root, group, said, ask } = machine({
      ...{ 'memory.max': `${limits.totalMemory}\n`, 'pids.max': '99\n', 'memory.events': 'max 9\noom_kill 2\n' },
    });
    const scope = openScope('run-1', limits, ask, root);
    await scope.enter([11]);
    expect(scope.bounds).toEqual({ processes: true, memory: true });
    await scope.enter([11, 12]);
    expect([await scope.holds([11, 12]), await scope.holds([11, 13])]).toEqual([true, false]);
    expect(await scope.killed()).toBe(2);
    expect(said.map(([method]) => method)).toEqual(['StartTransientUnit', 'AttachProcessesToUnit']);
    expect(said[0]).toEqual([
      ...['StartTransientUnit', 'ssa(sv)a(sa(sv))', 'nightshift-run-1.scope', 'fail', '6', 'PIDs', 'au', '1', '11'],
      ...['MemoryMax', 't', String(limits.totalMemory), 'TasksMax', 't', '99'],
      ...['CollectMode', 's', 'inactive-or-failed', 'Delegate', 'b', 'true', 'OOMPolicy', 's', 'continue', '0'],
    ]);
    rmSync(group, { recursive: true });
    expect(await scope.killed()).toBe(0);
  });

  test('claims nothing where no controller is handed down, and asks no more where it was refused', async () => {
    const { root, ask } = machine({ 'pids.max': 'max\n' });
    const scope = openScope('run-1', limits, ask, root);
    await scope.enter([11]);
    expect(scope.bounds).toEqual({ processes: false, memory: false });
    let asked = 0;
    const refused = openScope('run-1', limits, async () => ++asked < 0, root);
    await refused.enter([12]);
    await refused.enter([12]);
    expect([asked, refused.bounds.memory, await refused.killed()]).toEqual([1, false, 0]);
  });
});
