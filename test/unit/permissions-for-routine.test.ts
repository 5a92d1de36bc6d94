/** `permissions test --routine` says what a run of the routine would be told, in its mode and under its rules and grants. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Grant } from '#contract/grants.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { contentHash } from '#core/grants/content.ts';
import { cli } from '../fakes/cli-shell.ts';
import { routine, spec } from '../fakes/records.ts';

const scratch = mkdtempSync(join(tmpdir(), 'nightshift-rules-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const repository = join(scratch, 'repo');
mkdirSync(join(repository, '.git'), { recursive: true });
mkdirSync(join(repository, '.claude'));
writeFileSync(
  join(repository, '.claude', 'settings.json'),
  JSON.stringify({ permissions: { deny: ['Bash(rm *)'], defaultMode: 'plan' } }),
);

async function judged(change: Partial<RoutineSpec>, call: string[], rules: string[] = []) {
  const mine = spec({ repository, ...change });
  const grants = rules.map(
    (rule, index): Grant => ({
      ...{ id: `grant-0000000${index}a`, routine: 'log-triage', contentHash: contentHash(mine), state: 'active' },
      ...{ granted: { kind: 'rule', rule }, givenAt: '2026-11-20T20:00:00.000Z', givenBy: 'browser' },
      ...{ from: { kind: 'question', question: 'ask-00000001a' }, endedAt: null, ended: null },
    }),
  );
  const handlers = {
    routines: { get: () => Promise.resolve(routine({ spec: mine })) },
    grants: { list: () => Promise.resolve(grants) },
  };
  const argv = ['permissions', 'test', '--routine', 'log-triage', ...call];
  const shell = { env: { HOME: join(scratch, 'home') } };
  const { code, out, err } = await cli([...argv, '--json'], handlers, { shell });
  return { code, err, text: (await cli(argv, handlers, { shell })).out, found: out === '' ? null : JSON.parse(out) };
}

test('the mode is the routine’s, not that of the settings, and it is said', async () => {
  const { found, text } = await judged({}, ['Bash', 'some-build --fast']);
  expect(found).toMatchObject({ decision: 'allow', atNight: 'allowed', mode: { value: 'acceptEdits' } });
  expect(text).toContain('acceptEdits, of the routine log-triage');
});

test('what nobody allows is asked, or denied where the routine asks nobody', async () => {
  const call = ['Bash', 'some-build --fast'];
  const strict = { permissionMode: 'default' as const };
  expect((await judged(strict, call)).found).toMatchObject({ decision: 'ask', atNight: 'asked, and the run waits' });
  expect((await judged({ ...strict, whenAsked: 'deny' }, call)).found).toMatchObject({ atNight: 'denied' });
  expect((await judged({ permissionMode: 'auto' }, call)).found.atNight).toBe('judged by a second model');
});

test('rules of the routine, of the project, and grants count as they do in a run', async () => {
  const strict = { permissionMode: 'default' as const };
  const own = { ...strict, permissions: { allow: ['Bash(some-build *)'], ask: [], deny: [] } };
  expect((await judged(own, ['Bash', 'some-build --fast'])).found).toMatchObject({
    ...{ decision: 'allow', rule: 'Bash(some-build *)', source: 'command line: routine.yaml' },
  });
  expect((await judged({}, ['Bash', 'rm x'])).found).toMatchObject({ decision: 'deny', rule: 'Bash(rm *)' });
  const granted = await judged(strict, ['Bash', 'some-build --fast'], ['Bash(some-build --fast)']);
  expect(granted.found).toMatchObject({ decision: 'allow', source: 'grant: granted to the routine' });
  expect((await judged({}, ['Bash', 'git push'])).found).toMatchObject({ decision: 'deny', approvable: false });
});

test('a tool that runs do not have, and flags that a routine fixes, are refused', async () => {
  const { code, err } = await judged({}, ['WebFetch', 'https://example.com']);
  expect(code).toBe(2);
  expect(err).toContain('WebFetch');
  expect((await judged({}, ['Bash', 'ls', '--mode', 'plan'])).code).toBe(2);
});
