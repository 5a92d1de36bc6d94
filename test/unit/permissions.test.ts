/** The rule engine: layers, order, modes, reasons as data, flaws of rules, and input of any size and shape. */
import { describe, expect, test } from 'vitest';
import { decide } from '#core/permissions/decide.ts';
import { type FileSystemView, plainView } from '#core/permissions/places.ts';
import { compilePolicy, type LayerName, type PolicyLayer, type PolicyOptions } from '#core/permissions/policy.ts';
import { findFlaws } from '#core/permissions/rule-lint.ts';
import { verifies } from '../promises.ts';

const options: PolicyOptions = { mode: 'default', root: '/repo', home: '/home/u', unattended: false, os: 'posix' };
const layer = (name: LayerName, rules: Partial<PolicyLayer>): PolicyLayer => ({
  name,
  file: `${name}.json`,
  allow: [],
  ask: [],
  deny: [],
  ...rules,
});

function judge(
  command: string,
  layers: PolicyLayer[],
  more: Partial<PolicyOptions> = {},
  view: FileSystemView = plainView,
) {
  return decide(
    { tool: 'Bash', input: { command }, cwd: '/repo' },
    compilePolicy(layers, { ...options, ...more }),
    view,
  );
}

describe('layers', () => {
  test('a deny in the weakest layer beats an allow in the strongest', () => {
    const layers = [layer('managed', { allow: ['Bash(npm test)'] }), layer('person', { deny: ['Bash(npm *)'] })];
    expect(judge('npm test', layers)).toMatchObject({
      decision: 'deny',
      code: 'rule.deny',
      rule: 'Bash(npm *)',
      source: { layer: 'person', file: 'person.json' },
    });
  });

  test('ask stands between deny and allow, wherever it is written', () => {
    const layers = [layer('project', { allow: ['Bash(npm test)'] }), layer('person', { ask: ['Bash(npm *)'] })];
    expect(judge('npm test', layers)).toMatchObject({ decision: 'ask', code: 'rule.ask', approvable: true });
  });

  test('where only managed rules count, deny rules of others still hold', () => {
    const layers = [
      layer('managed', { allow: ['Bash(make)'] }),
      layer('person', { allow: ['Bash(npm *)'], deny: ['Bash(rm *)'] }),
    ];
    const more = { managedRulesOnly: true };
    expect(judge('make', layers, more).decision).toBe('allow');
    expect(judge('npm test', layers, more).decision).toBe('ask');
    expect(judge('rm x', layers, more).decision).toBe('deny');
  });

  test('a broken settings file allows nothing, and forbids what can still be read', () => {
    const layers = [layer('person', { allow: ['Bash'], deny: ['Bash(rm *)'] })];
    const more = { closed: 'x.json: it is not JSON' };
    expect(judge('ls', layers, more)).toMatchObject({
      decision: 'ask',
      code: 'settings.broken',
      hint: expect.stringContaining('x.json'),
    });
    expect(judge('rm x', layers, more).code).toBe('rule.deny');
  });

  test('the version speaks for every rule, every file and the mode, and for nothing else', () => {
    const version = (rules: Partial<PolicyLayer>, more: Partial<PolicyOptions> = {}) =>
      compilePolicy([layer('person', rules)], { ...options, ...more }).version;
    expect(version({ allow: ['Bash(ls)'] })).toMatch(/^sha256:[\da-f]{64}$/);
    expect(version({ allow: ['Bash(ls)'] })).toBe(version({ allow: ['Bash(ls)'] }));
    const all = [
      version({}),
      version({ allow: ['Bash(ls)'] }),
      version({ deny: ['Bash(ls)'] }),
      version({}, { mode: 'plan' }),
      version({}, { unattended: true }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('reasons', () => {
  test(verifies('rules-hold', 'a denial is data: code, part, path, hint, and what would change it'), () => {
    const verdict = judge('ls && echo x >> .git/hooks/pre-commit', [layer('project', { allow: ['Bash', 'Edit'] })], {
      unattended: true,
    });
    expect(verdict).toMatchObject({
      ...{ decision: 'deny', code: 'bash.redirect_protected_path', tool: 'Bash', segment: 'echo x', rule: null },
      ...{ path: '/repo/.git/hooks/pre-commit', retryable: false, approvable: true },
      policy_version: expect.stringMatching(/^sha256:/),
    });
    expect(verdict.hint).toContain('another spelling');
    expect(verdict.change).not.toBeNull();
  });

  test('with nobody there, what would be asked is denied', () => {
    expect(judge('make', [], { unattended: true })).toMatchObject({
      decision: 'deny',
      code: 'mode.unattended',
      approvable: true,
    });
    expect(judge('find . -delete', [layer('person', { allow: ['Bash'] })], { unattended: true })).toMatchObject({
      decision: 'deny',
      code: 'bash.flag_guard',
      retryable: true,
    });
    expect(judge('make', [], { mode: 'auto', unattended: true })).toMatchObject({
      decision: 'ask',
      code: 'auto.unclassified',
    });
  });

  test('a way out of the sandbox is no question', () => {
    const policy = compilePolicy([layer('managed', { allow: ['Bash'] })], options);
    const input = { command: 'ls', dangerouslyDisableSandbox: true };
    expect(decide({ tool: 'Bash', input, cwd: '/repo' }, policy, plainView)).toMatchObject({
      decision: 'deny',
      code: 'sandbox.escape_attempt',
      approvable: false,
    });
  });

  test('characters that hide or turn text are shown in the reason', () => {
    const { decision, segment } = judge('echo \u202egnp.exe', [layer('person', { allow: ['Bash'] })]);
    expect(decision).toBe('ask');
    expect(segment ?? '').not.toContain('\u202e');
  });
});

describe('rules that can never match', () => {
  const flawsOf = (rules: Partial<PolicyLayer>) =>
    findFlaws(compilePolicy([layer('person', rules)], options)).map(({ rule, problem }) => `${rule}: ${problem}`);

  test.each([
    [{ allow: ['Bash('] }, 'not written as Tool'],
    [{ allow: ['Bsh(ls)'] }, 'no tool called Bsh'],
    [{ allow: ['Write(/src/**)'] }, 'governed by Edit'],
    [{ deny: ['WebFetch(https://x.com)'] }, 'domain:'],
    [{ deny: ['Read(/etc/**)'] }, 'inside the project'],
    [{ allow: ['Read(../x)'] }, 'can never match'],
    [{ allow: ['mcp__a__b(x)'] }, 'nothing in brackets'],
    [{ allow: ['Bash(npm test)'], deny: ['Bash(npm *)'] }, 'is stronger'],
    [{ allow: ['Bash(npm test)'], deny: ['Bash'] }, 'is stronger'],
    [{ allow: ['Bash(ls)', 'Bash(ls)'] }, 'already'],
  ])('%j', (rules, problem) => expect(flawsOf(rules)).toEqual([expect.stringContaining(problem)]));

  test('sound ones are left in peace', () => {
    expect(
      flawsOf({
        allow: ['Bash(npm *)', 'Edit(/src/**)', 'mcp__a', 'WebFetch(domain:x.com)'],
        deny: ['Bash(npm publish)', 'Read(//etc/**)'],
      }),
    ).toEqual([]);
  });
});

describe('sizes', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => `Bash(tool-${i} --flag *)`);

  test('10,000 rules: each still counts', () => {
    const layers = [layer('project', { allow: many, deny: many.slice(0, 10) })];
    expect(judge('tool-9999 --flag x', layers).decision).toBe('allow');
    expect(judge('tool-3 --flag x', layers).decision).toBe('deny');
  });

  test('10,000 patterns that begin with a star, and 1 MB: given up, not allowed', () => {
    const stars = Array.from({ length: 10_000 }, (_, i) => `Bash(*x${i}*y${i}*)`);
    expect(judge(`echo ${'x y '.repeat(250_000)}`, [layer('project', { allow: ['Bash'], deny: stars })])).toMatchObject(
      { decision: 'ask' },
    );
  });

  test.each([
    ['1 MB of one command', `echo ${'x'.repeat(1_000_000)}`],
    ['1 MB of many', 'ls;'.repeat(350_000)],
    ['deep substitutions', `${'$('.repeat(5000)}ls${')'.repeat(5000)}`],
    ['deep brackets', `${'('.repeat(20_000)}ls`],
    ['5 MB', 'x'.repeat(5_000_000)],
    ['NUL', 'ls \0 x'],
    ['a lone surrogate', 'ls \ud800'],
  ])('%s is asked about', (_, command) => {
    expect(judge(command, [layer('project', { allow: ['Bash'] })]).decision).toBe('ask');
  });

  test('a forbidden command at the end of 1 MB is found', () => {
    expect(judge(`${'true;'.repeat(200_000)}rm x`, [layer('person', { deny: ['Bash(rm *)'] })]).decision).toBe('deny');
  });
});

describe('places of keys', () => {
  const read = (path: string, rule: string, home: string) =>
    decide(
      { tool: 'Read', input: { file_path: path }, cwd: '/repo' },
      compilePolicy([layer('person', { allow: [rule] })], { ...options, home }),
      plainView,
    ).decision;

  test.each(['/home/u', '/root'])('in the home %s only a rule that names the key opens it', (home) => {
    expect(read('~/.ssh/id_rsa', 'Read(~/.ssh/id_rsa)', home)).toBe('allow');
    expect(read('~/.ssh/id_rsa', `Read(/${home}/.ssh/id_rsa)`, home)).toBe('allow');
    for (const rule of ['Read', 'Read(~/**)', 'Read(//**)', 'Read(~/.ssh/**)', `Read(/${home}/**)`])
      expect(read('~/.ssh/id_rsa', rule, home), rule).toBe('ask');
    expect(read('~/.ssh/id_rsa', 'Read(~/.ssh/id_ed25519)', home)).toBe('ask');
    expect(read('~/.aws/config', 'Read(~/**)', home)).toBe('ask');
    expect(read('~/.aws/config', 'Read(~/.aws/**)', home)).toBe('allow');
  });

  test("root's home is a place of keys to everybody else", () => {
    expect(read('/root/notes', 'Read(//**)', '/home/u')).toBe('ask');
    expect(read('/root/.ssh/id_rsa', 'Read(~/.ssh/id_rsa)', '/home/u')).toBe('ask');
    expect(read('/root/notes', 'Read(~/notes)', '/root')).toBe('allow');
    expect(read('/proc/1/environ', 'Read(//**)', '/root')).toBe('ask');
  });
});
