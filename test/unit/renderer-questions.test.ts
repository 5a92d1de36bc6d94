/** Questions on the page: taken in from events, grouped by what they ask, shown with nothing hidden. */
import { describe, expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import type { Action, Question } from '#contract/questions.ts';
import { lastingOf } from '#features/questions/lasting.ts';
import { groupsOf, openIn } from '#features/questions/question-groups.ts';
import { moneyIn, noMeans, ownPart, titleOf, yesMeans } from '#features/questions/question-words.ts';
import { draftOf, readDraft } from '#features/routines/draft.ts';
import { applyItems } from '#state/apply.ts';
import { initialState } from '#state/model.ts';
import { counts, openQuestions, workingRuns } from '#state/select.ts';
import { emptyTranscript, extendTranscript } from '#state/transcript.ts';
import { piecesOf } from '#ui/exact.tsx';
import { at, runId, runLog, spec } from '../fakes/records.ts';

const command = (text: string, part: Partial<Extract<Action, { kind: 'tool_call' }>> = {}): Action => ({
  ...{ kind: 'tool_call', call: 'c', tool: 'Bash', input: { command: text }, command: text, cwd: '/workspace' },
  ...{ path: null, patch: null, contentHash: null, policyVersion: 'v1' },
  ...part,
});
const edit = (patch: string) =>
  command('', { tool: 'Edit', command: null, input: { file_path: 'a.js' }, path: 'a.js', patch });
const budget = (scope: 'run' | 'all_day', addMicros: number): Action => ({
  ...{ kind: 'budget', scope, spentMicros: 1_900_000, capMicros: 2_000_000, addMicros },
});
const ids = Array.from({ length: 100 }, (_, index) => `ask-${String(index).padStart(8, '0')}`);
const question = (action: Action, part: Partial<Question> = {}): Question => ({
  ...{ id: ids.pop() ?? '', run: runId, routine: 'log-triage', action, code: 'rule.ask' },
  ...{ why: 'A rule asks.', bind: '0'.repeat(64), askedAt: at, deadline: at, state: 'open' as const },
  ...{ answeredAt: null, answeredBy: null, note: null, usedAt: null },
  ...part,
});

describe('groups', () => {
  const keys = (...actions: Action[]) =>
    groupsOf(actions.map((action) => question(action))).map(({ questions }) => questions.length);

  test.each<[string, Action[], number[]]>([
    ['the same command', [command('make'), command('make', { call: 'd', policyVersion: 'v2' })], [2]],
    ['another command', [command('make'), command('make ')], [1, 1]],
    ['a command that only looks the same', [command('make'), command('make\u200b')], [1, 1]],
    ['the same command elsewhere', [command('make'), command('make', { cwd: '/workspace/a' })], [1, 1]],
    ['the same edit with another effect', [edit('+a'), edit('+b'), edit('+a')], [2, 1]],
    ['caps of one kind', [budget('run', 1), budget('run', 2), budget('all_day', 1)], [2, 1]],
  ])('%s', (_, actions, sizes) => expect(keys(...actions)).toEqual(sizes));

  test('a call of another tool with the same input is another act', () => {
    const read = command('', { tool: 'Read', command: null });
    expect(keys(read, { ...read, tool: 'Grep' } as Action)).toEqual([1, 1]);
  });

  test('what is answered is not answered again with the others', () => {
    const [group] = groupsOf([question(command('make')), question(command('make'), { state: 'denied' })]);
    expect(group && openIn(group)).toHaveLength(1);
  });
});

describe('words', () => {
  test('a yes and a no to money say the new cap and the end', () => {
    const action = budget('run', 2_000_000);
    expect(titleOf(action)).toBe('Spend $2.00 more');
    expect(yesMeans(action)).toBe('It goes on, with $4.00 as the cap of this run.');
    expect(noMeans(action)).toBe('The run ends here, at a clean point. What it did is kept.');
    expect(ownPart(question(action))).toBe('$1.90 of $2.00 spent, $2.00 more');
    expect(moneyIn([question(action), question(command('make')), question(budget('all_day', 500_000))])).toBe(
      2_500_000,
    );
  });

  test('a title hides nothing', () => {
    expect(titleOf(command('', { command: null, tool: 'Write', path: 'a\u202eb', patch: '+x' }))).toBe(
      'Change a⟨U+202E⟩b',
    );
    expect(titleOf({ kind: 'host', call: 'c', host: 'a\u00adb.org:443', policyVersion: 'v1' })).toBe(
      'Reach a⟨U+00AD⟩b.org:443',
    );
  });
});

describe('a text shown exactly', () => {
  test.each<[string, [string, boolean][]]>([
    ['make\n\tall', [['make\n\tall', false]]],
    [
      'a\u202eb\u200b',
      [
        ['a', false],
        ['⟨U+202E⟩', true],
        ['b', false],
        ['⟨U+200B⟩', true],
      ],
    ],
    [
      '\u0000\ud800',
      [
        ['⟨U+0000⟩', true],
        ['⟨U+D800⟩', true],
      ],
    ],
    [
      '\u{e0041}🦉',
      [
        ['⟨U+E0041⟩', true],
        ['🦉', false],
      ],
    ],
    // What only looks like a mark is not marked.
    ['⟨U+202E⟩', [['⟨U+202E⟩', false]]],
  ])('%j', (text, pieces) => expect(piecesOf(text).map((piece) => [piece.text, piece.hidden])).toEqual(pieces));
});

describe('events', () => {
  const asked = question(command('make'));
  const started = runLog().slice(0, 3);
  const log: Event[] = [
    ...started,
    { type: 'question.asked', seq: 4, at, run: runId, question: asked },
    { type: 'run.parked', seq: 5, at, run: runId, question: asked.id, until: at },
  ];
  const answered: Event[] = [
    {
      type: 'question.answered',
      seq: 6,
      at,
      run: runId,
      question: asked.id,
      state: 'denied',
      by: 'terminal',
      note: 'No.',
    },
    { type: 'run.resumed', seq: 7, at, run: runId, why: 'answered' },
  ];
  const items = (events: Event[]) => events.map((event) => ({ kind: 'event' as const, event }));

  test('a question opens, its run no longer works, and after the answer it does', () => {
    const parked = applyItems(initialState, items(log));
    expect(openQuestions(parked)).toEqual([asked]);
    expect(counts(parked)).toMatchObject({ questions: 1, working: 0 });
    const after = applyItems(parked, items(answered));
    expect(after.questions[asked.id]).toMatchObject({ state: 'denied', answeredBy: 'terminal', note: 'No.' });
    expect(counts(after)).toMatchObject({ questions: 0, working: 1 });
    expect(workingRuns(after).map(({ id }) => id)).toEqual([runId]);
  });

  test('the transcript tells them, and attempts that went alike once', () => {
    const attempt = {
      type: 'net.attempted' as const,
      at,
      run: runId,
      port: 443,
      method: 'CONNECT',
      bytesOut: 1,
      bytesIn: 2,
    };
    const tried = [
      { ...attempt, seq: 8, host: 'a.org', decision: 'allow' as const, code: null },
      { ...attempt, seq: 9, host: 'a.org', decision: 'allow' as const, code: null },
      { ...attempt, seq: 10, host: 'b.org', decision: 'deny' as const, code: 'net.host_not_allowed' },
      { ...attempt, seq: 11, host: 'a.org', decision: 'allow' as const, code: null },
    ];
    const half = extendTranscript(emptyTranscript, [...log, ...answered, ...tried.slice(0, 1)]);
    const whole = extendTranscript(half, tried);
    const rows = whole.rows.flatMap((row) => (row.kind === 'net' ? [[row.event.host, row.times, row.bytesIn]] : []));
    expect(rows).toEqual([
      ['a.org', 2, 4],
      ['b.org', 1, 2],
      ['a.org', 1, 2],
    ]);
    expect(whole.rows.flatMap((row) => (row.kind === 'guard' ? [row.event.type] : []))).toEqual([
      'question.asked',
      'question.answered',
    ]);
    expect(extendTranscript(emptyTranscript, [...log, ...answered, ...tried])).toEqual(whole);
  });
});

test('a rule that is none is named beside its list', () => {
  const read = readDraft({ ...draftOf(spec()), allow: 'Edit\nrm -rf (', network: `ok.org\n${'a'.repeat(300)}` });
  expect('errors' in read && read.errors.allow).toMatch(/^“rm -rf \(” cannot be used\./);
  expect('errors' in read && read.errors.network).toMatch(/^“a{59}…” cannot be used\./);
});

describe('always, for several at once', () => {
  const asked = (routine: string, code = 'rule.none', text = 'make dist') => question(command(text), { routine, code });

  test('is one rule, for each of their routines once', () => {
    expect(lastingOf([asked('a'), asked('b'), asked('a')])).toEqual({
      granted: { kind: 'rule', rule: 'Bash(make dist)' },
      routines: ['a', 'b'],
    });
  });

  test.each<[string, Question[]]>([
    ['nothing is asked', []],
    ['one of them is a person’s each time', [asked('a'), asked('b', 'auto.destructive')]],
    ['they would be different rules', [asked('a'), asked('b', 'rule.none', 'make all')]],
    ['it is about money', [question(budget('run', 1)), question(budget('run', 1))]],
  ])('is not offered where %s', (_, questions) => {
    expect(lastingOf(questions)).toBeNull();
  });
});
