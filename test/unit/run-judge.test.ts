/** What a run may do: the rules first, then what the sandbox makes needless to ask, and always a person for what leaves it. */
import { describe, expect, test } from 'vitest';
import type { PermissionMode } from '#contract/routines.ts';
import { plainView } from '#core/permissions/places.ts';
import { compilePolicy } from '#core/permissions/policy.ts';
import { runJudge } from '#core/permissions/run-judge.ts';
import { toolbox } from '#core/tools/toolbox.ts';

const lists = { allow: [] as string[], ask: [] as string[], deny: [] as string[] };

function judge(mode: PermissionMode, rules: Partial<typeof lists> = {}) {
  const policy = compilePolicy([{ name: 'command line', file: 'routine.yaml', ...lists, ...rules }], {
    ...{ mode: mode === 'plan' ? 'acceptEdits' : mode, root: '/workspace', home: '/home/u' },
    ...{ unattended: false, os: 'posix', outward: true },
  });
  const judge = runJudge({ policy, view: plainView, mode });
  return async (name: string, input: object) => {
    const tool = toolbox.find((each) => each.name === name);
    if (!tool) throw new Error(`no tool ${name}`);
    return await judge.judge(tool, input, new AbortController().signal);
  };
}
const bash = async (mode: PermissionMode, command: string, rules?: Partial<typeof lists>) => {
  const { decision, code } = await judge(mode, rules)('Bash', { command });
  return decision === 'allow' ? 'allow' : `${decision} ${code}`;
};

const ordinary = [
  ...['npm test', 'node --test test/*.test.js', 'python3 -c "print(1)"', 'sed -i s/a/b/ src/a.js', 'make -j2'],
  ...['for f in src/*.js; do node --check "$f"; done', 'find . -name "*.log" -exec cat {} +', 'git status && git diff'],
  ...['cat /etc/os-release', 'mkdir -p build && cp a b', "grep -rn 'rm -rf /' src", '$EDITOR --version', 'ls $(pwd)'],
];

test('a skill is text to read in every mode, unless a rule says otherwise', async () => {
  for (const mode of ['default', 'acceptEdits', 'plan', 'dontAsk', 'auto'] as const) {
    expect(await judge(mode)('Skill', { skill: 'notes' })).toMatchObject({ decision: 'allow', code: null });
    const deny = await judge(mode, { deny: ['Skill(deploy)'] })('Skill', { skill: 'deploy' });
    expect(deny).toMatchObject({ decision: 'deny', code: 'rule.deny' });
    const asked = await judge(mode, { ask: ['Skill'] })('Skill', { skill: 'notes' });
    expect(asked).toMatchObject({ decision: mode === 'dontAsk' ? 'deny' : 'ask', code: 'rule.ask' });
  }
});

describe('a run that may edit', () => {
  test.each(ordinary)('does %s inside the sandbox without asking', async (command) => {
    expect(await bash('acceptEdits', command)).toBe('allow');
  });

  test.each([
    ['npm publish', 'ask auto.destructive'],
    ['kubectl delete pod x', 'ask auto.destructive'],
    ['gh pr merge 3', 'ask auto.destructive'],
    ['rm -rf /', 'ask bash.dangerous_removal'],
    ['rm -rf "$DIR"', 'ask bash.dangerous_removal'],
    ['echo x > .vscode/tasks.json', 'ask bash.redirect_protected_path'],
    ['git commit -am x', 'deny auto.destructive'],
    ['git push --force', 'deny auto.destructive'],
  ])('never does %s by itself: %s', async (command, expected) => {
    expect(await bash('acceptEdits', command)).toBe(expected);
  });

  test('what a deny or ask rule speaks of is denied or asked, and what may hide it is asked', async () => {
    const deny = ['Bash(curl:*)'];
    expect(await bash('acceptEdits', 'curl https://example.com', { deny })).toBe('deny rule.deny');
    expect(await bash('acceptEdits', 'true; (sleep 1; curl x)', { deny })).toBe('deny rule.deny');
    expect(await bash('acceptEdits', '$PROGRAM https://example.com', { deny })).toBe('ask bash.dynamic_command');
    expect(await bash('acceptEdits', 'make deploy', { ask: ['Bash(make deploy)'] })).toBe('ask rule.ask');
    expect(await bash('acceptEdits', 'make test', { ask: ['Bash(make deploy)'] })).toBe('allow');
  });

  test("an allow rule does not cover what is always a person's", async () => {
    expect(await bash('acceptEdits', 'npm publish', { allow: ['Bash(npm:*)'] })).toBe('ask auto.destructive');
  });

  test('files of the worktree are changed freely, protected ones are asked, others are outside', async () => {
    const may = judge('acceptEdits');
    const edit = (file_path: string) => may('Edit', { file_path, old_string: 'a', new_string: 'b' });
    expect(await edit('src/a.js')).toMatchObject({ decision: 'allow' });
    expect(await edit('/workspace/src/a.js')).toMatchObject({ decision: 'allow' });
    expect(await edit('.claude/settings.json')).toMatchObject({ decision: 'ask', code: 'path.protected' });
    expect((await edit('/etc/passwd')).decision).not.toBe('allow');
    expect(await may('Read', { file_path: 'README.md' })).toMatchObject({ decision: 'allow' });
    expect(await may('Grep', { pattern: 'x' })).toMatchObject({ decision: 'allow' });
    expect(await may('Glob', { pattern: '**/*.js' })).toMatchObject({ decision: 'allow' });
  });
});

test('a rule of the routine is told with the file that a person knows', async () => {
  const asked = await judge('acceptEdits', { ask: ['Bash(make deploy)'] })('Bash', { command: 'make deploy' });
  expect(asked.why).toMatch(/ \(Bash\(make deploy\) in routine\.yaml\)$/);
});

test('other modes: what no rule allows is asked, denied, or left to the classifier', async () => {
  expect(await bash('default', 'make test')).toBe('ask rule.none');
  expect(await bash('default', 'make test', { allow: ['Bash(make:*)'] })).toBe('allow');
  expect(await bash('dontAsk', 'make test')).toBe('deny mode.dont_ask');
  expect(await bash('auto', 'make test')).toBe('ask auto.unclassified');
});

test('a run that may only look changes no file, and still looks with whatever it likes', async () => {
  const may = judge('plan');
  expect(await may('Write', { file_path: 'a', content: '' })).toMatchObject({ decision: 'deny', code: 'mode.plan' });
  expect(await may('Bash', { command: 'npm test' })).toMatchObject({ decision: 'allow' });
});

test.each(['default', 'acceptEdits', 'plan', 'dontAsk', 'auto'] as const)(
  'what only tells the session something is always allowed: %s',
  async (mode) => {
    const may = judge(mode);
    for (const name of ['Propose', 'CronCreate', 'CronList', 'CronDelete', 'ScheduleWakeup'])
      expect(await may(name, {})).toMatchObject({ decision: 'allow' });
  },
);
