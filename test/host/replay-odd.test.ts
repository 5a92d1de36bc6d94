/** Runs in which more happens than questions and answers, exported and played again to the byte: waits, people, refusals, summaries. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import { noneOfMachine } from '#core/instructions/methods.ts';
import type { Verdict } from '#core/permissions/judge.ts';
import type { Rules } from '#core/ports.ts';
import { createRepositories } from '#host/git/repositories.ts';
import { replayCassette } from '#host/replay/replay.ts';
import { exported } from '../fakes/exported.ts';
import { call, fail, type MessagesServer, reply, say, text, thinking, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { realRuntime } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

const edit = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const propose = use('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] });

const received = ({ requests }: MessagesServer) =>
  requests.map(({ body }) => createHash('sha256').update(JSON.stringify(body)).digest('hex'));

type Product = Awaited<ReturnType<typeof realRuntime>>;

/** `servers`: those that were asked, oldest first; `lost`: requests that brought nothing. */
async function sentAgain(product: Product, run: string, servers = [product.server], lost: number[] = []) {
  const { cassette } = await exported(product, run);
  const before = servers.flatMap(received).filter((_, at) => !lost.includes(at));
  expect(cassette.requests.map(({ sha256 }) => sha256)).toEqual(before);
  expect(cassette.departs).toBeNull();
  expect(await replayCassette(cassette)).toMatchObject({ same: true, sent: before.length });
  return cassette;
}

const allowed: Verdict = {
  ...{ decision: 'allow', code: null, why: '', hint: null, rule: null, source: null },
  ...{ segment: null, path: null, approvable: true },
};
const asking: Rules = {
  load: async () => ({
    judge: {
      version: 'v1',
      judge: async (_, input) =>
        /touch/.test(JSON.stringify(input))
          ? { ...allowed, decision: 'ask', code: 'rule.ask', why: 'A rule asks.', rule: 'Bash(touch:*)' }
          : allowed,
    },
    sources: [],
    problems: [],
  }),
};

test('parked on questions: a yes, a no with a note, and a host that was allowed on the way', async () => {
  const product = await realRuntime({
    script: [
      use('Bash', { command: 'touch asked' }),
      use('Bash', { command: 'touch again' }),
      use('RequestApproval', { host: 'example.com', why: 'Need it.' }),
      propose,
    ],
    rules: asking,
  });
  const { handlers, happens, ended } = product;
  await product.add();
  const { run } = await handlers.routines.run({ routine: 'triage' });
  const parked = new Set<string>();
  for (const decision of ['approve', 'deny', 'approve'] as const) {
    await happens((event) => event.type === 'run.parked' && event.run === run && !parked.has(event.question));
    const [question] = await handlers.questions.list({ state: 'open', limit: 10 });
    if (!question) throw new Error('it asks nothing');
    parked.add(question.id);
    const answer = { question: question.id, bind: question.bind, decision, note: 'Because.' };
    await handlers.questions.answer({ answers: [answer], door: 'terminal' });
  }
  await ended(run);
  await sentAgain(product, run);
});

test('loops: set up in the prompt and by a call, fired by time, over a host that went away', async () => {
  const home = scratch();
  const routine = { checks: [], prompt: '/loop 1h Look at the build.' };
  const first = await realRuntime({
    home,
    script: [
      use('CronCreate', { cron: '*/30 * * * *', prompt: 'And at the logs.', recurring: true }),
      say('Nothing yet.'),
    ],
    routine,
  });
  await first.add();
  const { run } = await first.handlers.routines.run({ routine: 'triage' });
  await first.happens((event) => event.type === 'run.waiting');
  await first.runtime.close();
  const next = await realRuntime({
    home,
    repository: first.repository,
    script: [use('CronList', {}), propose],
    routine,
  });
  next.clock.pass(4 * 60 * 60 * 1000);
  next.runtime.start();
  await next.ended(run);
  await sentAgain(next, run, [first.server, next.server]);
});

test('a refusal after which another model goes on, and thinking that the API did not take any more', async () => {
  const product = await realRuntime({
    script: [
      reply([thinking('Hm.'), text('I will.'), call('Bash', { command: 'true' })]),
      fail(400, { message: 'messages.1.content.0: Invalid `signature` in `thinking` block' }),
      reply([text('No.')], { stopReason: 'refusal' }),
      edit,
      propose,
    ],
    routine: { fallbackModel: 'claude-sonnet-5-5' },
  });
  const { id } = await product.runOnce();
  await sentAgain(product, id);
});

test('a conversation that filled its context: summed up, and once more because the API said that it is too long', async () => {
  const full = { input_tokens: 900_000 };
  const product = await realRuntime({
    script: [
      reply([call('Bash', { command: 'true' })], { usage: full }),
      say('What I did: nothing.'),
      edit,
      fail(400, { message: 'prompt is too long: 1000001 tokens > 1000000 maximum' }),
      say('I mended it.\n\nGo on.'),
      propose,
    ],
    routine: { limits: { ...limits, dollars: 1000, dollarsPerDay: 10_000 } },
  });
  product.store.commit(({ records }) => records.setFact('day_cap', '1000000000'));
  const { id } = await product.runOnce();
  const cassette = await sentAgain(product, id);
  expect(cassette.requests.filter(({ purpose }) => purpose === 'compaction')).toHaveLength(2);
});
const limits = {
  turns: 60,
  minutes: 60,
  dollars: 2,
  dollarsPerDay: 10,
  tokens: 2e7,
  outputTokens: 1e6,
  toolCalls: 1000,
};

test('instruction files of the beginning and of a folder that was touched; changed since, the replay shows it', async () => {
  const files = {
    'CLAUDE.md': 'Be brief.\n',
    'src/answer.js': 'export const answer = 41;\n',
    'src/CLAUDE.md': 'No tabs.\n',
  };
  const repository = testRepository(files);
  const product = await realRuntime({ repository, script: [edit, propose], routine: { checks: [] } });
  const { id } = await product.runOnce();
  const cassette = await sentAgain(product, id);
  const now = { path: repository.root, repositories: createRepositories({ env: process.env }), machine: noneOfMachine };
  expect((await replayCassette(cassette, { repository: now })).same).toBe(true);
  repository.commit({ 'src/CLAUDE.md': 'Tabs, please.\n' });
  expect((await replayCassette(cassette, { repository: now })).first).toMatchObject({
    request: 2,
    differences: [
      {
        part: 'messages.5',
        before: expect.stringContaining('No tabs'),
        after: expect.stringContaining('Tabs, please'),
      },
    ],
  });
});

test('a run that its limit of turns cut short', async () => {
  const product = await realRuntime({
    script: [use('Bash', { command: 'true' }), edit],
    routine: { limits: { ...limits, turns: 2 } },
  });
  const { id, reason } = await product.runOnce();
  expect(reason?.code).toBe('limit.turns');
  await sentAgain(product, id);
});

test('a run that is going on, that nobody knows, or in which no model answered, is no cassette', async () => {
  const product = await realRuntime({ script: [fail(400, { message: 'no' })] });
  await expect(exported(product, 'run-00000000')).rejects.toMatchObject({ code: 'not_found', field: 'run' });
  const { id } = await product.runOnce();
  await expect(exported(product, id)).rejects.toMatchObject({ code: 'conflict', cure: expect.any(String) });
  product.server.push({ kind: 'hang' });
  const { run } = await product.handlers.routines.run({ routine: 'triage' });
  await expect(exported(product, run)).rejects.toMatchObject({
    code: 'conflict',
    cure: expect.stringContaining('stop'),
  });
  await product.handlers.runs.stop({ run });
  await product.happens((event: Event) => event.type === 'run.ended' && event.run === run);
});

test('a trial run, and a call that a tool of now would not take any more', async () => {
  const product = await realRuntime({
    script: [use('Bash', { command: 'npm publish' }), edit, propose],
    routine: { network: ['example.com'], checks: [] },
  });
  await product.add();
  await product.handlers.routines.rehearse({ routine: 'triage' });
  product.clock.pass(6000);
  await product.handlers.due({ by: 'os_timer', routine: 'triage' });
  const { run } = await product.handlers.routines.trial({ routine: 'triage' });
  await product.ended(run ?? '');
  const cassette = await sentAgain(product, run ?? '');
  expect(JSON.stringify(cassette.requests[1])).toContain('Recorded, not done');
  const older = structuredClone(cassette);
  for (const event of older.events) {
    if (event.type !== 'message.finished') continue;
    for (const block of event.content)
      if (block.name === 'Edit') block.input = { file_path: 'src/answer.js', text: '42' };
  }
  const { first } = await replayCassette(older);
  expect(first).toMatchObject({ request: 3, turn: 3 });
  expect(first?.differences.at(-1)).toMatchObject({
    ...{ part: 'messages.5', before: expect.stringContaining('Changed one place') },
    after: expect.stringContaining('The input of Edit is not valid'),
  });
});

test('a goal: its judge answers from the tape, and comes to the same verdicts', async () => {
  const ended = () => use('Propose', { title: 'Done', explanation: 'I think so.', not_done: ['Nothing else.'] });
  const judge = (verdict: string, quote = '') => say(JSON.stringify({ verdict, quote, reason: 'As seen.' }));
  const prove = use('Bash', { command: 'node answer.test.js' });
  const product = await realRuntime({
    script: [ended(), judge('not_yet'), edit, prove, ended(), judge('met', 'right answer')],
    routine: { goal: 'The answer is 42.' },
  });
  const { id, outcome } = await product.runOnce();
  expect(outcome).toBe('proposed');
  const cassette = await sentAgain(product, id);
  expect(cassette.requests.filter(({ purpose }) => purpose === 'judge')).toHaveLength(2);
  expect((await replayCassette(cassette)).verdicts).toEqual({ found: 2, differ: [] });
  const lenient = structuredClone(cassette);
  for (const event of lenient.events)
    if (event.type === 'goal.judged' && event.verdict === 'not_yet') event.verdict = 'met';
  expect(await replayCassette(lenient)).toMatchObject({
    ...{ same: false, first: null },
    verdicts: {
      found: 2,
      differ: [{ what: 'goal', before: expect.stringContaining('"met"'), after: expect.stringContaining('not_yet') }],
    },
  });
}, 40_000);

test('a goal that was judged impossible, until a person said to go on', async () => {
  const propose = () => use('Propose', { title: 'Done', explanation: 'I think so.', not_done: ['Nothing else.'] });
  const judge = (verdict: string, quote = '') => say(JSON.stringify({ verdict, quote, reason: 'As seen.' }));
  const product = await realRuntime({
    script: [
      ...[use('Bash', { command: 'echo ENOENT' }), propose(), judge('impossible', 'ENOENT')],
      ...[edit, propose(), judge('met', '+export const answer = 42;')],
    ],
    routine: { goal: 'The answer is 42.', checks: [] },
  });
  const { handlers, happens, ended, server } = product;
  await product.add();
  const { run } = await handlers.routines.run({ routine: 'triage' });
  await happens((event) => event.type === 'run.parked' && event.run === run);
  const [question] = await handlers.questions.list({ state: 'open', limit: 10 });
  if (!question) throw new Error('it asks nothing');
  const answer = { question: question.id, bind: question.bind, decision: 'approve' as const, note: 'Go on.' };
  await handlers.questions.answer({ answers: [answer], door: 'terminal' });
  await ended(run);
  const cassette = await sentAgain(product, run, [server]);
  expect((await replayCassette(cassette)).verdicts).toEqual({ found: 2, differ: [] });
}, 30_000);

test('a run that waited for a limit, its own and one that its judge met', async () => {
  const propose = () => use('Propose', { title: 'Done', explanation: 'I think so.', not_done: ['Nothing else.'] });
  const judge = (verdict: string, quote = '') => say(JSON.stringify({ verdict, quote, reason: 'As seen.' }));
  const limited = fail(429, { headers: { 'retry-after': '7200' } });
  const product = await realRuntime({
    script: [
      ...[edit, limited, propose(), limited, judge('not_yet'), propose()],
      ...[limited, judge('met', '+export const answer = 42;')],
    ],
    routine: { goal: 'The answer is 42.', checks: [] },
  });
  const { handlers, happens, ended, server, clock } = product;
  await product.add();
  const { run } = await handlers.routines.run({ routine: 'triage' });
  for (const wait of [1, 2, 3]) {
    const held = await happens((event) => event.type === 'run.held' && event.wait === wait);
    await expect.poll(() => product.runtime.busy()).toBe(false);
    clock.pass(Date.parse((held as { until: string }).until) - clock.now() + 1);
    await handlers.due({ by: 'os_timer', routine: 'triage' });
  }
  expect(await ended(run)).toMatchObject({ outcome: 'proposed', goal: { verdict: 'met' } });
  // The three that met the limit brought nothing: the agent's own and the first of each judgement.
  await sentAgain(product, run, [server], [1, 3, 6]);
}, 40_000);
