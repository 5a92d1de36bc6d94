/** A control group of its own for one sandbox, where this process may make one; it bounds what single limits cannot. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Limits } from './limits.ts';

export interface Group {
  /** Takes processes in, and with them all that they will start. Those that are gone are passed over. */
  enter(pids: number[]): Promise<void>;
  /** Are all of them in? */
  holds(pids: number[]): Promise<boolean>;
  /** In words, with an article. */
  kind: string;
  /** What the kernel bounds of those inside; of a scope known once the first is in. */
  bounds: { processes: boolean; memory: boolean };
  /** How many of them the kernel has ended so far because all together took too much memory. */
  killed(): Promise<number>;
  /** Removes the group once it is empty. Never throws: what is left is swept later. */
  remove(): Promise<void>;
}

/** Where the kernel shows its control groups, and which this process is in; tests put a directory here. */
export interface Place {
  mount: string;
  membership: string;
}
const thisMachine: Place = { mount: '/sys/fs/cgroup', membership: '/proc/self/cgroup' };

const prefix = 'nightshift-';
/** Milliseconds. A younger empty group may be one that a sandbox is about to enter. */
const sweepAfter = 60_000;

/**
 * Makes the group, or returns null when this process may not. It lies below the group that this process is in: to leave
 * that would shed limits which somebody else has set. Version 2 lets no group be made below one that holds processes,
 * except at the top.
 */
export async function openGroup(name: string, limits: Limits, place: Place = thisMachine): Promise<Group | null> {
  const trees = await ownTrees(place);
  const made: string[] = [];
  const bounds = { processes: false, memory: false };
  for (const tree of trees) {
    await sweep(tree.path);
    const directory = join(tree.path, prefix + name);
    try {
      await mkdir(directory);
    } catch {
      continue;
    }
    made.push(directory);
    if (tree.processes) bounds.processes ||= await set(directory, 'pids.max', limits.processes);
    if (tree.memory) bounds.memory ||= await set(directory, tree.memory, limits.totalMemory);
  }
  if (made.length === 0) return null;
  return {
    bounds,
    kind: 'a control group',
    async enter(pids) {
      for (const directory of made)
        for (const pid of pids) await writeFile(join(directory, 'cgroup.procs'), String(pid)).catch(() => {});
    },
    async holds(pids) {
      const inside = await Promise.all(made.map((directory) => readFile(join(directory, 'cgroup.procs'), 'utf8')));
      return inside.every((list) => pids.every((pid) => list.split('\n').includes(String(pid))));
    },
    async killed() {
      const files = trees.map(({ path, events }) => (events === null ? null : join(path, prefix + name, events)));
      const texts = files.map((file) => (file === null ? '' : readFile(file, 'utf8').catch(() => '')));
      const counts = (await Promise.all(texts)).map((text) => Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    remove: async () => {
      for (const directory of made) await removeSoon(directory);
    },
  };
}

interface Tree {
  path: string;
  processes: boolean;
  /** Name of the file that holds the memory limit; null: this tree does not bound memory. */
  memory: string | null;
  /** Name of the file that counts whom the kernel has ended for it. */
  events: string | null;
}

/** Version 2 has one tree for all; version 1 (also beside an empty version 2) has one tree for each controller. */
async function ownTrees({ mount, membership }: Place): Promise<Tree[]> {
  const lines = (await readFile(membership, 'utf8').catch(() => '')).split('\n');
  const placeIn = (controller: string): string | null => {
    const rows = lines.map((line) => line.split(':'));
    const [, , ...path] = rows.find(([, controllers = '']) => controllers.split(',').includes(controller)) ?? [];
    return path.length === 0 ? null : path.join(':');
  };
  if (existsSync(join(mount, 'cgroup.controllers'))) {
    if (placeIn('') !== '/') return [];
    const enabled = (await readFile(join(mount, 'cgroup.subtree_control'), 'utf8').catch(() => '')).trim().split(' ');
    const tree = {
      path: mount,
      processes: enabled.includes('pids'),
      memory: enabled.includes('memory') ? 'memory.max' : null,
      events: enabled.includes('memory') ? 'memory.events' : null,
    };
    return tree.processes || tree.memory ? [tree] : [];
  }
  const controllers = [
    { controller: 'pids', processes: true, memory: null, events: null },
    { controller: 'memory', processes: false, memory: 'memory.limit_in_bytes', events: 'memory.oom_control' },
  ];
  const trees = controllers.map(async ({ controller, ...tree }): Promise<Tree | null> => {
    const own = placeIn(controller);
    const path = join(mount, controller, own ?? '/');
    return own !== null && (await isOurs(mount, controller, own)) ? { path, ...tree } : null;
  });
  return (await Promise.all(trees)).filter((tree) => tree !== null);
}

/** A container may show its groups at other places than the kernel names; and below some, limits do not add up. */
async function isOurs(mount: string, controller: string, own: string): Promise<boolean> {
  const path = join(mount, controller, own);
  if (own === '/') return existsSync(path);
  const members = await readFile(join(path, 'cgroup.procs'), 'utf8').catch(() => '');
  if (!members.split('\n').includes(String(process.pid))) return false;
  const addsUp = await readFile(join(path, 'memory.use_hierarchy'), 'utf8').catch(() => '1');
  return addsUp.trim() === '1';
}

async function set(directory: string, file: string, value: number): Promise<boolean> {
  return writeFile(join(directory, file), String(value)).then(
    () => true,
    () => false,
  );
}

/** The kernel lets go of a group shortly after its last process; two seconds are plenty, and a sweep follows anyway. */
async function removeSoon(directory: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const error: unknown = await rmdir(directory).catch((reason) => reason);
    if (error === undefined || (error as NodeJS.ErrnoException).code !== 'EBUSY') return;
    await wait(20);
  }
}

/** Groups whose host was killed: old, and nobody in them. */
async function sweep(tree: string): Promise<void> {
  for (const name of await readdir(tree).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const directory = join(tree, name);
    const born = await stat(directory).catch(() => null);
    if (!born || Date.now() - born.mtimeMs < sweepAfter) continue;
    const inhabitants = await readFile(join(directory, 'cgroup.procs'), 'utf8').catch(() => '?');
    if (inhabitants.trim() === '') await rmdir(directory).catch(() => {});
  }
}
