/** `routines check` finds what would keep a routine from doing what it says, and finds nothing where there is nothing. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Grant } from '#contract/grants.ts';
import type { Routine, RoutineSpec } from '#contract/routines.ts';
import { contentHash } from '#core/grants/content.ts';
import { cli } from '../fakes/cli-shell.ts';
import { routine, spec } from '../fakes/records.ts';
import { verifies } from '../promises.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-check-'));
afterAll(() => rmSync(folder, { recursive: true }));
const [repository, home] = [join(folder, 'repo'), join(folder, 'home')] as const;
mkdirSync(join(repository, '.claude'), { recursive: true });
writeFileSync(
  join(repository, '.claude', 'settings.json'),
  JSON.stringify({ permissions: { deny: ['Bash(rm *)'], allow: ['Bash(rm -r x)'] } }),
);

const grant = (rule: string, state: Grant['state']): Grant => ({
  ...{ id: `grant-0000000${rule.length % 10}a`, routine: 'log-triage', contentHash: contentHash(spec()), state },
  ...{ granted: { kind: 'rule', rule }, givenAt: '2026-11-20T20:00:00.000Z', givenBy: 'browser' },
  ...{ from: { kind: 'question', question: 'ask-00000001a' }, endedAt: null, ended: null },
});

async function checked(
  change: Partial<RoutineSpec>,
  more: Partial<Routine> = {},
  grants: Grant[] = [],
  argv = ['log-triage'],
) {
  const one = routine({ spec: spec({ repository, ...change }), ...more });
  const handlers = {
    routines: { list: () => Promise.resolve([one]), get: () => Promise.resolve(one) },
    grants: { list: () => Promise.resolve(grants) },
  };
  const shell = { env: { HOME: home } };
  const { code, out, err } = await cli(['routines', 'check', ...argv, '--json'], handlers, { shell });
  const { out: text } = await cli(['routines', 'check', ...argv], handlers, { shell });
  if (out === '') expect.fail(err);
  return { code, err, text, found: JSON.parse(out).findings.map(({ about, why }: never) => [about, why]) };
}

test('a routine that is as it should be, alone and among all', async () => {
  for (const argv of [['log-triage'], []]) {
    const { code, err, found, text } = await checked({}, {}, [], argv);
    expect({ code, err, found }).toEqual({ code: 0, err: '', found: [] });
    expect(text).toContain('log-triage');
  }
});

test(verifies('routines-checked', 'each in its own words'), async () => {
  const { code, found, text } = await checked(
    {
      rubric: '- The code is nice',
      permissions: { allow: ['Bash(rm *)', 'Bash(npm test)'], ask: [], deny: [] },
    },
    {
      next: [],
      notes: ['Old (old-1) was retired on 2026-03-04.'],
      registration: { state: 'unavailable', detail: 'No systemd here.' },
    },
    [grant('Bash(make x)', 'lapsed'), grant('Bash(make)', 'lapsed'), grant('Bash(make)', 'active')],
  );
  expect(code).toBe(1);
  expect(found).toEqual([
    ['schedule', expect.stringContaining('never comes')],
    ['waking', 'No systemd here.'],
    ['model', 'Old (old-1) was retired on 2026-03-04.'],
    ['rules', expect.stringMatching(/^allow Bash\(rm \*\): .*is stronger/)],
    ['grants', expect.stringContaining('Bash(make x)')],
    ['rubric', expect.stringContaining('The code is nice')],
  ]);
  expect(text).toContain('rules: allow Bash(rm *)');
});

test('nobody waits for a paused or manual routine; broken files are all that is said', async () => {
  expect((await checked({ paused: true }, { next: [] })).found).toEqual([]);
  expect((await checked({ schedule: 'manual' }, { next: [] })).found).toEqual([]);
  const { code, found } = await checked({}, { spec: null, problem: { file: 'routine.yaml', message: 'no name' } });
  expect({ code, found }).toEqual({ code: 1, found: [['files', 'routine.yaml: no name']] });
});
