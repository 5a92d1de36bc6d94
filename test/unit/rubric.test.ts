/** A rubric taken apart, and the warnings about what nobody could check. */
import { describe, expect, test } from 'vitest';
import { type GoalState, type Grading, standingOf } from '#contract/aims.ts';
import { api } from '#contract/api.ts';
import { criteriaOf, lintRubric } from '#contract/rubric.ts';
import { cli } from '../fakes/cli-shell.ts';
import { routine, spec } from '../fakes/records.ts';

describe('criteria', () => {
  test.each([
    [
      'items of a list, whatever begins them',
      '# Done\n\n- a b\n* c d\n2. e f\n3) g h\n- [x] i j',
      ['a b', 'c d', 'e f', 'g h', 'i j'],
    ],
    ['with the lines that go on', '- first\n  goes on\n\n  and on?\n- second', ['first goes on', 'second']],
    [
      'paragraphs where there is no list',
      '# Title\n\nOne thing\nin two lines.\n\nAnother.\r\n',
      ['One thing in two lines.', 'Another.'],
    ],
    ['none', '\n# Only a heading\n', []],
  ])('%s', (_what, rubric, wanted) => {
    expect(criteriaOf(rubric)).toEqual(wanted);
  });
});

describe('a warning for what nobody can check', () => {
  test.each([
    'The code is clean',
    'Users like the new page',
    'It works well in production',
    'The page looks professional',
    'Good error handling',
    'ok',
  ])('%s', (criterion) => {
    expect(lintRubric(`- ${criterion}`)).toMatchObject([{ criterion }]);
  });

  test.each([
    '`npm test` ends with 0',
    'README.md has a good example in the section "Two commands"',
    'Every exported function of src/api.ts has a doc comment',
    'Start-up takes at most 300 ms as `npm run bench` measures it',
    'No test was removed',
  ])('and none for: %s', (criterion) => {
    expect(lintRubric(`- ${criterion}`)).toEqual([]);
  });
});

test.each([
  ['goal', 'x'.repeat(4001), '4,000'],
  ['rubric', `- ${'x'.repeat(200_000)}`, '64,000'],
  ['rubric', '# Only a heading', 'as a list'],
  ['rubric', '- one more thing\n'.repeat(51), '50 criteria'],
  ['iterations', 21, 'from 1 to 20'],
  ['artifacts', ['../elsewhere'], 'inside the repository'],
])('%s that cannot be is refused: %#', async (field, value, words) => {
  const read = await api.routines.add['~orpc'].inputSchema?.['~standard'].validate({
    spec: { ...spec(), [field]: value },
  });
  const [issue] = read && 'issues' in read ? (read.issues ?? []) : [];
  expect(issue?.path?.slice(0, 2)).toEqual(['spec', field]);
  expect(issue?.message).toContain(words);
});

describe('what came of a run', () => {
  const goal = (verdict: GoalState['verdict']) =>
    ({ condition: 'x', verdict, rounds: 1, reason: null, quote: null, judgedAt: null }) satisfies GoalState;
  const grading = (state: Grading['state']) =>
    ({ state, iteration: 1, iterations: 3, criteria: [], explanation: '' }) satisfies Grading;
  test.each([
    ['proposed', null, null, null],
    ['proposed', goal('met'), null, 'goal_met'],
    ['proposed', goal('met'), grading('needs_revision'), 'needs_revision'],
    ['proposed', goal('not_yet'), grading('satisfied'), 'goal_not_met'],
    ['nothing_to_propose', goal('impossible'), null, 'goal_impossible'],
    ['proposed', null, grading('satisfied'), 'satisfied'],
    ['proposed', null, grading('failed'), 'not_graded'],
    ['proposed', null, grading('pending'), 'interrupted'],
    ['stopped', goal('met'), grading('satisfied'), 'interrupted'],
  ] as const)('%s: %#', (outcome, one, other, wanted) => {
    expect(standingOf({ state: 'ended', outcome, goal: one, grading: other })).toBe(wanted);
    expect(standingOf({ state: 'running', outcome: null, goal: one, grading: other })).toBeNull();
  });
});

describe('from the terminal', () => {
  const add = ['routines', 'add', 'R', '--prompt', 'p', '--repo', '.', '--schedule', 'nightly'];
  const handlers = { routines: { add: async () => routine(), edit: async () => routine() } };

  test('flags reach their fields, off empties them', async () => {
    const seen: unknown[] = [];
    const keep = async (input: unknown) => {
      seen.push(input);
      return routine();
    };
    const aims = ['--goal', 'npm test passes', '--rounds', '2', '--rubric', '- a b c\n- d e f', '--iterations', '5'];
    await cli([...add, ...aims, '--artifact', 'a.md', '--artifact', 'b/**'], { routines: { add: keep } });
    expect(seen[0]).toMatchObject({
      spec: {
        goal: 'npm test passes',
        goalRounds: 2,
        rubric: '- a b c\n- d e f',
        iterations: 5,
        artifacts: ['a.md', 'b/**'],
      },
    });
    await cli(['routines', 'edit', 'r', '--goal', 'off', '--rubric', 'off', '--artifact', 'off'], {
      routines: { edit: keep },
    });
    expect(seen[1]).toEqual({ routine: 'r', change: { goal: '', rubric: '', artifacts: [] } });
  });

  test('a mistyped rubric file is no rubric', async () => {
    const { code, err } = await cli([...add, '--rubric', 'rubrik.md', '--json'], handlers);
    expect(code).toBe(2);
    expect(JSON.parse(err)).toMatchObject({
      error: { field: 'rubric', message: expect.stringContaining('rubrik.md') },
    });
  });

  test('a criterion that nobody can check is said, and taken all the same', async () => {
    const { code, out } = await cli([...add, '--rubric', '- The code is clean'], handlers);
    expect(code).toBe(0);
    expect(out).toContain('Warning: nobody can check "The code is clean".');
  });
});
