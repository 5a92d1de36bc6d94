/** Small texts with rules: the editor's draft, spans and instants, a proposal's evidence, rows of a diff. */
import { describe, expect, test } from 'vitest';
import { describeChange, verdict } from '#features/proposals/claims.ts';
import { diffRows } from '#features/proposals/diff-rows.ts';
import { draftOf, errorsOf, newDraft, readDraft } from '#features/routines/draft.ts';
import { clock, day, money, relative, span } from '#ui/words.ts';
import { limits, proposal, round, spec } from '../fakes/records.ts';
import { patch } from '../fakes/staged-patch.ts';

describe('draft', () => {
  test('a routine survives the way through the fields', () => {
    const written = spec({
      checks: ['npm test', 'npm run lint'],
      limits: limits({ turns: 3, minutes: 0.5, dollars: 1.25, dollarsPerDay: 4, toolCalls: 7, tokens: 5000 }),
      permissions: { allow: ['Bash(npm test:*)', 'mcp__a-b__*'], ask: ['Edit'], deny: ['Read(/.env*)'] },
      ...{ whenAsked: 'deny', answerWithin: 2880, network: ['packages.example.org'], permissionMode: 'auto' },
      web: ['search'],
      ...{ hooks: 'required', memory: 'off' },
    });
    expect(readDraft(draftOf(written))).toEqual({ spec: written });
  });

  test('every field at fault is named with its cure, all at once', () => {
    const read = readDraft({ ...newDraft('UTC'), turns: '1.5', minutes: '', branchPrefix: 'no slash' });
    expect('errors' in read && Object.keys(read.errors).sort()).toEqual(
      ['branchPrefix', 'minutes', 'name', 'prompt', 'repository', 'turns'].sort(),
    );
  });

  test.each([
    [{ code: 'input', message: 'No.', field: 'spec.limits.turns' }, 'turns'],
    [{ code: 'repo.missing', message: 'Gone.' }, 'repository'],
    [{ code: 'input', message: 'No.', field: 'timeZone' }, 'timeZone'],
    [{ code: 'conflict', message: 'It exists.' }, undefined],
  ] as const)('a refusal by the host %o stands beside %s', (fault, field) => {
    expect(Object.keys(errorsOf(fault) ?? {})[0]).toBe(field);
  });
});

describe('words', () => {
  test.each([
    [40, '40 ms'],
    [1840, '1.8 s'],
    [59_400, '59 s'],
    [134_000, '2 min 14 s'],
    [3_600_000, '1 h'],
    [49 * 3_600_000, '2 days 1 h'],
  ])('%i milliseconds are %s', (milliseconds, words) => expect(span(milliseconds)).toBe(words));

  const now = Date.parse('2026-03-29T00:30:00.000Z');
  test('an instant is told in the zone asked for, across a change of clocks', () => {
    expect(clock('2026-03-29T01:00:00.000Z', 'Europe/Berlin')).toBe('03:00');
    expect(day('2026-03-29T22:30:00.000Z', now, 'Europe/Berlin')).toBe('Tomorrow');
    expect(day('2026-03-29T22:30:00.000Z', now, 'UTC')).toBe('Today');
    expect(day('2026-04-03T10:00:00.000Z', now, 'UTC')).toBe('Fri 3 Apr');
  });

  test('relative', () => {
    expect(relative(now + 15_120_000, now)).toBe('in 4 h 12 min');
    expect(relative(now - 180_000, now)).toBe('3 min ago');
    expect(relative(now + 20_000, now)).toBe('now');
  });

  test.each([
    [0, '$0.00'],
    [3600, '$0.0036'],
    [214_300, '$0.21'],
  ])('%i millionths are %s', (micros, words) => expect(money(micros)).toBe(words));
});

describe('evidence', () => {
  test.each([
    [round(false), round(true), 'completed', '1 check went from failing to passing'],
    [round(true), round(true), 'completed', '1 check passing'],
    [round(false), round(false), 'failed', '1 of 1 check failing'],
    [null, null, 'waiting', 'no checks were run'],
  ] as const)('%#: %s, %s', (before, after, tone, words) =>
    expect(verdict({ before, after })).toEqual({ tone, words }),
  );

  test('the change in figures', () => expect(describeChange(proposal())).toBe('1 file, +3 −1'));
});

describe('diff rows', () => {
  const change = (path: string, more = {}) => ({
    path,
    status: 'modified' as const,
    additions: 1,
    deletions: 0,
    binary: false,
    ...more,
  });

  test('a head and hunks for each file, in the order of the proposal; a reason where there is nothing to show', () => {
    const rows = diffRows(patch, [
      change('src/invoice.js'),
      change('docs/flow.png', { binary: true }),
      change('src/pricing.js'),
      change('b.js', { status: 'renamed', from: 'a.js' }),
    ]);
    expect(rows.map((row) => `${row.kind} ${row.change.path}`)).toEqual([
      'file src/invoice.js',
      'hunk src/invoice.js',
      'file docs/flow.png',
      'nothing docs/flow.png',
      'file src/pricing.js',
      'hunk src/pricing.js',
      'file b.js',
      'nothing b.js',
    ]);
    expect(rows.find((row) => row.kind === 'nothing' && row.change.path === 'b.js')).toMatchObject({
      why: 'Renamed from a.js, content unchanged.',
    });
  });

  test('a huge hunk is folded', () => {
    const lines = Array.from({ length: 900 }, (_, index) => `+line ${index}`).join('\n');
    const huge = `diff --git a/lock b/lock\nnew file mode 100644\n--- /dev/null\n+++ b/lock\n@@ -0,0 +1,900 @@\n${lines}\n`;
    expect(diffRows(huge, [change('lock')])[1]).toMatchObject({ kind: 'hunk', folded: true });
  });
});
