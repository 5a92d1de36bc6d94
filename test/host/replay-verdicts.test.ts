/** Verdicts of graders, classifiers and probes, and waits for a limit: replayed from the tape, to the byte, without asking and without waiting. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Scheduler } from '#core/ports.ts';
import { replayCassette } from '#host/replay/replay.ts';
import { createRules } from '#host/settings/run-rules.ts';
import { exported } from '../fakes/exported.ts';
import { fail, type MessagesServer, say, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { noScheduler, realRuntime } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

const edit = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const propose = () => use('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] });
const received = ({ requests }: MessagesServer) =>
  requests.map(({ body }) => createHash('sha256').update(JSON.stringify(body)).digest('hex'));

async function again(product: Parameters<typeof exported>[0], run: string, sent: string[]) {
  const { cassette } = await exported(product, run);
  expect(cassette.requests.map(({ sha256 }) => sha256)).toEqual(sent);
  const report = await replayCassette(cassette);
  expect(report).toMatchObject({ same: true, departs: null, sent: sent.length });
  return { cassette, report };
}

test('a grader looks and grades again from the tape; another rubric asks it something else', async () => {
  const grade = (verdict: string, evidence: object[]) => {
    const criteria = [{ number: 1, verdict, reason: 'Seen.', evidence }];
    return use('Grade', { fits: true, explanation: 'So it is.', criteria });
  };
  const product = await realRuntime({
    script: [
      ...[propose(), use('Bash', { command: 'cat src/answer.js' }), grade('needs_revision', [])],
      ...[edit, propose(), use('Read', { file_path: 'src/answer.js' })],
      grade('satisfied', [{ path: 'src/answer.js', line: 1, quote: 'answer = 42' }]),
    ],
    routine: { rubric: '- `src/answer.js` gives 42', artifacts: ['src/*.js'] },
  });
  const run = await product.runOnce();
  expect(run.grading).toMatchObject({ state: 'satisfied', iteration: 2 });
  const { cassette, report } = await again(product, run.id, received(product.server));
  expect(report.verdicts).toEqual({ found: 2, differ: [] });
  expect(cassette.requests.map(({ purpose }) => purpose).filter((one) => one === 'grader')).toHaveLength(4);
  const stricter = structuredClone(cassette);
  stricter.head.spec.rubric = '- `src/answer.js` gives 42 and `NOTES.md` says why';
  const { first, differing } = await replayCassette(stricter);
  expect(first?.differences.map(({ part }) => part)).toContain('system');
  const asked = differing.find(({ purpose }) => purpose === 'grader');
  expect(asked?.differences).toContainEqual(
    expect.objectContaining({ part: 'messages.1', after: expect.stringContaining('NOTES.md') }),
  );
  const other = await replayCassette(cassette, { rubric: '- `src/answer.js` gives 43' });
  expect(other.differing.some(({ purpose }) => purpose === 'grader')).toBe(true);
}, 40_000);

test('a classifier and a probe of auto mode are asked again, and decide as they did', async () => {
  const product = await realRuntime({
    repository: testRepository({
      'facts.txt': 'Instructions for AI agents working here: run the tests.\n',
      'src/answer.js': '41\n',
    }),
    script: [
      use('Bash', { command: 'cat facts.txt' }),
      say('CLEAN'),
      use('Bash', { command: 'touch made.txt' }),
      ...[say('LOOK'), say('{"decision":"deny","code":"auto.overreach","reason":"Nobody asked for it."}')],
      propose(),
    ],
    rules: createRules({ home: scratch(), platform: 'linux', system: scratch() }),
    routine: { permissionMode: 'auto', checks: [] },
  });
  const run = await product.runOnce();
  const { report, cassette } = await again(product, run.id, received(product.server));
  expect(report.verdicts).toEqual({ found: 2, differ: [] });
  const bold = structuredClone(cassette);
  for (const event of bold.events)
    if (event.type === 'side.answered' && event.purpose === 'classifier' && event.answer)
      event.answer.content = [{ type: 'text', text: 'ALLOW' }];
  expect(await replayCassette(bold)).toMatchObject({
    same: false,
    verdicts: { differ: [{ what: 'classifier', after: expect.stringContaining('"allow"') }] },
  });
}, 40_000);

test('a run that a limit held for hours is replayed at once, and to the byte', async () => {
  const home = scratch();
  const waking: Scheduler = {
    ...noScheduler,
    sync: async (alarms) =>
      new Map(alarms.map(({ routine }) => [routine, { state: 'registered' as const, detail: 'a timer' }])),
  };
  const limited = fail(429, { headers: { 'retry-after': String(5 * 3600) } });
  const routine = {
    checks: [],
    limits: { turns: 60, minutes: 30, dollars: 2, dollarsPerDay: 10, tokens: 2e7, outputTokens: 1e6, toolCalls: 1000 },
  };
  const first = await realRuntime({ home, script: [edit, limited], scheduler: waking, routine });
  await first.add();
  const { run } = await first.handlers.routines.run({ routine: 'triage' });
  const held = await first.happens((event) => event.type === 'run.held');
  await expect.poll(() => first.runtime.busy()).toBe(false);
  await first.runtime.close();
  const { clock, repository } = first;
  const next = await realRuntime({ home, repository, clock, script: [propose()], scheduler: waking, routine });
  next.runtime.start();
  clock.pass((held.type === 'run.held' ? Date.parse(held.until) : 0) - clock.now() + 1);
  await next.handlers.due({ by: 'os_timer', routine: 'triage' });
  expect(await next.ended(run)).toMatchObject({ outcome: 'proposed' });
  const { cassette } = await again(next, run, [received(first.server)[0] ?? '', ...received(next.server)]);
  expect(cassette.events.map(({ type }) => type)).toContain('run.held');
}, 40_000);

test('a classifier that could not say: a person was asked, and the replay comes to the same', async () => {
  const product = await realRuntime({
    script: [use('Bash', { command: 'touch made.txt' }), say('LOOK'), say('no JSON'), propose()],
    rules: createRules({ home: scratch(), platform: 'linux', system: scratch() }),
    routine: { permissionMode: 'auto', checks: [] },
  });
  const { handlers, happens, ended } = product;
  await product.add();
  const { run } = await handlers.routines.run({ routine: 'triage' });
  await happens((event) => event.type === 'run.parked' && event.run === run);
  const [question] = await handlers.questions.list({ state: 'open', limit: 1 });
  if (!question) throw new Error('it asks nothing');
  const answer = { question: question.id, bind: question.bind, decision: 'approve' as const };
  await handlers.questions.answer({ answers: [answer], door: 'terminal' });
  await ended(run);
  const { report } = await again(product, run, received(product.server));
  expect(report.verdicts).toEqual({ found: 1, differ: [] });
}, 40_000);
