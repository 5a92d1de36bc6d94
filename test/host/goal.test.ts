/** A standing goal: judged at the end of each turn by somebody who sees only evidence, and never against a check. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import type { Question } from '#contract/questions.ts';
import { costMicros, type Rates, ratesOf } from '#core/budget/prices.ts';
import { call, hang, type Received, reply, type Step, say, text, use } from '../fakes/messages-server.ts';
import { spec } from '../fakes/places.ts';
import { realRuntime, type Setting } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';
import { verifies } from '../promises.ts';
import { processesWith } from './sandbox-fixture.ts';

const goal = 'The answer is 42, and `node answer.test.js` shows it.';
const mend = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const prove = use('Bash', { command: 'node answer.test.js' });
const propose = () =>
  reply([call('Propose', { title: 'Right answer', explanation: 'So.', not_done: ['Nothing else.'] })]);

/** The judge's answer; refuses to stand in for anybody else. */
function judge(verdict: string, quote = '', reason = 'As seen.'): Step {
  return (request) => {
    expect(String(JSON.stringify(request.body.system))).toContain('You judge whether a goal is reached');
    return say(JSON.stringify({ verdict, quote, reason }));
  };
}

const judged = (events: Event[]) =>
  events.flatMap((event) =>
    event.type === 'goal.judged' ? [{ verdict: event.verdict, quote: event.quote, progress: event.progress }] : [],
  );
const saidTo = (request: Received | undefined) => JSON.stringify(request?.body.messages.at(-1));

const start = (setting: Setting) => realRuntime({ ...setting, routine: { goal, ...setting.routine } });

describe('a goal', () => {
  test(
    verifies('goal-by-evidence', 'sends the agent back with the reason until evidence shows that it is met'),
    async () => {
      const { runOnce, events, server, store } = await start({
        script: [
          propose(),
          judge('not_yet', '', 'Nothing was changed.'),
          mend,
          prove,
          propose(),
          judge('met', 'right answer'),
        ],
      });
      const run = await runOnce();
      expect(run).toMatchObject({
        ...{ state: 'ended', outcome: 'proposed', after: { results: [{ passed: true }] } },
        goal: { verdict: 'met', rounds: 2, quote: 'right answer', condition: goal },
      });
      expect(judged(events(run.id))).toEqual([
        { verdict: 'not_yet', quote: null, progress: true },
        { verdict: 'met', quote: 'right answer', progress: true },
      ]);
      const back = saidTo(server.requests[2]);
      expect(back).toContain('Nothing was changed.');
      // The check that the host ran itself is told with what it printed.
      expect(back).toContain('wrong answer 41');
      // Whoever judges sees neither the worker's instructions nor its tools.
      expect(server.requests[1]?.body.tools ?? []).toEqual([]);
      expect(server.requests[1]?.body.messages).toHaveLength(1);
      // Each answer counts, the judge's too.
      const usage = { input: 10, output: 20, cacheRead: 0, cacheWrite: 0 };
      expect(run.costMicros).toBe(6 * costMicros(ratesOf('claude-opus-5-5') as Rates, usage));
      expect(store.read.proposal(run.proposal ?? '')?.notDone).toEqual(['Nothing else.']);
    },
  );

  test('that the judge calls met is not met while a check fails', async () => {
    const { runOnce, events, server } = await start({
      script: [
        use('Bash', { command: 'echo all good, the answer is 42' }),
        propose(),
        judge('met', 'all good, the answer is 42'),
        mend,
        propose(),
        judge('met', 'right answer'),
      ],
    });
    const run = await runOnce();
    expect(judged(events(run.id)).map(({ verdict }) => verdict)).toEqual(['not_yet', 'met']);
    expect(saidTo(server.requests[3])).toContain('The check `node answer.test.js` fails (exit code 1).');
  });

  test.each([
    ['that nobody said', 'the answer is 42 everywhere'],
    ['that only the agent said', 'I promise that everything is right'],
    ['too short to say anything', '42'],
  ])('is not met by a quote %s', async (_what, quote) => {
    const { runOnce, events, server } = await start({
      routine: { checks: [] },
      script: [
        reply([text('I promise that everything is right'), ...mend.content]),
        propose(),
        judge('met', quote),
        propose(),
        judge('met', '+export const answer = 42;'),
      ],
    });
    const run = await runOnce();
    expect(judged(events(run.id))).toMatchObject([
      { verdict: 'not_yet', quote: null },
      { verdict: 'met', quote: '+export const answer = 42;' },
    ]);
    expect(saidTo(server.requests[3])).toContain('nowhere in the evidence');
  });

  test('is not met with what shows that, where it holds, and without where it does not', async () => {
    const { runOnce, events, server } = await start({
      routine: { checks: [] },
      script: [
        use('Bash', { command: 'node answer.test.js; true' }),
        ...[propose(), judge('not_yet', 'wrong answer 41', 'It still fails.')],
        ...[propose(), judge('not_yet', 'never said by anybody')],
        ...[mend, propose(), judge('met', '+export const answer = 42;')],
      ],
    });
    const run = await runOnce();
    expect(judged(events(run.id)).map(({ quote }) => quote)).toEqual([
      'wrong answer 41',
      null,
      '+export const answer = 42;',
    ]);
    expect(saidTo(server.requests[3])).toContain('It still fails. (\\"wrong answer 41\\")');
  });

  test('whose judge does not come to an end takes no more than the minutes of the run', async () => {
    const { runOnce, events } = await start({
      routine: { checks: [], limits: { ...spec().limits, minutes: 0.1 } },
      script: [mend, propose(), hang()],
    });
    const run = await runOnce();
    expect(run).toMatchObject({
      ...{ outcome: 'proposed', reason: { code: 'limit.time' } },
      goal: { verdict: 'not_yet', rounds: 1, reason: 'The time of the run was up before the goal could be judged.' },
    });
    // It was sent, so it may have to be paid.
    expect(events(run.id).filter(({ type }) => type === 'cost.presumed')).toMatchObject([{ purpose: 'judge' }]);
  });

  test('stands over a turn that ends without a proposal, and over an answer of the judge that makes no sense', async () => {
    const { runOnce } = await start({
      script: [
        say('I am done.'),
        say('It looks fine to me!'),
        say('Really.'),
        mend,
        say('Now it is.'),
        judge('met', 'right answer'),
      ],
    });
    expect(await runOnce()).toMatchObject({ outcome: 'proposed', goal: { verdict: 'met', rounds: 2 } });
  });

  test('a check that hangs is ended with the minutes of the run, and counts as failed', async () => {
    const { runOnce, store } = await start({
      routine: {
        checks: ['[ ! -f late.txt ] || sleep 600'],
        limits: { ...spec().limits, minutes: 0.2, turns: 2 },
      },
      script: [use('Write', { file_path: 'late.txt', content: 'x' }), propose(), judge('met', 'late.txt')],
    });
    const run = await runOnce();
    expect(run.goal?.verdict).toBe('not_yet');
    expect(run.after?.results).toMatchObject([{ passed: false }]);
    expect(store.read.proposal(run.proposal ?? '')?.notDone?.join()).toContain('The goal was not judged');
  }, 120_000);

  test('is judged once more when a limit ends the run, and stays what it is', async () => {
    const limits = { ...spec().limits, turns: 1 };
    const { runOnce } = await start({ routine: { limits }, script: [mend, judge('met', 'right answer')] });
    expect(await runOnce()).toMatchObject({ reason: { code: 'limit.turns' }, goal: { verdict: 'met' } });
  });
});

test('no round of which could be judged asks a person with those words, not as if it were not met', async () => {
  const round = [propose(), say('Fine!'), say('Really.')];
  const { add, handlers, happens, events } = await start({
    routine: { checks: [], goalRounds: 1 },
    script: [...round, ...round],
  });
  await add();
  const { run } = await handlers.routines.run({ routine: 'triage' });
  await happens((event) => event.type === 'run.parked' && event.run === run);
  const [question] = (await handlers.questions.list({ state: 'open', limit: 10 })) as [Question];
  expect(question.why).toContain('could not be judged');
  expect(question.why).not.toContain('not met');
  expect(events(run).filter(({ type }) => type === 'goal.judged')).toMatchObject([
    { unjudged: true, unusable: true, model: 'claude-opus-5-5' },
    { unjudged: true, unusable: true },
  ]);
  expect((await handlers.runs.get({ run })).goal).toMatchObject({ unjudged: true, model: 'claude-opus-5-5' });
});

test.each(['judge', 'check'] as const)(
  'a person who cuts in during the %s is heard at once',
  async (what) => {
    const tag = `${500 + Math.random()}`;
    const slow = use('Write', { file_path: 'slow.txt', content: 'slow' });
    const script = what === 'judge' ? [propose(), hang()] : [slow, propose()];
    const { add, handlers, events, server, ended } = await start({
      routine: { checks: what === 'check' ? [`[ ! -f slow.txt ] || [ -f go.txt ] || sleep ${tag}`] : [] },
      script: [
        ...script,
        use('Write', { file_path: 'go.txt', content: 'Now it really does.' }),
        propose(),
        judge('met', 'Now it really does.'),
      ],
    });
    await add();
    const { run } = await handlers.routines.run({ routine: 'triage' });
    await server.arrived(script.length);
    if (what === 'check')
      await expect.poll(() => processesWith(`sleep\0${tag}`).length, { timeout: 20_000 }).toBeGreaterThan(0);
    await handlers.runs.say({ run, text: 'Write go.txt.', interrupt: true, door: 'terminal' });
    expect(await ended(run)).toMatchObject({ outcome: 'proposed', goal: { verdict: 'met' } });
    expect(saidTo(server.requests[script.length])).toContain('Write go.txt.');
    expect(judged(events(run))).toHaveLength(1);
    if (what === 'judge') expect(events(run)).toContainEqual(expect.objectContaining({ type: 'cost.presumed' }));
  },
  60_000,
);

describe('a goal that cannot be reached', () => {
  const no = judge('impossible', 'ENOENT', 'The file that it needs is not there.');
  const look = use('Bash', { command: "node -e \"require('fs').readFileSync('gone.txt')\" 2>&1 | grep -o ENOENT" });

  async function parked(script: Step[], routine: Setting['routine'] = {}) {
    const product = await start({ script, routine: { checks: [], ...routine } });
    await product.add();
    const { run } = await product.handlers.routines.run({ routine: 'triage' });
    await product.happens((event) => event.type === 'run.parked' && event.run === run);
    const [question] = (await product.handlers.questions.list({ state: 'open', limit: 10 })) as [Question];
    const answer = (decision: 'approve' | 'deny', note?: string) =>
      product.handlers.questions.answer({
        answers: [{ question: question.id, bind: question.bind, decision, ...(note ? { note } : {}) }],
        door: 'terminal',
      });
    return { ...product, run, question, answer };
  }

  test('asks a person, and goes on with what they say', async () => {
    const { run, question, answer, ended, server } = await parked([
      ...[look, propose(), no, mend, propose()],
      judge('met', '+export const answer = 42;'),
    ]);
    expect(question).toMatchObject({
      code: 'goal.impossible',
      action: { kind: 'goal', why: 'impossible', condition: goal, quote: 'ENOENT', rounds: 1 },
    });
    await answer('approve', 'Take src/answer.js instead.');
    expect(await ended(run)).toMatchObject({ outcome: 'proposed', goal: { verdict: 'met' } });
    expect(saidTo(server.requests[3])).toContain('Take src/answer.js instead.');
  });

  test('ends where it stands when they say no, and says so', async () => {
    const { run, answer, ended } = await parked([mend, look, propose(), no]);
    await answer('deny');
    expect(await ended(run)).toMatchObject({ outcome: 'proposed', goal: { verdict: 'impossible' } });
  });

  test('ends at once where nobody is asked', async () => {
    const { runOnce, handlers } = await start({
      routine: { checks: [], whenAsked: 'deny' },
      script: [look, propose(), no],
    });
    expect(await runOnce()).toMatchObject({ outcome: 'nothing_to_propose', goal: { verdict: 'impossible' } });
    expect(await handlers.questions.list({ limit: 10 })).toEqual([]);
  });

  test('no progress for as many rounds as it may asks a person, too', async () => {
    const idle = [propose(), judge('not_yet', '', 'Nothing yet.')];
    const { question, run, answer, ended } = await parked([...idle, ...idle, ...idle], { goalRounds: 2 });
    expect(question).toMatchObject({ code: 'goal.no_progress', action: { why: 'no_progress', rounds: 3 } });
    await answer('deny');
    expect(await ended(run)).toMatchObject({ goal: { verdict: 'not_yet', rounds: 3 } });
  });
});

test('a host that dies while its goal is judged leaves the judging to the next one', async () => {
  const repository = testRepository({ 'src/answer.js': 'export const answer = 41;\n' });
  const routine = { checks: [] };
  const first = await start({ repository, routine, script: [mend, propose(), hang()] });
  await first.add();
  const { run } = await first.handlers.routines.run({ routine: 'triage' });
  await first.server.arrived(3);
  await first.runtime.close();
  const second = await start({
    ...{ repository, routine, home: join(first.paths.database, '..') },
    script: [judge('not_yet', '', 'More.'), propose(), judge('met', '+export const answer = 42;')],
  });
  second.runtime.start();
  expect(await second.ended(run)).toMatchObject({ outcome: 'proposed', goal: { verdict: 'met', rounds: 2 } });
  expect(judged(second.events(run))).toHaveLength(2);
});
