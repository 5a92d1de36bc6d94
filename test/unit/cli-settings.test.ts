/** `nightshift settings show`: layers, states, locks and what is amiss, for people and for scripts. */
import { expect, test } from 'vitest';
import type { EffectiveSettings } from '#contract/settings.ts';
import { cli } from '../fakes/cli-shell.ts';

const settings: EffectiveSettings = {
  repository: '/home/someone/projects',
  files: [
    { layer: 'managed', file: '/etc/a.json', state: 'read', problem: null, rules: 3, notes: [] },
    { layer: 'managed', file: '/etc/b.json', state: 'refused', problem: 'it does not count', rules: 0, notes: [] },
    {
      layer: 'person',
      file: '/home/someone/.claude/settings.json',
      state: 'absent',
      problem: null,
      rules: 0,
      notes: [],
    },
  ],
  locked: [
    { what: 'models', values: ['haiku', 'sonnet'], file: '/etc/a.json' },
    { what: 'managedRulesOnly', values: [], file: '/etc/a.json' },
  ],
  mode: { value: 'acceptEdits', file: '/etc/a.json' },
  problems: ['/etc/b.json: it does not count \u001b[31m'],
};
const asked: unknown[] = [];
const handlers = {
  settings: {
    effective: async (input: unknown) => {
      asked.push(input);
      return settings;
    },
  },
};

test('every layer, every lock with its file, and every problem, free of control characters', async () => {
  const { code, out } = await cli(['settings', 'show'], handlers);
  expect(code).toBe(0);
  expect(out).toMatch(/managed +read +3 +\/etc\/a\.json/);
  expect(out).toMatch(/managed +refused +0 +\/etc\/b\.json/);
  expect(out).toMatch(/the only models +haiku, sonnet +\/etc\/a\.json/);
  expect(out).toMatch(/allow rules of others do not count +\/etc\/a\.json/);
  expect(out).toContain('! /etc/b.json: it does not count');
  expect(out).not.toContain('\u001b[31m');
});

test('as JSON the whole of it; the repository is the one named, else the one here', async () => {
  const { out } = await cli(['settings', 'show', '--repository', '../other', '--json'], handlers);
  expect(JSON.parse(out)).toEqual(settings);
  expect(asked.at(-1)).toEqual({ repository: '/home/someone/other' });
  const none = { ...settings, locked: [], problems: [] };
  const said = await cli(['settings', 'show'], { settings: { effective: async () => none } });
  expect(said.out).toContain('Nothing is locked by an administrator.');
});
