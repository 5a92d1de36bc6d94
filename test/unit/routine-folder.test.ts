import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openRoutines, slug } from '#core/routines/routines.ts';
import { scratch, spec } from '../fakes/places.ts';

function broken(files: Record<string, string>) {
  const directory = scratch();
  const routines = openRoutines(directory);
  routines.add('good', spec());
  mkdirSync(join(directory, 'bad'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, 'bad', name), text);
  return routines;
}

const skill = '---\nname: Bad\ndescription: x\n---\n\nDo it.\n';
const yaml = 'schedule: "0 3 * * *"\ntimeZone: UTC\nrepository: /r\n';

test('what is written is read back, and both files are plain text for people and git [file-is-truth]', () => {
  const directory = scratch();
  const routines = openRoutines(directory);
  const wanted = spec({
    name: 'Nightly: triage & "fix"',
    prompt: 'Line one.\n\n---\nLine two: `x`',
    checks: ['npm test'],
  });
  expect(routines.add(undefined, wanted)).toBe('nightly-triage-fix');
  expect(routines.get('nightly-triage-fix').spec).toEqual(wanted);
  expect(readFileSync(join(directory, 'nightly-triage-fix', 'SKILL.md'), 'utf8')).toMatch(/^---\nname: /);
  expect(readFileSync(join(directory, 'nightly-triage-fix', 'routine.yaml'), 'utf8')).toContain('schedule: 0 3 * * *');
  expect(readdirSync(directory)).toEqual(['nightly-triage-fix']);
});

describe('a broken routine is reported by file and line and takes no other down', () => {
  test.each([
    ['no files', {}, 'routine.yaml', undefined, 'missing'],
    [
      'broken YAML',
      { 'SKILL.md': skill, 'routine.yaml': 'schedule: "0 3 * * *\ntimeZone: UTC\n' },
      'routine.yaml',
      2,
      'not valid YAML',
    ],
    ['a wrong value', { 'SKILL.md': skill, 'routine.yaml': `${yaml}effort: heroic\n` }, 'routine.yaml', 4, 'effort'],
    [
      'a nested wrong value',
      { 'SKILL.md': skill, 'routine.yaml': `${yaml}limits:\n  turns: 5\n  dollars: -1\n` },
      'routine.yaml',
      6,
      'limits.dollars',
    ],
    [
      'an unknown setting',
      { 'SKILL.md': skill, 'routine.yaml': `${yaml}shedule: x\n` },
      'routine.yaml',
      4,
      '"shedule"',
    ],
    [
      'a missing setting',
      { 'SKILL.md': skill, 'routine.yaml': 'timeZone: UTC\nrepository: /r\n' },
      'routine.yaml',
      1,
      'schedule',
    ],
    [
      'a schedule that never fires',
      { 'SKILL.md': skill, 'routine.yaml': yaml.replace('0 3 * * *', '0 0 30 2 *') },
      'routine.yaml',
      1,
      'never fires',
    ],
    [
      'a zone that is not',
      { 'SKILL.md': skill, 'routine.yaml': yaml.replace('UTC', 'Moon/Base') },
      'routine.yaml',
      2,
      'Moon/Base',
    ],
    [
      'an alias that leads nowhere',
      { 'SKILL.md': skill, 'routine.yaml': `${yaml}checks: [*lint]\n` },
      'routine.yaml',
      1,
      'aliases',
    ],
    ['no front matter', { 'SKILL.md': 'Do it.\n', 'routine.yaml': yaml }, 'SKILL.md', 1, 'front matter'],
    ['no name', { 'SKILL.md': '---\ndescription: x\n---\nDo it.\n', 'routine.yaml': yaml }, 'SKILL.md', 2, 'name'],
    ['no prompt', { 'SKILL.md': '---\nname: x\n---\n', 'routine.yaml': yaml }, 'SKILL.md', 4, 'no prompt'],
  ])('%s', (_what, files, file, line, message) => {
    const routines = broken(files as Record<string, string>);
    const [bad, good] = routines.list();
    expect(good?.spec).toEqual(spec());
    expect(bad).toMatchObject({ id: 'bad', spec: null, problem: { file, message: expect.stringContaining(message) } });
    expect(bad?.problem?.line).toBe(line);
    expect(() => routines.usable('bad')).toThrow(
      expect.objectContaining({ code: 'input', message: expect.stringContaining(file) }),
    );
  });
});

test('a name is taken once', () => {
  const routines = openRoutines(scratch());
  routines.add(undefined, spec());
  expect(() => routines.add(undefined, spec())).toThrow(expect.objectContaining({ code: 'conflict', field: 'name' }));
});

test('a folder that was half made or half removed is not a routine', () => {
  const directory = scratch();
  const routines = openRoutines(directory);
  mkdirSync(join(directory, '.new-x'), { recursive: true });
  mkdirSync(join(directory, '.gone-y'));
  expect(routines.list()).toEqual([]);
  routines.add('x', spec());
  routines.remove('x');
  expect(routines.list()).toEqual([]);
  expect(() => routines.get('x')).toThrow(expect.objectContaining({ code: 'not_found' }));
});

test.each([
  ['Overnight log triage', 'overnight-log-triage'],
  ['Größe: prüfen!', 'gro-e-prufen'],
  [' -- A -- ', 'a'],
  ['x'.repeat(80), 'x'.repeat(60)],
])('the id of %s', (name, id) => expect(slug(name)).toBe(id));

test('a name without letters or digits is refused', () => {
  expect(() => slug('夜')).toThrow(expect.objectContaining({ code: 'input', field: 'name' }));
});

test('ids cannot leave the directory', () => {
  const routines = openRoutines(scratch());
  for (const id of ['..', 'a/b', '.hidden', 'A', ''])
    expect(() => routines.get(id)).toThrow(expect.objectContaining({ code: 'not_found' }));
});

test('a folder whose name is no id is named, never taken for a routine, and harms none', () => {
  const directory = scratch();
  const routines = openRoutines(directory);
  routines.add('good', spec());
  for (const name of ['Bad Name!', 'GOOD', '-x', '%n', '$(id)', 'ü', 'a'.repeat(61), 'x\ny'])
    cpSync(join(directory, 'good'), join(directory, name), { recursive: true });
  writeFileSync(join(directory, 'README'), 'Not a folder.');
  expect(routines.list().map(({ id }) => id)).toEqual(['good']);
  expect(routines.strays().sort()).toEqual(
    ['$(id)', '%n', '-x', 'Bad Name!', 'GOOD', 'a'.repeat(61), 'x\ny', 'ü'].sort(),
  );
  expect(() => routines.get('README')).toThrow(/no routine/);
});

test('a link to a folder is a routine like any other, and its removal leaves the folder', () => {
  const [directory, elsewhere] = [scratch(), join(scratch(), 'kept')];
  const routines = openRoutines(directory);
  routines.add('good', spec());
  cpSync(join(directory, 'good'), elsewhere, { recursive: true });
  symlinkSync(elsewhere, join(directory, 'linked'), 'junction');
  symlinkSync('round', join(directory, 'round'));
  symlinkSync(join(directory, 'nowhere'), join(directory, 'lost'));
  expect(routines.list().map(({ id }) => id)).toEqual(['good', 'linked']);
  routines.save('linked', spec({ name: 'Changed' }));
  expect(readFileSync(join(elsewhere, 'SKILL.md'), 'utf8')).toContain('Changed');
  routines.remove('linked');
  expect(routines.list().map(({ id }) => id)).toEqual(['good']);
  expect(existsSync(join(elsewhere, 'SKILL.md'))).toBe(true);
});

test.each(['con', 'nul', 'com1'])('%s cannot be a folder everywhere, so it is refused as an id', (name) => {
  const routines = openRoutines(scratch());
  expect(() => routines.add(name, spec())).toThrow(/device/);
  expect(() => routines.add(undefined, spec({ name }))).toThrow(/device/);
});
