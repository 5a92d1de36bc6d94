/** A process that lives on has the beginning of its next sandbox ready: it is nobody's until then, and gone with that process. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Hands, HandsSpec } from '#core/ports.ts';
import { createSandbox, type LinuxSandbox } from '#host/sandbox/launch.ts';
import { createStarter } from '#host/sandbox/process-linux.ts';
import { productRoot } from '#host/self.ts';
import { until } from '../contract/until.ts';
import { scratch, silent } from '../fakes/places.ts';
import { type Ground, ground, noSandbox, processesWith } from './sandbox-fixture.ts';

const sandbox = (more = {}) => createSandbox({ log: silent, ahead: true, ...more });

/** Bubblewraps that `parent` made to wait; also those that have been told since. */
function waiting(parent = process.pid): number[] {
  return processesWith('\0--args\0').filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

async function launch(of: LinuxSandbox, place: Ground, more: Partial<HandsSpec> = {}): Promise<Hands> {
  const { worktree, gitDirectory } = place;
  const own = await of.launch({ run: 'run-00000001', worktree, gitDirectory, access: 'write', ...more });
  onTestFinished(() => own.close());
  return own;
}

const said = async (hands: Hands, command: string) => (await hands.call('Bash', { command })).text;

describe.skipIf(noSandbox)('a sandbox that is begun ahead (Linux only)', () => {
  // Each test counts those that wait: none may be left of the one before.
  afterEach(async () => {
    for (const pid of waiting()) process.kill(pid, 'SIGKILL');
    await until('none to wait', () => waiting().length === 0);
  });

  test('the next of the same kind is the one that waited, and shows its own worktree alone', async () => {
    const [first, second, of] = [ground(), ground(), sandbox()];
    writeFileSync(join(first.worktree, 'first.txt'), '');
    writeFileSync(join(second.worktree, 'second.txt'), '');
    await (await launch(of, first)).close();
    await until('one to wait', () => waiting().length === 1);
    const [ready] = waiting();
    const own = await launch(of, second);
    expect(processesWith('\0--args\0')).toContain(ready);
    expect(await said(own, 'ls')).toContain('second.txt');
    expect(await said(own, 'ls -R / 2>/dev/null')).not.toContain('first.txt');
    expect(own.probes?.filter(({ held }) => !held)).toEqual([]);
    await own.close();
    await until('it to be gone', () => !processesWith('\0--args\0').includes(ready as number));
    await until('another to wait', () => waiting().length === 1);
  });

  test('another kind does not take it: what may only be read stays so', async () => {
    const [place, of] = [ground(), sandbox()];
    await (await launch(of, place)).close();
    await until('one to wait', () => waiting().length === 1);
    const [oldest] = waiting();
    const reading = await launch(of, place, { access: 'read' });
    expect(await said(reading, 'touch x || echo refused')).toContain('refused');
    await until('one of each to wait', () => waiting().length === 2);
    const network = { allow: ['nobody.nightshift.invalid'] };
    await (await launch(of, place, { network })).close();
    await until('the oldest to go', () => waiting().length === 2 && !waiting().includes(oldest as number));
  });

  test('one that was killed is not missed, at any moment', async () => {
    const [place, of] = [ground(), sandbox()];
    await (await launch(of, place)).close();
    for (const late of [true, false]) {
      await until('one to wait', () => waiting().length === 1);
      for (const pid of waiting()) process.kill(pid, 'SIGKILL');
      if (late) await until('it to be gone', () => waiting().length === 0);
      const own = await launch(of, place);
      expect(await said(own, 'echo here')).toContain('here');
      await own.close();
    }
  });

  test('one that ends as it is taken is told from one that had begun', async () => {
    const command = ['/bin/true'];
    const rules = { args: ['--ro-bind', '/', '/', '--info-fd', '3', '--', ...command], command, files: [] };
    const starter = createStarter('bwrap', true);
    starter.prepare(rules);
    const [ready] = waiting();
    // It stands still, so that it is taken and reads nothing of it.
    process.kill(ready as number, 'SIGSTOP');
    const ended = starter.start(rules);
    process.kill(ready as number, 'SIGKILL');
    expect([await ended.gone, ended.endedWaiting()]).toEqual(['ended by SIGKILL', true]);
    starter.prepare(rules);
    const whole = starter.start(rules);
    expect(await whole.first).toBeGreaterThan(1);
    expect([await whole.gone, whole.endedWaiting()]).toEqual(['exit code 0', false]);
    const fresh = starter.start({ ...rules, args: ['--no-such-option', '--', ...command] });
    expect([await fresh.gone, fresh.endedWaiting()]).toEqual(['exit code 1', false]);
  });

  test('it keeps no process alive, and ends with the one it waits for, also by kill -9', async () => {
    const program = join(scratch(), 'program.ts');
    const module = join(productRoot, 'src-main/host/sandbox/launch.ts');
    const place = JSON.stringify(ground());
    writeFileSync(
      program,
      `import { createSandbox } from ${JSON.stringify(module)};
      const sandbox = createSandbox({ log: { info() {}, error() {} }, ahead: true });
      const hands = await sandbox.launch({ run: 'run-00000002', access: 'write', ...${place} });
      await hands.close();
      console.log('closed');
      if (process.argv[2] === 'stay') setInterval(() => {}, 1000);`,
    );
    const begin = (...args: string[]) => {
      const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
      onTestFinished(() => void child.kill('SIGKILL'));
      return { child, gone: new Promise((resolve) => child.once('exit', (...how) => resolve(how))) };
    };
    const brief = begin();
    expect(await brief.gone).toEqual([0, null]);
    const lasting = begin('stay');
    await until('one to wait', () => waiting(lasting.child.pid).length === 1);
    const [ready] = waiting(lasting.child.pid);
    lasting.child.kill('SIGKILL');
    await lasting.gone;
    await until('it to be gone', () => !processesWith('\0--args\0').includes(ready as number));
  });

  test('without being asked for, nothing waits', async () => {
    const own = await launch(sandbox({ ahead: false }), ground());
    await said(own, 'true');
    await own.close();
    expect(waiting()).toEqual([]);
  });
});
