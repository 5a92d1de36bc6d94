/** Files of an administrator: who may write them, what they say together, and what is told of them. */
import { chmodSync, mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyNotAdministrators } from '#host/settings/administrator.ts';
import { chooseModel, type FixedModels } from '#host/settings/allowed-models.ts';
import { effectiveSettings, examineSettings } from '#host/settings/effective.ts';
import { createLocks } from '#host/settings/locks.ts';
import { readManaged } from '#host/settings/settings.ts';
import { managedFiles } from '../fakes/managed-files.ts';
import { scratch, spec } from '../fakes/places.ts';
import { verifies } from '../promises.ts';

describe('a file counts as an administrator’s', () => {
  const strict = { nightshift: { forbiddenModes: ['acceptEdits'] } };

  test('only where nobody else can write it or anything above it', () => {
    const { write, where } = managedFiles();
    const file = write(strict);
    const why = () => whyNotAdministrators(file, { platform: 'linux', from: where.system, owner: where.owner });
    expect(why()).toBeNull();
    for (const [path, mode, words] of [
      [file, 0o666, 'anybody'],
      [dirname(file), 0o777, 'anybody'],
      [dirname(dirname(file)), 0o1777, 'anybody'],
      [where.system, 0o757, 'anybody'],
    ] as const) {
      chmodSync(path, mode);
      expect(why()).toBe(`${path} can be written by ${words}`);
      chmodSync(path, path === file ? 0o644 : 0o755);
      expect(why()).toBeNull();
    }
  });

  test(verifies('locks-hold', 'one of somebody else does not count, and that is said'), () => {
    const { write, where } = managedFiles();
    const file = write(strict);
    const other = { ...where, owner: where.owner + 1 };
    expect(readManaged(where).forbiddenModes).toHaveLength(1);
    expect(readManaged(other)).toMatchObject({ forbiddenModes: [], unreadable: [] });
    expect(() => createLocks(other).routine(spec())).not.toThrow();
    const said = effectiveSettings({ ...other, root: null, home: scratch() });
    expect(said.files.find((each) => each.file === file)).toMatchObject({ state: 'refused', rules: 0 });
    expect(said.problems).toEqual([
      expect.stringMatching(/managed-settings\.json: it does not count: .* belongs to user/),
    ]);
    expect(examineSettings({ ...other, home: scratch() }, [])).toMatchObject([
      { state: 'warning', detail: expect.stringContaining(file), cure: expect.stringContaining('chown root') },
    ]);
  });

  test('not where a link leads to a place that others can write', () => {
    const { write, where } = managedFiles();
    const file = write(strict);
    const open = join(where.system, 'open');
    mkdirSync(open);
    renameSync(file, join(open, 'real.json'));
    symlinkSync(join(open, 'real.json'), file);
    expect(readManaged(where).forbiddenModes).toHaveLength(1);
    chmodSync(open, 0o777);
    expect(readManaged(where).forbiddenModes).toEqual([]);
    unlinkSync(file);
    symlinkSync(join(where.system, 'nowhere'), file);
    expect(effectiveSettings({ ...where, root: null, home: scratch() }).files).toContainEqual(
      expect.objectContaining({ file, state: 'absent' }),
    );
  });

  test('on Windows by its folder alone, and no file is no reason', () => {
    expect(whyNotAdministrators('/nowhere/at/all', { platform: 'win32' })).toBeNull();
    const { where } = managedFiles();
    expect(effectiveSettings({ ...where, root: null, home: scratch() })).toMatchObject({ locked: [], problems: [] });
  });
});

test('two files add up their prohibitions, and the own one fixes what both fix', () => {
  const { write, where, file } = managedFiles();
  const other = write(
    {
      model: 'sonnet',
      disableAutoMode: 'disable',
      permissions: { deny: ['Bash(curl:*)'] },
      env: { ANTHROPIC_BASE_URL: 'https://a.example' },
    },
    'claude-code',
  );
  write({
    nightshift: { forbiddenModes: ['plan'], featuresOff: ['drill', 'auto', 'teleport'], baseUrl: 'https://b.example' },
  });
  const said = effectiveSettings({ ...where, root: null, home: scratch() });
  expect(said.locked).toEqual([
    { what: 'forbiddenMode', values: ['auto'], file: other },
    { what: 'forbiddenMode', values: ['plan'], file },
    { what: 'forbiddenMode', values: ['auto'], file },
    { what: 'featureOff', values: ['drill'], file },
    { what: 'featureOff', values: ['auto'], file },
    { what: 'featureOff', values: ['teleport'], file },
    { what: 'model', values: ['sonnet'], file: other },
    { what: 'baseUrl', values: ['https://b.example'], file },
    { what: 'deny', values: ['Bash(curl:*)'], file: other },
  ]);
  expect(said.problems).toEqual([expect.stringContaining('nothing is called teleport')]);
});

test('each file of each repository that cannot be read is a warning of its own', () => {
  const { write, where, file } = managedFiles();
  write('{ "nightshift": ');
  const [root, home] = [scratch(), scratch()];
  for (const folder of [root, home]) {
    mkdirSync(join(folder, '.claude'));
    writeFileSync(join(folder, '.claude', 'settings.json'), '[]');
  }
  const checks = examineSettings({ ...where, home }, [root, root]);
  expect(checks.map(({ detail }) => detail.split(': ')[0])).toEqual([
    file,
    join(home, '.claude', 'settings.json'),
    join(root, '.claude', 'settings.json'),
  ]);
  expect(checks.every(({ state, cure }) => state === 'warning' && cure?.startsWith('Mend the file'))).toBe(true);
});

describe('models', () => {
  const fixed = (more: Partial<Record<'model', string> & { models: string[] }>): FixedModels => ({
    model: more.model === undefined ? null : { value: more.model, file: '/etc/m.json' },
    models: more.models === undefined ? null : { value: more.models, file: '/etc/m.json' },
    ...{ baseUrl: null, unreadable: [] },
  });
  const choose = (wish: string, now: Parameters<typeof fixed>[0]) => chooseModel(wish, fixed(now), 'claude-opus-5-5');

  test.each([
    ['auto', {}, 'claude-opus-5-5'],
    ['some-local-model', {}, 'some-local-model'],
    ['auto', { model: 'claude-sonnet-5' }, 'claude-sonnet-5'],
    ['auto', { model: 'sonnet' }, 'claude-sonnet-5-5'],
    ['claude-sonnet-5-20260801', { model: 'claude-sonnet-5' }, 'claude-sonnet-5-20260801'],
    ['auto', { models: ['haiku', 'opus'] }, 'claude-opus-5-5'],
    ['auto', { models: ['haiku', 'sonnet'] }, 'claude-haiku-5-5'],
    ['claude-haiku-4-5', { models: ['haiku'] }, 'claude-haiku-4-5'],
    ['rehearsal', { models: [] }, 'rehearsal'],
  ])('%s where %j is fixed: %s', (wish, now, expected) => expect(choose(wish, now)).toBe(expected));

  test.each([
    ['claude-opus-5-5', { model: 'claude-opus-5' }],
    ['claude-opus-5', { model: 'sonnet' }],
    ['claude-sonnet-5-5', { models: ['claude-sonnet-5'] }],
    ['opus-but-not-really', { models: ['opus'] }],
    ['auto', { models: [] }],
  ])('%s is refused where %j is fixed', (wish, now) => {
    expect(() => choose(wish, now)).toThrow(
      expect.objectContaining({
        code: 'input',
        field: 'model',
        message: expect.stringContaining('/etc/m.json'),
        cure: expect.any(String),
      }),
    );
  });
});
