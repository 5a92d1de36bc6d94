/** A cap is a cap: every call is reserved at its worst, in every account that it must fit, whoever else calls at the same time. */
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { costMicros, ratesOf } from '#core/budget/prices.ts';
import { createPurse } from '#core/budget/purse.ts';
import { roomIn } from '#core/budget/worst.ts';
import { createGrants } from '#core/grants/grants.ts';
import { modeJudge } from '#core/permissions/gate.ts';
import { createQuestions } from '#core/questions/questions.ts';
import { openRoutines } from '#core/routines/routines.ts';
import { runSession } from '#core/session/session.ts';
import { openStore } from '#core/store/event-log.ts';
import { createIds } from '#host/clock.ts';
import { createModels } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { call, hang, reply, type Step, startMessagesServer, text } from '../fakes/messages-server.ts';
import { scratch, silent } from '../fakes/places.ts';
import { recordingHands } from '../fakes/recording-hands.ts';
import { limits, spec } from '../fakes/records.ts';

const model = 'claude-opus-5-5';
const rates = ratesOf(model);
const day = 86_400_000;

/** As dear as the request allows, and never done. */
const dear: Step = (request) =>
  reply([call('Bash', { command: 'x'.repeat(2000) })], {
    usage: { input_tokens: 4000, output_tokens: request.body.max_tokens },
  });

async function setUp(script: Step[], file = join(scratch(), 'a.db')) {
  const clock = manualClock('2026-11-20T12:00:00.000Z');
  const server = await startMessagesServer(script);
  const vault = { get: async () => null, set: async () => {}, delete: async () => {} };
  const env = { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url };
  const models = createModels({ env, paths: resolvePaths({ NIGHTSHIFT_HOME: scratch() }), vault, log: silent });
  const store = openStore(file, clock);
  onTestFinished(async () => {
    store.close();
    await models.close();
    await server.close();
  });
  const purse = createPurse({ store, clock, startOfDay: (at) => at - (at % day) });
  const grants = createGrants({ store, clock, ids: createIds(clock), routines: openRoutines(scratch()) });
  const questions = createQuestions({ store, clock, purse, grants, wake: () => {} });
  const abort = new AbortController();
  async function begin(run: string, routine: string, change: Parameters<typeof spec>[0] = {}) {
    if (!store.read.run(run))
      store.commit((writer) => {
        writer.append({ type: 'run.queued', run, routine, trigger: { kind: 'person' } });
        writer.append({ type: 'message.added', run, text: 'Do the work.', from: 'routine' });
      });
    return await runSession({
      ...{ store, clock, purse, run, hands: recordingHands(), signal: abort.signal, ids: createIds(clock) },
      ...{ judge: modeJudge('acceptEdits'), spec: spec({ whenAsked: 'deny', ...change }) },
      model: await models.resolve(model, routine),
    });
  }
  /** What the server was paid, in millionths of a dollar. */
  const billed = () =>
    server.requests.reduce((sum, { body }) => sum + costMicros(rates, { ...usage, output: body.max_tokens }), 0);
  return { clock, server, store, purse, questions, begin, billed, file, abort };
}
const usage = { input: 4000, output: 0, cacheRead: 0, cacheWrite: 0 };
const run = (n: number) => `run-${String(n).padStart(8, '0')}`;

describe('the caps [money-reserved]', () => {
  test('a run with a cap of $0.50 never exceeds it, counted at the server', async () => {
    const { begin, billed } = await setUp(Array(50).fill(dear));
    const end = await begin(run(1), 'triage', { limits: limits({ dollars: 0.5, turns: 500 }) });
    expect(end).toMatchObject({ kind: 'limit', code: 'limit.dollars' });
    expect(billed()).toBeGreaterThan(300_000);
    expect(billed()).toBeLessThanOrEqual(500_000);
  });

  test('also where the server counts more tokens in the first question than it has bytes', async () => {
    const odd: Step = (request) =>
      reply([call('Bash', { command: 'ls' })], {
        usage: { input_tokens: 20_000, output_tokens: request.body.max_tokens },
      });
    const { begin, server, purse } = await setUp(Array(50).fill(odd));
    const end = await begin(run(1), 'triage', { limits: limits({ dollars: 0.5, turns: 500 }) });
    expect(end).toMatchObject({ kind: 'limit', code: 'limit.dollars' });
    expect(server.requests.length).toBeGreaterThan(0);
    expect(purse.today().spent).toBeLessThanOrEqual(500_000);
  });

  test('sixteen runs in parallel never exceed the $2 of a day, counted at the server', async () => {
    const { begin, billed, purse, store } = await setUp(Array(300).fill(dear));
    purse.setDayCap(2_000_000);
    const all = Array.from({ length: 16 }, (_, n) => begin(run(n), `routine-${n}`, { limits: limits({ turns: 500 }) }));
    const ends = await Promise.all(all);
    expect(new Set(ends.map((end) => end.kind === 'limit' && end.code))).toEqual(new Set(['limit.day']));
    expect(billed()).toBeGreaterThan(1_500_000);
    expect(billed()).toBeLessThanOrEqual(2_000_000);
    expect(store.records.reserved()).toEqual([]);
    expect(purse.today().spent).toBe(billed());
  });

  test('a routine has a day of its own, and the next one begins at midnight', async () => {
    const { begin, purse, clock } = await setUp(Array(100).fill(dear));
    const change = { limits: limits({ turns: 500, dollarsPerDay: 0.3 }) };
    expect(await begin(run(1), 'triage', change)).toMatchObject({ code: 'limit.day' });
    const first = purse.today('triage').spent;
    expect(first).toBeLessThanOrEqual(300_000);
    clock.advance(day / 2);
    expect(purse.today('triage').spent).toBe(0);
    expect(await begin(run(2), 'triage', change)).toMatchObject({ code: 'limit.day' });
    expect(purse.today('triage').spent).toBeGreaterThan(0);
  });
});

describe('at a cap, a person is asked', () => {
  test('and a yes lets the same run spend so much more, once', async () => {
    const { begin, questions, store, billed } = await setUp(Array(100).fill(dear));
    const change = { whenAsked: 'park' as const, limits: limits({ dollars: 0.5, turns: 500 }) };
    expect(await begin(run(1), 'triage', change)).toMatchObject({ kind: 'parked' });
    const [asked] = questions.list({ state: 'open', limit: 10 });
    expect(asked?.action).toMatchObject({ kind: 'budget', scope: 'run', capMicros: 500_000, addMicros: 500_000 });
    const before = billed();
    questions.answer([{ question: asked?.id ?? '', bind: asked?.bind ?? '', decision: 'approve' }], 'terminal');
    expect(store.read.run(run(1))?.parkedOn).toBeNull();
    expect(await begin(run(1), 'triage', change)).toMatchObject({ kind: 'parked' });
    expect(billed()).toBeGreaterThan(before);
    expect(billed()).toBeLessThanOrEqual(1_000_000);
  });

  test('a yes to a day holds for that day', async () => {
    const { begin, questions, purse, clock } = await setUp(Array(100).fill(dear));
    purse.setDayCap(200_000);
    expect(await begin(run(1), 'triage', { whenAsked: 'park' })).toMatchObject({ kind: 'parked' });
    const [asked] = questions.list({ state: 'open', limit: 10 });
    expect(asked).toMatchObject({ code: 'limit.day', action: { scope: 'all_day', addMicros: 2_000_000 } });
    questions.answer([{ question: asked?.id ?? '', bind: asked?.bind ?? '', decision: 'approve' }], 'browser');
    expect(purse.today().added).toBe(2_000_000);
    clock.advance(day);
    expect(purse.today().added).toBe(0);
  });
});

test('what a dead host had reserved counts as spent, in the run and in the day', async () => {
  const { begin, server, file, abort, clock } = await setUp([hang()]);
  const going = begin(run(1), 'triage').catch(() => {});
  await server.arrived(1);
  // Another host opens the same data, as after a kill in the middle of the call.
  const next = openStore(file, clock);
  onTestFinished(() => next.close());
  const purse = createPurse({ store: next, clock, startOfDay: (at) => at - (at % day) });
  const [held] = next.records.reserved();
  expect(held?.micros).toBeGreaterThan(400_000);
  purse.recover();
  expect(next.read.run(run(1))?.costMicros).toBe(held?.micros);
  expect(purse.today()).toEqual({ spent: held?.micros, reserved: 0, added: 0 });
  abort.abort();
  await going;
});

test('after a power cut a run that has no reservation counts one more request, as dear as its dearest', async () => {
  const answers = [1000, 9000, 2000].map((input_tokens) =>
    reply([call('Bash', { command: 'ls' })], { usage: { input_tokens, output_tokens: 10 } }),
  );
  const { begin, file, clock } = await setUp([...answers, reply([text('Done.')])]);
  await begin(run(1), 'triage');
  const next = openStore(file, clock);
  onTestFinished(() => next.close());
  const purse = createPurse({ store: next, clock, startOfDay: (at) => at - (at % day) });
  const before = next.read.run(run(1))?.costMicros as number;
  const dearest = Math.max(
    ...next
      .events({ after: 0, run: run(1), limit: 1000 })
      .map((event) => (event.type === 'message.finished' ? event.costMicros : 0)),
  );
  purse.recover();
  expect(next.read.run(run(1))?.costMicros).toBe(before);
  purse.recover([run(1)]);
  expect(next.read.run(run(1))?.costMicros).toBe(before + dearest);
  expect(purse.today().spent).toBe(before + dearest);
  const [presumed] = next.events({ after: 0, run: run(1), limit: 1000 }).slice(-1);
  expect(presumed).toMatchObject({ type: 'cost.presumed', purpose: 'session', costMicros: dearest });
});

test('tokens, output and tool calls have caps of their own', async () => {
  const cases = [
    [{ tokens: 6000 }, 'limit.tokens'],
    [{ outputTokens: 3000 }, 'limit.output'],
    [{ toolCalls: 2 }, 'limit.tool_calls'],
  ] as const;
  for (const [few, code] of cases) {
    const { begin, server } = await setUp(
      Array(5).fill(reply([call('Bash', { command: 'ls' })], { usage: { input_tokens: 2000, output_tokens: 1500 } })),
    );
    expect(await begin(run(1), 'triage', { limits: limits(few) })).toMatchObject({ kind: 'limit', code });
    expect(server.requests.length).toBe(2);
  }
});

test('a call that only the reserves of others keep out waits for them, one that is too dear does not', () => {
  const accounts = (spent: number, reserved: number) => [
    { scope: 'all_day' as const, cap: 1_000_000, spent, reserved },
  ];
  expect(roomIn(accounts(0, 990_000), rates, 1000, 32_000)).toEqual({ kind: 'wait' });
  expect(roomIn(accounts(990_000, 0), rates, 1000, 32_000)).toMatchObject({ kind: 'none', scope: 'all_day' });
  expect(roomIn(accounts(0, 0), rates, 1000, 32_000)).toEqual({
    kind: 'room',
    tokens: 32_000,
    worst: 645_000,
    prompt: 5000,
    aside: 0,
  });
});
