import { expect, test } from 'vitest';
import { asEnvironment, guards } from '#host/git/guards.ts';

const forced = (...configured: string[]) => new Map(guards(configured));

test('every command that a repository can configure is switched off, whatever its name holds', () => {
  const overrides = forced(
    'filter.lfs.clean',
    'filter.a=b\nc.smudge',
    'filter.x.process',
    'filter.x.required',
    'diff.word.command',
    'diff.word.textconv',
    'merge.npm.driver',
    'branch.main.mergeoptions',
  );
  expect(overrides.get('filter.lfs.clean')).toBe('');
  expect(overrides.get('filter.a=b\nc.smudge')).toBe('');
  expect(overrides.get('filter.x.process')).toBe('');
  expect(overrides.get('filter.x.required')).toBe('false');
  expect(overrides.get('diff.word.command')).toBe('');
  expect(overrides.get('diff.word.textconv')).toBe('');
  expect(overrides.get('merge.npm.driver')).toBe('exit 1');
  expect(overrides.get('branch.main.mergeoptions')).toBe('');
});

test('what starts nothing keeps its value', () => {
  expect([...forced('core.autocrlf', 'merge.npm.name', 'diff.word.xfuncname', 'user.name').keys()]).toEqual([
    ...forced().keys(),
  ]);
});

test('the environment numbers its pairs from 0 and says how many there are', () => {
  expect(
    asEnvironment([
      ['a.b', 'c'],
      ['d.e', ''],
    ]),
  ).toEqual({
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'a.b',
    GIT_CONFIG_VALUE_0: 'c',
    GIT_CONFIG_KEY_1: 'd.e',
    GIT_CONFIG_VALUE_1: '',
  });
});
