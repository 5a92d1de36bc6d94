/** Settings files of every layer: what they say, what an administrator fixes, and that a broken one closes instead of opening. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compilePolicy } from '#core/permissions/policy.ts';
import { realView } from '#host/settings/real-view.ts';
import { readSettings } from '#host/settings/settings.ts';
import { settingsPlaces } from '#host/settings/settings-files.ts';
import { cli } from '../fakes/cli-shell.ts';

let cage: string;
beforeEach(() => {
  cage = mkdtempSync(join(tmpdir(), 'nightshift-settings-'));
  mkdirSync(join(cage, 'repo/.git'), { recursive: true });
});
afterEach(() => rmSync(cage, { recursive: true, force: true }));

const where = () => ({
  platform: 'linux' as const,
  root: join(cage, 'repo'),
  home: join(cage, 'home'),
  system: join(cage, 'system'),
});
const managed = 'system/etc/claude-code/managed-settings.json';
const ours = 'system/etc/nightshift/managed-settings.json';
const project = 'repo/.claude/settings.json';

function put(file: string, content: unknown): string {
  const path = join(cage, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('places', () => {
  test.each([
    ['linux', '/etc/claude-code/managed-settings.json'],
    ['darwin', '/Library/Application Support/ClaudeCode/managed-settings.json'],
    ['win32', 'C:\\Program Files\\ClaudeCode\\managed-settings.json'],
  ] as const)('%s', (platform, first) => {
    const places = settingsPlaces({ platform, root: '/r', home: '/h' });
    expect(places[0]?.file).toBe(first);
    expect(places.map(({ layer }) => layer)).toEqual(['managed', 'managed', 'local', 'project', 'person']);
  });
});

describe('what is fixed', () => {
  test('says by which file, and a person cannot choose otherwise', () => {
    put(managed, {
      permissions: { deny: ['Bash(curl *)'], disableAutoMode: 'disable' },
      allowManagedPermissionRulesOnly: true,
      availableModels: ['a'],
    });
    const own = put(ours, {
      nightshift: {
        forbiddenModes: ['acceptEdits'],
        models: ['b'],
        baseUrl: 'https://models.example.com',
        featuresOff: ['loops'],
      },
    });
    put('home/.claude/settings.json', { permissions: { defaultMode: 'acceptEdits' } });
    const settings = readSettings(where(), 'auto');
    expect(settings.managed.forbiddenModes.map(({ value }) => value)).toEqual(['auto', 'acceptEdits']);
    expect(settings.managed).toMatchObject({
      models: { value: ['b'], file: own },
      baseUrl: { value: 'https://models.example.com', file: own },
      featuresOff: [{ value: 'loops' }],
      managedRulesOnly: { value: true },
      deny: [{ value: 'Bash(curl *)' }],
    });
    expect(settings.mode.value).toBe('default');
    expect(settings.notes.filter((note) => note.includes('forbidden by'))).toHaveLength(2);
  });

  test('a mode that lifts all limits is not offered', () => {
    put(project, { permissions: { defaultMode: 'bypassPermissions' } });
    expect(readSettings(where())).toMatchObject({
      mode: { value: 'default' },
      notes: [expect.stringContaining('not offered')],
    });
  });
});

describe('broken files', () => {
  test.each([
    ['not JSON', '{"permissions": '],
    ['a list', '[]'],
    ['rules that are no texts', { permissions: { allow: [5] } }],
    ['a key of ours that is not known', { nightshift: { modes: [] } }],
  ])('%s: nothing is allowed by itself, and the file is named', (_, content) => {
    const file = put(project, content);
    put('home/.claude/settings.json', { permissions: { deny: ['Bash(rm *)'] } });
    const settings = readSettings(where());
    expect(settings.closed).toContain(file);
    expect(settings.layers.flatMap(({ deny }) => deny)).toEqual(['Bash(rm *)']);
  });

  test('what it forbids is kept where it can be read', () => {
    put(project, { permissions: { allow: 'all', deny: ['Bash(rm *)', 7] } });
    expect(readSettings(where()).layers.flatMap(({ deny }) => deny)).toEqual(['Bash(rm *)']);
  });

  test('unreadable is broken, not absent', () => {
    const path = join(cage, project);
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o700);
    expect(readSettings(where()).closed).toContain(path);
  });

  test('unknown keys and contradictions are named', () => {
    put(project, { permissions: { alow: ['x'], deny: ['Bash(x)'], allow: ['Bash(x)'] }, other: 1 });
    const { notes, closed } = readSettings(where());
    expect(closed).toBeUndefined();
    expect(notes).toEqual([expect.stringContaining('permissions.alow'), expect.stringContaining('deny counts')]);
  });

  test('10,000 rules are read', () => {
    put(project, { permissions: { allow: Array.from({ length: 10_000 }, (_, i) => `Bash(tool-${i} *)`) } });
    const { layers } = readSettings(where());
    expect(
      compilePolicy(layers, { mode: 'default', root: '/r', home: '/h', unattended: true, os: 'posix' }).rules,
    ).toHaveLength(10_000);
  });
});

describe('the door', () => {
  const run = (...argv: string[]) =>
    cli(['permissions', 'test', ...argv, '--root', join(cage, 'repo'), '--home', join(cage, 'home')], {});

  test('explains: the rule, its file, and what would change it', async () => {
    const file = put(project, { permissions: { deny: ['Bash(git push *)'], allow: ['Bash(git push)'] } });
    const { out, code, attached } = await run('Bash', 'git -C . push', '--json');
    expect(JSON.parse(out)).toMatchObject({
      decision: 'deny',
      code: 'rule.deny',
      rule: 'Bash(git push *)',
      source: { layer: 'project', file },
      flaws: [{ rule: 'Bash(git push)' }],
    });
    expect([code, attached]).toEqual([0, []]);
    expect((await run('Bash', 'git push')).out).toContain('Removing the deny rule');
  });

  test('a link that leads out is followed on the real file system', async () => {
    symlinkSync('/etc', join(cage, 'repo/link'));
    const { out } = await run('Edit', 'link/passwd', '--mode', 'acceptEdits', '--cwd', join(cage, 'repo'), '--json');
    expect(JSON.parse(out)).toMatchObject({ decision: 'ask', code: 'path.symlink' });
    expect(realView(cage, 'linux').readlink(join(cage, 'repo/link'))).toBe('/etc');
  });

  test('a batch answers line by line, also where a line is no case', async () => {
    const cases = put(
      'cases.jsonl',
      '{"id":"a","tool":"Bash","input":{"command":"ls"}}\n\n{"id":"b","tool":5}\nnot json\n{"id":"c","tool":"Bash","input":{"command":"rm x"},"rules":{"deny":["Bash(rm *)"]},"mode":"default"}\n',
    );
    const { out, code } = await cli(['permissions', 'test', '--batch', cases, '--json'], {});
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { id: 'a', decision: 'allow', code: 'read_only' },
      { id: 'b', decision: 'ask', code: 'input.invalid' },
      { id: 'line 4', decision: 'ask', code: 'input.invalid' },
      { id: 'c', decision: 'deny', code: 'rule.deny' },
    ]);
    expect(code).toBe(0);
  });

  test.each([
    [[], '<tool>'],
    [['Bash'], '<what>'],
    [['--batch', '/nowhere/x'], '--batch'],
    [['Edit', '{x'], '<what>'],
  ])('%j is refused', async (argv, field) => {
    const { code, err } = await cli(['permissions', 'test', ...(argv as string[]), '--json'], {});
    expect(code).not.toBe(0);
    expect(err).toContain(field);
  });
});
