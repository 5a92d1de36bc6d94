/** Claims weighed against a run's record: what is there and went well backs them, and nothing else does. */
import { expect, test } from 'vitest';
import { createPaint } from '#cli/print/paint.ts';
import { proposalDetails } from '#cli/print/proposals.ts';
import type { Event } from '#contract/events.ts';
import { mentionsIn, weighClaims } from '#core/proposals/claims.ts';
import { doneCalls } from '#core/proposals/done-calls.ts';
import { proposal } from '../fakes/records.ts';

let seq = 0;
const at = '2026-11-20T03:00:00.000Z';
const run = 'run-00000001';

function done(
  call: string,
  name: string,
  input: object,
  result: { exitCode?: number; output?: string; patch?: string } = {},
): Event[] {
  const { exitCode = 0, output = 'ok', patch } = result;
  const ok = exitCode === 0;
  const view = patch
    ? { kind: 'diff' as const, path: 'src/a.js', patch }
    : { kind: 'terminal' as const, exitCode, milliseconds: 5, output };
  return [
    { seq: ++seq, at, type: 'tool.started', run, turn: 1, call, name, input },
    { seq: ++seq, at, type: 'tool.finished', run, call, ok, code: ok ? null : 'tool.exit_code', text: output, view },
  ];
}

const record = doneCalls([
  ...done('c1', 'Bash', { command: 'npm test' }, { exitCode: 1, output: 'one failed' }),
  ...done('c2', 'Edit', { file_path: '/workspace/src/a.js' }, { patch: '--- a\n+++ b\n-41\n+42\n' }),
  ...done('c3', 'Bash', { command: 'npm  test' }, { output: 'all passed' }),
  ...done('c4', 'Bash', { command: 'cd app && npm run lint' }, { exitCode: 2, output: 'bad style' }),
  ...done('c5', 'Propose', { title: 'npm run everything' }),
]);

const weigh = (text: string, ...calls: string[]) => weighClaims([{ text, calls }], record)[0];

test('a command, a path and an id are found, the latest call first, with exit code and the end of its output', () => {
  expect(weigh('The tests pass.', 'npm test')).toMatchObject({
    standing: 'backed',
    calls: [
      { call: 'c3', tool: 'Bash', ok: true, exitCode: 0, excerpt: 'all passed', by: 'agent', changedSince: false },
    ],
  });
  expect(weigh('It says 42.', 'src/a.js')).toMatchObject({
    standing: 'backed',
    calls: [{ call: 'c2', excerpt: '+1 −1' }],
  });
  expect(weigh('It failed before.', 'c1', 'c3')).toMatchObject({
    standing: 'backed',
    calls: [{ call: 'c1', ok: false, changedSince: true }, { call: 'c3' }],
  });
});

test('a call that failed, that nobody made, or that only reports backs nothing', () => {
  expect(weigh('Lint is clean.', 'npm run lint')).toMatchObject({
    standing: 'not_backed',
    calls: [{ call: 'c4', exitCode: 2 }],
  });
  expect(weigh('Types are clean.', 'npm run types')).toMatchObject({
    standing: 'not_backed',
    calls: [],
    missing: ['npm run types'],
  });
  expect(weigh('Both.', 'npm test', 'c9')).toMatchObject({ standing: 'not_backed', missing: ['c9'] });
  expect(weigh('All of it.', 'c5')).toMatchObject({ standing: 'not_backed', missing: ['c5'] });
});

test('a claim without any reference rests on what its words name, else it is only said', () => {
  expect(weigh('`npm test` passes.')).toMatchObject({ standing: 'backed', calls: [{ call: 'c3', by: 'host' }] });
  expect(weigh('I ran npm test and it passes.')).toMatchObject({
    standing: 'backed',
    calls: [{ call: 'c3', by: 'host' }],
  });
  expect(weigh('Nothing else in `src/a.js` is wrong.')).toMatchObject({
    standing: 'said_only',
    calls: [{ call: 'c2' }],
  });
  expect(weigh('It is safe.')).toEqual({ text: 'It is safe.', standing: 'said_only', calls: [], missing: [] });
  expect(weigh('The `answer` is right.')).toMatchObject({ standing: 'said_only' });
});

test('a description is linked where it names commands and files', () => {
  expect(mentionsIn('Mended `src/a.js:3`; `npm test` passes, `npm tests` was not run.', record)).toMatchObject([
    { words: 'src/a.js:3', call: { call: 'c2' } },
    { words: 'npm test', call: { call: 'c3' } },
  ]);
});

test('a terminal says of each claim what it stands on: the call, its exit code and the end of what it printed', () => {
  const claims = weighClaims(
    [
      { text: 'The tests pass.', calls: ['npm test'] },
      { text: 'Types are clean.', calls: ['npm run types'] },
      { text: 'It is safe.' },
    ],
    record,
  );
  const mentions = mentionsIn('Mended `src/a.js`.', record);
  const told = proposalDetails(createPaint({}, {}), 'UTC', proposal({ claims, mentions })).join('\n');
  expect(told).toMatch(/Backed +The tests pass\.\n +Bash npm {2}test {2}\(exit 0, c3\)\n +all passed/);
  expect(told).toMatch(/Not backed +Types are clean\.\n +not on record of this run: npm run types/);
  expect(told).toMatch(/Said only +It is safe\./);
  expect(told).toMatch(/calls that the description names\n +Edit .*src\/a\.js {2}\(done, linked by its words, c2\)/);
  expect(told).toMatch(/checks .*run by Nightshift on a clean checkout of/);
  const silent = proposalDetails(createPaint({}, {}), 'UTC', proposal({ claims: [], notDone: null })).join('\n');
  expect(silent).toContain('It named nothing that shows what it says.');
  expect(silent).toMatch(/not done +It did not say\./);
});
