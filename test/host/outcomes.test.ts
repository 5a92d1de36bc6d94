/** A rubric: graded by somebody else in a fresh context with read-only hands, whose evidence is looked up before it counts. */
import { describe, expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import { costMicros, type Rates, ratesOf } from '#core/budget/prices.ts';
import { call, fail, hang, type Received, reply, type Step, say, use } from '../fakes/messages-server.ts';
import { spec } from '../fakes/places.ts';
import { realRuntime, type Setting } from '../fakes/real-runtime.ts';
import { verifies } from '../promises.ts';

const rubric = '- `src/answer.js` gives 42\n- `NOTES.md` says why';
const mend = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const note = use('Write', { file_path: 'NOTES.md', content: 'Why\n\nBecause 41 was wrong.\n' });
const propose = () =>
  reply([call('Propose', { title: 'Right answer', explanation: 'So.', not_done: ['Nothing else.'] })]);

type Entry = { verdict: string; reason?: string; evidence?: object[] };
/** The grader's last word; refuses to stand in for anybody else. */
function grade(entries: Entry[], more: { fits?: boolean; explanation?: string } = {}): Step {
  return (request) => {
    expect(JSON.stringify(request.body.system)).toContain('You grade the result');
    const criteria = entries.map((entry, at) => ({ number: at + 1, reason: 'Seen.', evidence: [], ...entry }));
    return use('Grade', { fits: true, explanation: '', criteria, ...more });
  };
}
const line = (path: string, at: number, quote: string) => ({ path, line: at, quote });
const good = [
  { verdict: 'satisfied', evidence: [line('src/answer.js', 1, 'answer = 42')] },
  { verdict: 'satisfied', evidence: [line('NOTES.md', 3, '41 was wrong')] },
];
const half = [good[0] as Entry, { verdict: 'needs_revision', reason: 'There is no NOTES.md.' }];

const graded = (events: Event[]) => events.flatMap((event) => (event.type === 'outcome.graded' ? [event] : []));
const saidTo = (request: Received | undefined) => JSON.stringify(request?.body.messages.at(-1));
const start = (setting: Setting) => realRuntime({ ...setting, routine: { rubric, checks: [], ...setting.routine } });

describe('a rubric', () => {
  test(
    verifies('graded-by-another', 'sends the worker back to the gaps, and is satisfied by what is really there'),
    async () => {
      const { runOnce, events, server } = await start({
        script: [mend, propose(), grade(half), note, propose(), grade(good)],
      });
      const run = await runOnce();
      expect(run).toMatchObject({
        outcome: 'proposed',
        grading: {
          ...{ state: 'satisfied', iteration: 2, iterations: 3 },
          criteria: [
            { verdict: 'satisfied', evidence: [{ kind: 'file', path: 'src/answer.js', line: 1 }] },
            { verdict: 'satisfied', evidence: [{ kind: 'file', path: 'NOTES.md', line: 3 }] },
          ],
        },
      });
      expect(graded(events(run.id)).map(({ result }) => result)).toEqual(['needs_revision', 'satisfied']);
      expect(saidTo(server.requests[3])).toContain('There is no NOTES.md.');
      // Fresh each time, with tools that only look.
      const asked = server.requests[5]?.body;
      expect(asked?.messages).toHaveLength(1);
      expect(asked?.tools?.map((tool) => 'name' in tool && tool.name)).toEqual([
        'Bash',
        'Read',
        'Glob',
        'Grep',
        'Grade',
      ]);
      const usage = { input: 10, output: 20, cacheRead: 0, cacheWrite: 0 };
      expect(run.costMicros).toBe(6 * costMicros(ratesOf('claude-opus-5-5') as Rates, usage));
    },
  );

  test('is not satisfied by a line that is not there, nor by a command that nobody ran', async () => {
    const { runOnce, store } = await start({
      script: [
        mend,
        propose(),
        grade([
          { verdict: 'satisfied', evidence: [line('src/answer.js', 7, 'answer = 42'), line('gone.js', 1, 'answer')] },
          { verdict: 'satisfied', evidence: [{ command: 'cat NOTES.md', quote: 'Because' }] },
        ]),
      ],
    });
    const run = await runOnce();
    expect(run.grading).toMatchObject({
      state: 'needs_revision',
      criteria: [
        { verdict: 'could_not_check', evidence: [] },
        { verdict: 'could_not_check', evidence: [] },
      ],
    });
    expect(store.read.proposal(run.proposal ?? '')?.notDone).toEqual([
      expect.stringContaining('Could not be checked: `src/answer.js` gives 42'),
      expect.stringContaining('Could not be checked: `NOTES.md` says why'),
      'Nothing else.',
    ]);
  });

  test("the grader's hands look and run, and change nothing", async () => {
    const run = use('Bash', { command: 'node -p 6*7; echo x > src/answer.js || echo no writing' });
    const quote = { command: 'node -p 6*7; echo x > src/answer.js || echo no writing', quote: 'no writing' };
    const { runOnce, server } = await start({
      routine: { rubric: '- `src/answer.js` gives 42' },
      script: [
        mend,
        propose(),
        run,
        use('Read', { file_path: 'src/answer.js' }),
        grade([{ verdict: 'satisfied', evidence: [quote] }]),
      ],
    });
    expect((await runOnce()).grading).toMatchObject({
      state: 'satisfied',
      criteria: [{ evidence: [{ kind: 'command', quote: 'no writing' }] }],
    });
    expect(saidTo(server.requests[3])).toContain('no writing');
    expect(saidTo(server.requests[4])).toContain('answer = 42');
  });

  test('tries no more often than it may, and says what is missing', async () => {
    const { runOnce, store } = await start({
      routine: { iterations: 2 },
      script: [mend, propose(), grade(half), propose(), grade(half)],
    });
    const run = await runOnce();
    expect(run).toMatchObject({ outcome: 'proposed', grading: { state: 'max_iterations_reached', iteration: 2 } });
    expect(store.read.proposal(run.proposal ?? '')?.notDone).toEqual([
      'Needs revision: `NOTES.md` says why – There is no NOTES.md.',
      'Nothing else.',
    ]);
  });

  test('that does not fit the task fails, and so does one that nobody can grade', async () => {
    const odd = await start({
      script: [mend, propose(), grade([], { fits: false, explanation: 'It is about cakes.' })],
    });
    expect((await odd.runOnce()).grading).toMatchObject({
      state: 'failed',
      explanation: expect.stringContaining('cakes'),
    });
    const mute = await start({ script: [mend, propose(), fail(400, { headers: {} })] });
    expect(await mute.runOnce()).toMatchObject({ outcome: 'proposed', grading: { state: 'failed' } });
    const vain = await start({ script: [mend, propose(), say('Fine.'), say('Fine!'), say('Fine.')] });
    expect((await vain.runOnce()).grading).toMatchObject({ state: 'failed', explanation: 'The grader gave no grade.' });
  });

  test('artifacts and checks are found by the host itself', async () => {
    const { runOnce } = await start({
      routine: { rubric: '', artifacts: ['NOTES.md', 'src/*.js'], checks: ['node answer.test.js'] },
      script: [mend, propose(), note, propose()],
    });
    const { grading } = await runOnce();
    expect(grading).toMatchObject({ state: 'satisfied', iteration: 2 });
    expect(grading?.criteria.map(({ by, text, verdict }) => [by, text, verdict])).toEqual([
      ['host', 'The check passes: node answer.test.js', 'satisfied'],
      ['host', 'The result has NOTES.md', 'satisfied'],
      ['host', 'The result has src/*.js', 'satisfied'],
    ]);
  });

  test('comes after the goal, and both must hold', async () => {
    const judge = (verdict: string, quote: string) => say(JSON.stringify({ verdict, quote, reason: 'So.' }));
    const { runOnce, events } = await start({
      routine: { goal: 'The answer is 42.' },
      script: [
        ...[mend, propose(), judge('met', '+export const answer = 42;'), grade(half)],
        ...[note, propose(), judge('met', '+export const answer = 42;'), grade(good)],
      ],
    });
    const run = await runOnce();
    expect(run).toMatchObject({ goal: { verdict: 'met', rounds: 2 }, grading: { state: 'satisfied', iteration: 2 } });
    const order = events(run.id).flatMap(({ type }) => (/^(goal|outcome)\./.test(type) ? [type] : []));
    expect(order).toEqual(['goal.judged', 'outcome.graded', 'goal.judged', 'outcome.graded']);
  });

  test('of a run that is stopped is interrupted', async () => {
    const { add, handlers, server, ended } = await start({ script: [mend, propose(), grade(half), hang()] });
    await add();
    const { run } = await handlers.routines.run({ routine: 'triage' });
    await server.arrived(4);
    await handlers.runs.stop({ run });
    expect(await ended(run)).toMatchObject({ outcome: 'stopped', grading: { state: 'interrupted', iteration: 1 } });
  });

  test('counts anew when a person asks for changes', async () => {
    const { runOnce, handlers, ended } = await start({
      script: [...[mend, note, propose(), grade(good)], ...[propose(), grade(half), propose(), grade(good)]],
    });
    const run = await runOnce();
    await handlers.proposals.revise({ proposal: run.proposal ?? '', comments: [{ text: 'Once more.' }] } as never);
    expect(await ended(run.id, 2)).toMatchObject({ grading: { state: 'satisfied', iteration: 2 } });
  });

  test('is not graded by recorded answers', async () => {
    const { runOnce } = await start({ env: {}, routine: { model: 'rehearsal', artifacts: ['src/answer.js'] } });
    expect((await runOnce()).grading).toMatchObject({
      state: 'failed',
      explanation: expect.stringContaining('Recorded answers'),
      criteria: [{ by: 'host', verdict: 'satisfied' }],
    });
  });

  test('a grader without money left ends the run where it stands', async () => {
    const { runOnce } = await start({
      routine: { limits: { ...spec().limits, dollars: 0.3 } },
      script: [mend, reply(propose().content, { usage: { input_tokens: 60_000 } })],
    });
    expect(await runOnce()).toMatchObject({ outcome: 'proposed', grading: { state: 'failed' } });
  });
});
