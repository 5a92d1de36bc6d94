/** Where a sandbox shows the worktree: what a run is told, judged and granted by names that very place. */
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { grantableCall } from '#contract/grants.ts';
import { covers } from '#core/grants/covers.ts';
import { classify } from '#core/permissions/classifier.ts';
import type { Hands } from '#core/ports.ts';
import { systemPrompt } from '#core/session/prompt.ts';
import { toolbox } from '#core/tools/toolbox.ts';
import { createSandbox } from '#host/sandbox/launch.ts';
import type { Wall } from '#host/sandbox/wall.ts';
import { createRules } from '#host/settings/run-rules.ts';
import { scratch, silent, spec } from '../fakes/places.ts';

const place = '/Users/sam/Library/$& Support/worktrees/run-1';
const { signal } = new AbortController();

test('on macOS it is the real path, also before the folder is there; on Linux always the same', () => {
  const folder = scratch();
  mkdirSync(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  const mac = createSandbox({ log: silent, platform: 'darwin' });
  expect(mac.seenAt?.(join(folder, 'link', 'runs', 'run-1'))).toBe(join(realpathSync(folder), 'real/runs/run-1'));
  expect(createSandbox({ log: silent, platform: 'linux' }).seenAt).toBe(undefined);
});

test('the run is told, and so is the classifier; no tool names another place', async () => {
  expect(systemPrompt(spec(), place)).toContain(`You work in ${place}, `);
  expect(systemPrompt(spec())).toContain('You work in /workspace, ');
  const systems: string[] = [];
  const ask = async (system: string) => {
    systems.push(system);
    return systems.length === 1 ? 'LOOK' : '{"decision":"allow"}';
  };
  const facts = { words: ['x'], calls: [], present: { tool: 'Bash', input: { command: 'make' } } };
  expect(await classify(ask, facts, place)).toEqual({ kind: 'allow' });
  for (const system of systems) {
    expect(system).toContain(`(${place})`);
    expect(system).not.toContain('/workspace');
  }
  for (const { name, description } of toolbox) expect(description, name).not.toContain('/workspace');
});

test('its files may be edited, others not, and rules for the repository mean it', async () => {
  const routine = spec({
    permissionMode: 'acceptEdits',
    permissions: { allow: [], ask: [], deny: ['Edit(//code/orders/gen/**)'] },
  });
  const rules = createRules({ home: scratch(), platform: 'linux', system: scratch() });
  const { judge } = await rules.load(routine, '/code/orders', scratch(), () => [], place);
  const edit = toolbox.find(({ name }) => name === 'Edit');
  if (!edit) throw new Error('no tool Edit');
  const decide = async (file_path: string) =>
    (await judge.judge(edit, { file_path, old_string: 'a', new_string: 'b' }, signal)).decision;
  expect(await decide(`${place}/src/a.js`)).toBe('allow');
  expect(await decide('src/a.js')).toBe('allow');
  expect(await decide('/workspace/src/a.js')).not.toBe('allow');
  expect(await decide(`${place}/gen/a.js`)).toBe('deny');
});

test('a grant for a file is one for the file of every later run', () => {
  const input = { file_path: `${place}/src/a.js` };
  const found = grantableCall('Edit', input, 'rule.none', place);
  expect(found).toEqual({ granted: { kind: 'rule', rule: 'Edit(/src/a.js)' } });
  expect(covers('Edit(/src/a.js)', 'Edit', input, place)).toBe(true);
  expect(grantableCall('Edit', { file_path: '/etc/hosts' }, 'rule.none', place)).toEqual({
    granted: { kind: 'rule', rule: 'Edit(//etc/hosts)' },
  });
});

describe('another kind of wall', () => {
  const hands: Hands = {
    enforced: ['a machine of its own'],
    call: () => Promise.reject(new Error()),
    close: async () => {},
  };
  const wall = (change: Partial<Wall>): Wall => ({
    ...{ name: 'a virtual machine', verified: false, needs: [], seenAt: () => '/mnt/work', launch: async () => hands },
    ...change,
  });

  test('comes by the same door: it launches, says where it shows things, and that it is unverified', async () => {
    const call: Hands['call'] = async () => ({ ok: true, code: null, text: '', milliseconds: 1 });
    const sandbox = createSandbox({ log: silent, wall: wall({ launch: async () => ({ ...hands, call }) }) });
    const launched = await sandbox.launch({ run: 'run-1', worktree: '/', gitDirectory: '/', access: 'read' });
    expect([launched.enforced, sandbox.seenAt?.('/x')]).toEqual([['a machine of its own'], '/mnt/work']);
    expect(await sandbox.doctor()).toMatchObject([
      { name: 'sandbox', state: 'ok' },
      { name: 'sandbox', state: 'warning', detail: expect.stringContaining('a virtual machine, unverified') },
    ]);
  });

  test('one that is verified says what it needs and what holds', async () => {
    const call: Hands['call'] = async () => ({ ok: true, code: null, text: '', milliseconds: 1 });
    const needs = [{ name: 'krun', program: '/none/krun', oldest: '1.0', install: 'get krun' }];
    const sandbox = createSandbox({
      log: silent,
      wall: wall({ verified: true, needs, launch: async () => ({ ...hands, call }) }),
    });
    expect(await sandbox.doctor()).toMatchObject([
      { name: 'krun', state: 'failed', cure: 'Install it: get krun' },
      {
        name: 'sandbox',
        state: 'ok',
        detail: 'started just now, with 1 bound in force',
        items: ['a machine of its own'],
      },
      { name: 'sandbox limits' },
    ]);
  });
});
