/** Which answer can hold for good and as which rule; what a trial run's events come to; and how the terminal shows both. */
import { describe, expect, test } from 'vitest';
import type { Draft, Event } from '#contract/events.ts';
import { type Grant, grantable, grantableCall } from '#contract/grants.ts';
import type { Question } from '#contract/questions.ts';
import type { Trial } from '#contract/trials.ts';
import { contentHash } from '#core/grants/content.ts';
import { covers } from '#core/grants/covers.ts';
import { leavesMachine } from '#core/permissions/leaves-machine.ts';
import { harvest } from '#core/trials/harvest.ts';
import { cli } from '../fakes/cli-shell.ts';
import { run, runId, spec } from '../fakes/records.ts';

const ruleOf = (tool: string, input: object, code = 'rule.none') => {
  const found = grantableCall(tool, input, code);
  return 'granted' in found && found.granted.kind === 'rule' ? found.granted.rule : null;
};

describe('the rule for exactly one call', () => {
  const commands = [
    ...[
      'npm test',
      'ls *.js',
      'echo "a*" \\* \\\\',
      'echo :*',
      'echo a :*',
      'cat a *',
      'printf "%s\\n" x\\',
      '  make  it ',
    ],
    ...['a=1 node x.js', 'cat <<E\n(*)\nE', 'echo "(" ")"', 'for f in *.js; do node --check "$f"; done'],
  ];
  test.each(commands)('covers %j', (command) => {
    const rule = ruleOf('Bash', { command });
    expect(rule && covers(rule, 'Bash', { command })).toBe(true);
  });

  test.each(commands)('covers nothing but %j', (command) => {
    const rule = ruleOf('Bash', { command }) ?? '';
    const others = [
      `${command.trim()}x`,
      `${command.trim()} && node evil.js`,
      `x${command}`,
      command.replaceAll('*', 'evil'),
    ];
    for (const other of others)
      if (other !== command) expect(covers(rule, 'Bash', { command: other }), other).toBe(false);
    const longer = `${command.trim()} evil`;
    expect(covers(rule, 'Bash', { command: `${longer}; node evil.js` })).toBe(false);
  });

  const files = [
    'src/a.js',
    '/workspace/src/a.js',
    './src/../src/a.js',
    'a b/(c).ts',
    'x/[id]/{a,b}.ts',
    'what?!.md',
    'a*b',
    'a\\b',
    '!a',
  ];
  test.each(files)('covers the file %s', (file_path) => {
    for (const tool of ['Edit', 'Write'])
      expect(covers(ruleOf(tool, { file_path }) ?? '', 'Edit', { file_path }), tool).toBe(true);
  });

  test.each([
    ['a*b', 'axb'],
    ['x/[id].ts', 'x/i.ts'],
    ['x/{a,b}.ts', 'x/a.ts'],
    ['what?', 'whata'],
    ['src/a.js', 'src/a.json'],
    ['src/a.js', 'lib/src/a.js'],
  ])('for %s does not cover %s', (file_path, other) => {
    expect(covers(ruleOf('Edit', { file_path }) ?? '', 'Edit', { file_path: other })).toBe(false);
  });

  test.each([
    ['Bash', { command: 'npm publish' }],
    ['Bash', { command: 'true && gh pr create' }],
    ['Bash', { command: 'git push' }],
    ['Bash', { command: 'rm -rf /' }],
    ['Bash', { command: '$X y' }],
    ['Bash', { command: 'echo x > .git/config' }],
    ['Edit', { file_path: '.vscode/tasks.json' }],
    ['Write', { file_path: '.claude/settings.json' }],
  ])('of %s %j covers nothing, whatever code it was asked with', (tool, input) => {
    expect(covers(ruleOf(tool, input) ?? '', tool, input)).toBe(false);
  });

  test.each([
    'rule.deny',
    'rule.ask',
    'auto.destructive',
    'auto.injection',
    'path.protected',
    'settings.broken',
    'net.x',
    'new.code',
  ])('is never made for %s', (code) =>
    expect(grantableCall('Bash', { command: 'ls' }, code)).toEqual({ refused: expect.any(String) }),
  );

  test('is not made for money, a handover, a tool as a whole, or a host that is more than one', () => {
    const budget = { kind: 'budget' as const, scope: 'run' as const, spentMicros: 0, capMicros: 1, addMicros: 1 };
    expect(grantable({ action: budget, code: 'limit.dollars' })).toHaveProperty('refused');
    expect(grantable({ action: { kind: 'handover', denials: 3, codes: [] }, code: 'limit.denials' })).toHaveProperty(
      'refused',
    );
    expect(grantableCall('mcp__tracker__create', {}, 'rule.none')).toHaveProperty('refused');
    const host = (name: string) =>
      grantable({ action: { kind: 'host', call: 'a', host: name, policyVersion: 'v' }, code: 'net.host_not_allowed' });
    for (const name of ['*.example.com:443', 'example.com', 'a b:1', ''])
      expect(host(name), name).toHaveProperty('refused');
    expect(host('example.com:443')).toHaveProperty('granted');
  });
});

test('the content is all that decides what is done and allowed, in whatever order it is written', () => {
  const base = spec();
  const hash = contentHash(base);
  expect(contentHash(JSON.parse(JSON.stringify(base)))).toBe(hash);
  expect(contentHash(Object.fromEntries(Object.entries(base).reverse()) as typeof base)).toBe(hash);
  const same = { ...base, name: 'x', description: 'x', schedule: 'manual', paused: true, effort: 'max' as const };
  expect(contentHash(same)).toBe(hash);
  const changes: Partial<typeof base>[] = [
    ...[{ prompt: 'x' }, { model: 'x' }, { repository: '/x' }, { network: ['x'] }, { checks: ['x'] }],
    ...[{ permissionMode: 'plan' as const }, { permissions: { allow: ['Bash'], ask: [], deny: [] } }],
  ];
  const hashes = changes.map((change) => contentHash({ ...base, ...change }));
  expect(new Set([hash, ...hashes]).size).toBe(changes.length + 1);
});

test.each([
  ['npm publish', true],
  ['cd pkg && FOO=1 timeout 5 npm publish --tag x', true],
  ['git push origin main', true],
  ['psql -c "drop table x"', true],
  ['npm test', false],
  ['echo npm publish', false],
  ['rm -rf build', false],
  ['((', false],
])('whether %s leaves the machine: %s', (command, expected) => expect(leavesMachine(command) !== null).toBe(expected));

test('hosts that a trial run was refused for want of a word are in its list, once each; others are not', () => {
  const attempt = (host: string, port: number, code: string | null = 'net.host_not_allowed'): Draft => ({
    ...{ type: 'net.attempted', run: runId, host, port, method: 'CONNECT', code, bytesOut: 0, bytesIn: 0 },
    decision: code === null ? 'allow' : 'deny',
  });
  const drafts = [
    ...[attempt('api.example.com', 443), attempt('api.example.com', 443), attempt('api.example.com', 8443)],
    ...[attempt('packages.example.org', 443), attempt('a.listed.org', 8080), attempt('a.listed.org', 443)],
    ...[attempt('10.0.0.1', 80, 'net.resolved_private'), attempt('ok.example.com', 443, null)],
  ];
  const events = drafts.map((draft, index) => ({ ...draft, seq: index + 1, at: '2026-11-20T22:00:00.000Z' }) as Event);
  const { needed, refused } = harvest(events, ['packages.example.org', '*.listed.org:8080']);
  expect(needed.map(({ granted, times }) => [granted.kind === 'host' && granted.host, times])).toEqual([
    ...[
      ['api.example.com:443', 2],
      ['api.example.com:8443', 1],
      ['a.listed.org:443', 1],
    ],
  ]);
  expect(refused).toMatchObject([{ what: 'reach 10.0.0.1:80', code: 'net.resolved_private' }]);
});

const grant: Grant = {
  ...{ id: 'grant-00000001', routine: 'triage', contentHash: 'a'.repeat(64), state: 'lapsed' },
  granted: { kind: 'rule', rule: 'Bash(echo \u202eevil)' },
  ...{ givenAt: '2026-11-20T22:00:00.000Z', givenBy: 'terminal', from: { kind: 'trial', run: runId } },
  ...{ endedAt: '2026-11-20T22:00:00.000Z', ended: 'The content of the routine has changed.' },
};
const trial: Trial = {
  ...{ routine: 'triage', state: 'ended', dueAt: '2026-11-20T22:00:00.000Z', run: runId, claimedBy: 'os_timer' },
  ...{ outcome: 'proposed', reason: null, contentHash: 'a'.repeat(64), current: true },
  needed: [
    { granted: { kind: 'host', host: 'example.com:443' }, times: 2, code: 'net.host_not_allowed', inForce: false },
  ],
  recorded: [{ what: 'Bash npm publish', code: 'auto.destructive', why: 'It would leave this machine.' }],
  ...{
    refused: [],
    environment: ['TOKEN'],
    usage: run().usage,
    costMicros: 120_000,
    toolCalls: 3,
    milliseconds: 61_000,
  },
  bind: 'b'.repeat(64),
};

describe('in the terminal', () => {
  test('grants are listed with what they allow, and why they ended; nothing unseen gets through', async () => {
    const seen: unknown[] = [];
    const list = async (input: unknown) => {
      seen.push(input);
      return [grant];
    };
    const { out } = await cli(['grants', 'list', '--routine', 'triage', '--lapsed'], { grants: { list } });
    expect(seen).toEqual([{ routine: 'triage', state: 'lapsed', limit: 100 }]);
    expect(out).toContain('has changed');
    expect(out).not.toContain('\u202e');
  });

  test('a trial run is shown with its list and how to sign it; signing names what was shown', async () => {
    const shown = await cli(['routines', 'trial', 'triage'], { routines: { trial: async () => trial } });
    for (const part of ['reach example.com:443', 'npm publish', 'TOKEN', '$0.12', 'the operating system', '--sign'])
      expect(shown.out).toContain(part);
    const seen: unknown[] = [];
    const signTrial = async (input: unknown) => {
      seen.push(input);
      return [{ ...grant, state: 'active' as const }];
    };
    const handlers = { routines: { trial: async () => trial, signTrial } };
    expect((await cli(['routines', 'trial', 'triage', '--sign'], handlers)).code).toBe(0);
    expect(seen).toEqual([{ routine: 'triage', bind: trial.bind, door: 'terminal' }]);
  });

  test('an answer for good says which rule it becomes before, and which grant it became after', async () => {
    const action = {
      ...{
        kind: 'tool_call' as const,
        call: 'toolu_1',
        tool: 'Bash',
        input: { command: 'npm test' },
        command: 'npm test',
      },
      ...{ cwd: '/workspace', path: null, patch: null, contentHash: null, policyVersion: 'v1' },
    };
    const question: Question = {
      ...{ id: 'ask-00000001', run: runId, routine: 'triage', action, code: 'rule.none', why: 'No rule.' },
      ...{ bind: 'a'.repeat(64), askedAt: trial.dueAt, deadline: trial.dueAt, state: 'open', answeredAt: null },
      ...{ answeredBy: null, note: null, usedAt: null },
    };
    const get = async () => question;
    const shown = await cli(['questions', 'show', question.id], { questions: { get } });
    expect(shown.out).toMatch(/questions approve ask-00000001 --always .*Bash\(npm test\)/);
    const seen: unknown[] = [];
    const answer = async (input: unknown) => {
      seen.push(input);
      return [{ ...question, state: 'approved' as const, grant: grant.id }];
    };
    const { out } = await cli(['questions', 'approve', question.id, '--always'], { questions: { get, answer } });
    expect(seen).toMatchObject([{ answers: [{ decision: 'approve', always: true }], door: 'terminal' }]);
    expect(out).toContain(grant.id);
    expect((await cli(['questions', 'deny', question.id, '--always'], {})).code).not.toBe(0);
  });

  test('where no OS timer fires it, that is said', async () => {
    const rehearse = async () => ({ dueAt: trial.dueAt, firedBy: 'host' as const, detail: 'No OS timer holds it.' });
    const { out } = await cli(['routines', 'rehearse', 'triage'], { routines: { rehearse } });
    expect(out).toContain('No OS timer holds it.');
  });
});
