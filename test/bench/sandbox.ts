/** What the sandbox costs: one Bash call beside a plain shell, and a start beside bubblewrap with the same namespaces. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createSandbox } from '#host/sandbox/launch.ts';
import { alternate, type Line, median } from './measure.ts';

interface Pair {
  ours: number;
  bare: number;
}

const bareBubblewrap =
  '--unshare-all --die-with-parent --new-session --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp -- /bin/true';

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function run(program: string, args: string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  child.stderr.resume();
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
}

/** Milliseconds, medians. `place`: an empty folder to be. Null where there is no sandbox. */
async function sandboxCost(place: string, rounds = 15): Promise<{ call: Pair; start: Pair; online: Pair } | null> {
  if (process.platform !== 'linux') return null;
  const main = join(place, 'main');
  const worktree = join(place, 'work');
  mkdirSync(main, { recursive: true });
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@example.invalid', ...args], {
      cwd: main,
      stdio: 'ignore',
    });
  git('init');
  git('commit', '--allow-empty', '-m', 'x');
  git('worktree', 'add', worktree);
  // As a host has it.
  const sandbox = createSandbox({ log: { info: () => {}, error: () => {} }, ahead: true });
  const spec = { run: 'bench', worktree, gitDirectory: join(main, '.git'), access: 'write' as const };
  const network = { allow: ['nobody.nightshift.invalid'] };
  /** Ending it is not on the clock. */
  const start = async (more: object) => {
    const began = performance.now();
    const hands = await sandbox.launch({ ...spec, ...more });
    const took = performance.now() - began;
    await hands.close();
    return took;
  };
  const starts = await alternate(rounds, {
    ours: () => start({}),
    online: () => start({ network }),
    bare: () => timed(() => run('bwrap', bareBubblewrap.split(' '))),
  });
  const hands = await sandbox.launch(spec);
  const calls = await alternate(10 * rounds, {
    ours: () => timed(() => hands.call('Bash', { command: 'true' })),
    bare: () => timed(() => run('sh', ['-c', 'true'])),
  });
  await hands.close();
  const of = (results: Record<string, number[]>, name: string) => median(results[name] ?? []);
  const bare = of(starts, 'bare');
  return {
    call: { ours: of(calls, 'ours'), bare: of(calls, 'bare') },
    start: { ours: of(starts, 'ours'), bare },
    online: { ours: of(starts, 'online'), bare },
  };
}

/** As lines of the bench; where there is no sandbox, why not. */
export async function sandboxLines(place: string): Promise<Line[] | string> {
  const cost = await sandboxCost(place);
  if (!cost) return 'sandbox: SKIPPED, there is none on this system';
  const { call, start, online } = cost;
  return [
    { what: 'one Bash call in the sandbox (bare: sh -c, no sandbox)', ...call, unit: 'ms', most: { beyond: 1.5 } },
    { what: 'a sandbox, from its start to its probes (bare: bubblewrap)', ...start, unit: 'ms', most: { beyond: 40 } },
    { what: 'the same with a network', ...online, unit: 'ms' },
  ];
}
