/** Control groups on a made-up tree: which are used, what is written, what is swept. */
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openGroup } from '#host/sandbox/cgroup-linux.ts';
import { defaultLimits } from '#host/sandbox/limits.ts';
import { scratch } from '../fakes/places.ts';

const limits = { ...defaultLimits(), processes: 99, totalMemory: 12345 };

/** `files` are made below the mount; a directory ends in a slash. */
function machine(membership: string, files: Record<string, string>) {
  const mount = scratch();
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('/')) mkdirSync(join(mount, name), { recursive: true });
    else writeFileSync(join(mount, name), content);
  }
  const own = join(scratch(), 'cgroup');
  writeFileSync(own, membership);
  return { mount, membership: own };
}

describe('a control group', () => {
  test('of version 1 bounds processes and memory in their own trees', async () => {
    const place = machine('8:pids:/\n4:memory:/\n', { 'pids/': '', 'memory/': '' });
    const group = await openGroup('run-1', limits, place);
    expect(group?.bounds).toEqual({ processes: true, memory: true });
    await group?.enter([4711]);
    for (const tree of ['pids', 'memory'])
      expect(readFileSync(join(place.mount, tree, 'nightshift-run-1', 'cgroup.procs'), 'utf8')).toBe('4711');
    expect([await group?.holds([4711]), await group?.holds([4711, 4712])]).toEqual([true, false]);
    expect(readFileSync(join(place.mount, 'pids/nightshift-run-1/pids.max'), 'utf8')).toBe('99');
    expect(readFileSync(join(place.mount, 'memory/nightshift-run-1/memory.limit_in_bytes'), 'utf8')).toBe('12345');
  });

  const jobs = (memory: Record<string, string>) =>
    machine('8:pids:/\n4:memory:/jobs/17\n', { 'pids/': '', 'memory/jobs/17/': '', ...memory });

  test('lies below the one that somebody else has put this process in, whose limits stay in force', async () => {
    const place = jobs({
      'memory/jobs/17/cgroup.procs': `1\n${process.pid}\n`,
      'memory/jobs/17/memory.use_hierarchy': '1\n',
    });
    const group = await openGroup('run-1', limits, place);
    expect(group?.bounds).toEqual({ processes: true, memory: true });
    const own = join(place.mount, 'memory/jobs/17/nightshift-run-1');
    expect(readFileSync(join(own, 'memory.limit_in_bytes'), 'utf8')).toBe('12345');
    expect(await group?.killed()).toBe(0);
    writeFileSync(join(own, 'memory.oom_control'), 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n');
    expect(await group?.killed()).toBe(3);
  });

  test.each([
    ['shows another than that', { 'memory/jobs/17/cgroup.procs': '1\n' }],
    [
      'has one whose limits do not hold below it',
      { 'memory/jobs/17/cgroup.procs': `${process.pid}\n`, 'memory/jobs/17/memory.use_hierarchy': '0\n' },
    ],
  ])('is not made where this machine %s', async (_, memory) => {
    const place = jobs(memory);
    const group = await openGroup('run-1', limits, place);
    expect(group?.bounds).toEqual({ processes: true, memory: false });
    expect(existsSync(join(place.mount, 'memory/nightshift-run-1'))).toBe(false);
    expect(existsSync(join(place.mount, 'memory/jobs/17/nightshift-run-1'))).toBe(false);
  });

  test('of version 2 uses the controllers that are handed down, in one tree', async () => {
    const place = machine('0::/\n', {
      'cgroup.controllers': 'cpu pids memory',
      'cgroup.subtree_control': 'pids memory\n',
    });
    const group = await openGroup('run-1', limits, place);
    expect(group).toMatchObject({
      bounds: { processes: true, memory: true },
    });
    expect(readFileSync(join(place.mount, 'nightshift-run-1/memory.max'), 'utf8')).toBe('12345');
  });

  test.each([
    ['nothing is handed down', '0::/\n', { 'cgroup.controllers': 'pids', 'cgroup.subtree_control': '\n' }],
    [
      'a login session owns this process',
      '0::/user.slice/session-1.scope\n',
      { 'cgroup.controllers': 'pids', 'cgroup.subtree_control': 'pids\n' },
    ],
    ['there are none', '', {}],
  ])('is null where %s', async (_, membership, files) => {
    expect(await openGroup('run-1', limits, machine(membership, files))).toBe(null);
  });

  test('that is inhabited, young or of somebody else is never swept', async () => {
    const place = machine('8:pids:/\n', {
      'pids/nightshift-old/': '',
      'pids/nightshift-young/': '',
      'pids/foreign/': '',
    });
    const at = (name: string) => join(place.mount, 'pids', name);
    writeFileSync(join(at('nightshift-old'), 'cgroup.procs'), '4711\n');
    for (const name of ['nightshift-old', 'foreign']) utimesSync(at(name), 1000, 1000);
    await openGroup('run-1', limits, place);
    expect(['nightshift-old', 'nightshift-young', 'foreign'].map((name) => existsSync(at(name)))).toEqual([
      true,
      true,
      true,
    ]);
  });
});
