/** The machine stays awake while a run is at work, and not a moment longer, however the host ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Policies } from '#contract/policies.ts';
import type { Log } from '#core/ports.ts';
import { createAwake } from '#host/presence/awake.ts';
import { say } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { realRuntime } from '../fakes/real-runtime.ts';

const noShell = process.platform === 'win32';
const until = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 20 });

/** Becomes the command behind its options. */
const inhibit = 'while case $1 in --*) true;; *) false;; esac; do shift; done; exec "$@"';

/** A program that notes how it was called, under its process id, and then does as `last` says. */
function standIn(name: string, last: string) {
  const folder = scratch('nightshift-awake');
  const notes = join(folder, 'notes');
  mkdirSync(notes);
  const file = join(folder, name);
  const note = `for word; do printf "[%s]" "$word"; done > "${notes}/.$$"; /bin/mv "${notes}/.$$" "${notes}/$$"`;
  writeFileSync(`${file}.new`, `#!/bin/sh\n${note}\n${last}\n`);
  chmodSync(`${file}.new`, 0o755);
  renameSync(`${file}.new`, file);
  const pids = () =>
    readdirSync(notes)
      .filter((each) => !each.startsWith('.'))
      .map(Number);
  onTestFinished(() => {
    for (const pid of pids().filter(alive)) process.kill(pid, 'SIGKILL');
  });
  return {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    pids,
    called: () => pids().map((pid) => readFileSync(join(notes, `${pid}`), 'utf8')),
  };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync(`/proc/${pid}/stat`) || !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

function noting(): Log & { lines: unknown[] } {
  const lines: unknown[] = [];
  return {
    lines,
    info: (what, facts) => void lines.push([what, facts?.why]),
    error: (what) => void lines.push([what]),
  };
}

describe.skipIf(noShell)('holding (needs a Unix shell for the stand-in)', () => {
  test('Linux: an inhibitor for sleep and idleness, gone when it is let go', async () => {
    const { env, pids, called } = standIn('systemd-inhibit', inhibit);
    const log = noting();
    const letGo = createAwake({ env, log, platform: 'linux' }).hold('run-1 is at work');
    await until(() => expect(pids().filter(alive)).toHaveLength(1));
    expect(called()).toEqual(['[--what=sleep:idle][--mode=block][--who=Nightshift][--why=run-1 is at work][cat]']);
    letGo();
    letGo();
    await until(() => expect(pids().filter(alive)).toEqual([]));
    expect(log.lines).toEqual([]);
  });

  test('macOS: caffeinate, bound to this process', async () => {
    const { env, pids, called } = standIn('caffeinate', 'exec sleep 60');
    const letGo = createAwake({ env, log: noting(), platform: 'darwin' }).hold('why');
    await until(() => expect(called()).toEqual([`[-i][-w][${process.pid}]`]));
    letGo();
    await until(() => expect(pids().filter(alive)).toEqual([]));
  });

  test('a host that is killed leaves nothing that holds [awake-while-working]', async () => {
    const { env, pids } = standIn('systemd-inhibit', inhibit);
    const module = new URL('../../src-main/host/presence/awake.ts', import.meta.url);
    const source = `import { createAwake } from ${JSON.stringify(module.href)};
      createAwake({ env: process.env, log: { info() {}, error() {} }, platform: 'linux' }).hold('at work');
      setInterval(() => {}, 1000);`;
    const host: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', source], { env, stdio: 'ignore' });
    onTestFinished(() => void host.kill('SIGKILL'));
    await until(() => expect(pids().filter(alive)).toHaveLength(1));
    host.kill('SIGKILL');
    await until(() => expect(pids().filter(alive)).toEqual([]));
  });

  test('a program that refuses is told of once', async () => {
    const { env, pids } = standIn('systemd-inhibit', 'exit 1');
    const log = noting();
    const awake = createAwake({ env, log, platform: 'linux' });
    awake.hold('one');
    awake.hold('two');
    await until(() => expect(pids()).toHaveLength(2));
    await until(() => expect(log.lines).toEqual([[expect.any(String), 'systemd-inhibit ended with code 1']]));
  });
});

test.each([
  ['linux', /systemd-inhibit/],
  ['darwin', /caffeinate/],
  ['win32', /on win32/],
] as const)('%s without such a program: nothing happens, and the log says so once', async (platform, words) => {
  const log = noting();
  const awake = createAwake({ env: { PATH: scratch() }, log, platform });
  const first = awake.hold('one');
  awake.hold('two')();
  await until(() => expect(log.lines).toEqual([[expect.any(String), expect.stringMatching(words)]]));
  first();
});

describe('a run', () => {
  async function heldBy(keepAwake: boolean) {
    const held: string[] = [];
    const awake = {
      hold(why: string) {
        held.push(`+${why}`);
        return () => void held.push(`-${why}`);
      },
    };
    // Whether it succeeds does not matter: it ends, and so must what held the machine.
    const sandbox = { launch: () => Promise.reject(new Error('no hands today')), doctor: async () => [] };
    const { runOnce } = await realRuntime({ awake, sandbox, routine: { policies: Policies.parse({ keepAwake }) } });
    const run = await runOnce();
    await until(() => expect(held).toHaveLength(keepAwake ? 2 : 0));
    return { held, run: run.id };
  }

  test('holds the machine awake from its start to its end [awake-while-working]', async () => {
    const { held, run } = await heldBy(true);
    expect(held).toEqual([`+${run} is at work`, `-${run} is at work`]);
  });

  test('lets the machine sleep while it only waits for a loop', async () => {
    const held: string[] = [];
    const awake = {
      hold() {
        held.push('hold');
        return () => void held.push('let go');
      },
    };
    const { add, handlers, happens, ended } = await realRuntime({
      ...{ awake, script: [say('Nothing yet.')] },
      routine: { checks: [], prompt: '/loop 7h Look at the build.' },
    });
    await add();
    const { run } = await handlers.routines.run({ routine: 'triage' });
    await happens((event) => event.type === 'run.waiting');
    await until(() => expect(held).toEqual(['hold', 'let go']));
    await handlers.runs.stop({ run });
    await ended(run);
    expect(held).toEqual(['hold', 'let go']);
  });

  test('does not where its routine does not ask for it', async () => {
    expect((await heldBy(false)).held).toEqual([]);
  });
});
