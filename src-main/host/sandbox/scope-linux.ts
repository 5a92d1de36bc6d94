/** A scope of systemd for one sandbox: where a login session owns this process, its service manager may bound what we may not. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { runProgram } from '#host/scheduler/run-program.ts';
import type { Group } from './cgroup-linux.ts';
import type { Limits } from './limits.ts';

/** Says something to a service manager and answers whether it was done; tests may stand in for it. */
export type AskSystemd = (method: string, signature: string, ...words: string[]) => Promise<boolean>;

/** Milliseconds for an answer, and for what was asked to have happened. */
const patience = 3000;

/** Where version 2 of the control groups is, and version 1's has it beside the others. */
const mounts = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];

/** The manager of this user; for user 0 also that of the machine. Null: none can be asked. */
export function findSystemd(env: NodeJS.ProcessEnv = process.env): AskSystemd | null {
  const id = process.getuid?.();
  const runtime = env.XDG_RUNTIME_DIR || `/run/user/${id}`;
  const own = existsSync(join(runtime, 'bus')) ? '--user' : null;
  const machine = id === 0 && existsSync('/run/systemd/system') && existsSync('/run/dbus/system_bus_socket');
  const bus = own ?? (machine ? '--system' : null);
  if (bus === null) return null;
  const place = { PATH: env.PATH, XDG_RUNTIME_DIR: runtime, LC_ALL: 'C' };
  return async (method, signature, ...words) => {
    const manager = ['org.freedesktop.systemd1', '/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager'];
    const how = [bus, '--quiet', '--allow-interactive-authorization=no', `--timeout=${patience / 1000}`];
    return (await runProgram('busctl', [...how, 'call', ...manager, method, signature, ...words], place, patience)).ok;
  };
}

/** `name`: of the run. `root`: where /proc and the control groups are found; tests put a directory there. */
export function openScope(name: string, limits: Limits, ask: AskSystemd, root = '/'): Group {
  const unit = `nightshift-${name}.scope`;
  const bounds = { processes: false, memory: false };
  let directory: string | null = null;
  let refused = false;
  const inside = async (pid: number): Promise<string | null> => {
    const lines = await readFile(join(root, `proc/${pid}/cgroup`), 'utf8').catch(() => '');
    return /^0::(.*)$/m.exec(lines)?.[1]?.match(/^.*\.scope$/)?.[0] ?? null;
  };
  const isIn = async (pid: number): Promise<boolean> => (await inside(pid))?.endsWith(`/${unit}`) ?? false;
  const figure = async (file: string): Promise<number> =>
    directory === null
      ? Number.NaN
      : Number.parseInt(await readFile(join(directory, file), 'utf8').catch(() => ''), 10);
  return {
    bounds,
    kind: 'a scope of systemd',
    async enter(pids) {
      if (pids.length === 0 || refused) return;
      const list = [String(pids.length), ...pids.map(String)];
      if (directory !== null) {
        await ask('AttachProcessesToUnit', 'ssau', unit, '', ...list);
        return;
      }
      const properties = [
        ...['PIDs', 'au', ...list],
        ...['MemoryMax', 't', String(limits.totalMemory), 'TasksMax', 't', String(limits.processes)],
        // It is gone with its last process. More may be let in, and one that is ended for its memory ends no others.
        ...['CollectMode', 's', 'inactive-or-failed', 'Delegate', 'b', 'true', 'OOMPolicy', 's', 'continue'],
      ];
      refused = !(await ask('StartTransientUnit', 'ssa(sv)a(sa(sv))', unit, 'fail', '6', ...properties, '0'));
      if (refused) return;
      const [first = 0] = pids;
      for (const end = performance.now() + patience; performance.now() < end && !(await isIn(first)); ) await wait(2);
      const path = await inside(first);
      refused = !path?.endsWith(`/${unit}`);
      if (refused || !path) return;
      directory = mounts.map((mount) => join(root, mount, path)).find((each) => existsSync(each)) ?? null;
      // What it was told is one thing; what the kernel was told counts.
      bounds.memory = (await figure('memory.max')) <= limits.totalMemory;
      bounds.processes = (await figure('pids.max')) <= limits.processes;
    },
    holds: async (pids) => (await Promise.all(pids.map(isIn))).every(Boolean),
    killed: async () => {
      if (directory === null) return 0;
      const events = await readFile(join(directory, 'memory.events'), 'utf8').catch(() => '');
      return Number(/^oom_kill (\d+)$/m.exec(events)?.[1] ?? 0);
    },
    remove: async () => {},
  };
}
