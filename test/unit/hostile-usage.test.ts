/** A cap is a cap also against a server that counts more than it was sent, as far as any reserve can hold; counted at the server. */
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { firstRoom } from '#core/budget/first-room.ts';
import { costMicros, ratesOf } from '#core/budget/prices.ts';
import { createPurse } from '#core/budget/purse.ts';
import { modeJudge } from '#core/permissions/gate.ts';
import { runSession } from '#core/session/session.ts';
import { openStore } from '#core/store/event-log.ts';
import { createIds } from '#host/clock.ts';
import { createModels } from '#host/model/models.ts';
import { encodeEvent, messageEvents, type TurnUsage } from '#host/model/wire.ts';
import { resolvePaths } from '#host/paths.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { call, type Received, raw, reply, type Step, startMessagesServer } from '../fakes/messages-server.ts';
import { scratch, silent } from '../fakes/places.ts';
import { recordingHands } from '../fakes/recording-hands.ts';
import { limits, spec } from '../fakes/records.ts';

const model = 'claude-opus-5-5';
const rates = ratesOf(model);
const day = 86_400_000;
const nothing: TurnUsage = {
  input_tokens: 0,
  output_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
};

/** What one answer counts, by the number of its turn from 0 and by how long it may be. */
type Counts = (n: number, longest: number) => Partial<TurnUsage>;

async function setUp(counts: Counts, shape: (usage: TurnUsage) => Step = ordinary) {
  let billed = 0;
  const step: Step = (request: Received) => {
    const usage = { ...nothing, ...counts((request.body.messages.length - 1) / 2, request.body.max_tokens) };
    billed += costMicros(rates, {
      input: usage.input_tokens,
      output: usage.output_tokens,
      cacheRead: usage.cache_read_input_tokens,
      cacheWrite: usage.cache_creation_input_tokens,
    });
    const next = shape(usage);
    return typeof next === 'function' ? next(request) : next;
  };
  const clock = manualClock('2026-11-20T12:00:00.000Z');
  const server = await startMessagesServer(Array(300).fill(step));
  const vault = { get: async () => null, set: async () => {}, delete: async () => {} };
  const env = { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url };
  const models = createModels({ env, paths: resolvePaths({ NIGHTSHIFT_HOME: scratch() }), vault, log: silent });
  const store = openStore(join(scratch(), 'a.db'), clock);
  onTestFinished(async () => {
    store.close();
    await models.close();
    await server.close();
  });
  const purse = createPurse({ store, clock, startOfDay: (at) => at - (at % day) });
  const resolved = await models.resolve(model, 'triage');
  async function begin(number: number, change: Parameters<typeof limits>[0]) {
    const run = `run-${String(number).padStart(8, '0')}`;
    store.commit((writer) => {
      writer.append({ type: 'run.queued', run, routine: `routine-${number}`, trigger: { kind: 'person' } });
      writer.append({ type: 'message.added', run, text: 'Do the work.', from: 'routine' });
    });
    return await runSession({
      ...{ store, clock, purse, run, hands: recordingHands(), signal: new AbortController().signal },
      ...{ ids: createIds(clock), model: resolved, judge: modeJudge('acceptEdits') },
      spec: spec({ whenAsked: 'deny', limits: limits({ turns: 500, ...change }) }),
    });
  }
  return { server, store, purse, begin, billed: () => billed };
}

const content = () => [call('Bash', { command: 'ls' })];
const ordinary = (usage: TurnUsage): Step => reply(content(), { usage });

/** Nothing is counted before the answer is over. */
function onlyAtTheEnd(usage: TurnUsage): Step {
  const turn = { id: 'msg_test', model, content: content(), stopReason: 'tool_use' as const, usage };
  const events = [...messageEvents(turn)].map((event) =>
    event.type === 'message_start' ? { ...event, message: { ...(event.message as object), usage: nothing } } : event,
  );
  return raw(events.map(encodeEvent).join(''));
}

describe('a run with a cap of $0.50 never exceeds it [money-reserved]', () => {
  const servers: [name: string, counts: Counts, shape?: (usage: TurnUsage) => Step][] = [
    ['90,000 tokens of each question', (_, longest) => ({ input_tokens: 90_000, output_tokens: longest })],
    [
      '90,000 tokens written to the cache',
      (_, longest) => ({ cache_creation_input_tokens: 90_000, output_tokens: longest }),
    ],
    [
      'ten times as many with each answer',
      (n) => ({ cache_creation_input_tokens: 1_000 * 10 ** n, output_tokens: 500 }),
    ],
    [
      'ten times as many, with the longest answers',
      (n, longest) => ({ cache_creation_input_tokens: 1_000 * 10 ** n, output_tokens: longest }),
    ],
    ['three times as many with each answer', (n) => ({ input_tokens: 4_000 * 3 ** n, output_tokens: 500 })],
    ['five times the answer that it may give', (_, longest) => ({ input_tokens: 4_000, output_tokens: longest * 5 })],
    ['only at the end', (_, longest) => ({ input_tokens: 80_000, output_tokens: longest }), onlyAtTheEnd],
  ];
  test.each(servers)('where the server counts %s', async (_name, counts, shape) => {
    const { begin, billed, purse, server } = await setUp(counts, shape);
    expect(await begin(1, { dollars: 0.5 })).toMatchObject({ kind: 'limit', code: 'limit.dollars' });
    expect(server.requests.length).toBeGreaterThan(0);
    expect(billed()).toBeLessThanOrEqual(500_000);
    expect(purse.today()).toMatchObject({ reserved: 0, spent: billed() });
  });

  test('what no reserve can hold ends it at once, and is told: more than the cap for the very first question', async () => {
    const { begin, server, store } = await setUp(() => ({ input_tokens: 200_000, output_tokens: 500 }));
    expect(await begin(1, { dollars: 0.5 })).toMatchObject({
      ...{ kind: 'limit', code: 'limit.dollars' },
      message: expect.stringContaining('beyond the cap of $0.5'),
    });
    expect(server.requests).toHaveLength(1);
    // Nothing more of the answer was waited for.
    expect(store.events({ after: 0, limit: 100 }).map(({ type }) => type)).toContain('answer.lost');
  });

  test('or ten times the answer that was allowed', async () => {
    const { begin, server } = await setUp((_, longest) => ({ input_tokens: 4_000, output_tokens: longest * 10 }));
    expect(await begin(1, { dollars: 0.5 })).toMatchObject({ message: expect.stringContaining('beyond the cap') });
    expect(server.requests).toHaveLength(1);
  });
});

describe('sixteen runs in parallel never exceed the $2 of a day [money-reserved]', () => {
  test.each([
    ['90,000 tokens of each question', (_, longest) => ({ input_tokens: 90_000, output_tokens: longest })],
    ['300,000 tokens of each question', () => ({ input_tokens: 300_000, output_tokens: 500 })],
    ['ten times as many with each answer', (n) => ({ cache_creation_input_tokens: 3_000 * 10 ** n })],
  ] satisfies [string, Counts][])('where the server counts %s', async (_name, counts) => {
    const { begin, billed, purse, store } = await setUp(counts);
    purse.setDayCap(2_000_000);
    const ends = await Promise.all(Array.from({ length: 16 }, (_, n) => begin(n, {})));
    expect(ends.every((end) => end.kind === 'limit')).toBe(true);
    expect(billed()).toBeGreaterThan(800_000);
    expect(billed()).toBeLessThanOrEqual(2_000_000);
    expect(store.records.reserved()).toEqual([]);
  });
});

test('what was only kept aside for a question is free again when its host has died', async () => {
  const { purse, store } = await setUp(() => ({}));
  const payer = { run: 'run-00000001', routine: 'triage', runCap: 2_000_000, routineDayCap: 2_000_000 };
  store.commit((writer) => {
    writer.append({ type: 'run.queued', run: payer.run, routine: 'triage', trigger: { kind: 'person' } });
    purse.reserve(writer, payer, 'session', 300_000, 1_700_000);
  });
  expect(purse.today().reserved).toBe(2_000_000);
  purse.recover();
  expect(purse.today()).toEqual({ spent: 300_000, reserved: 0, added: 0 });
});

test('where the cap has the whole context of the model, no more than that is kept', () => {
  const account = (reserved: number) => [{ scope: 'run' as const, cap: 2_000_000, spent: 0, reserved }];
  const haiku = ratesOf('claude-haiku-4-5');
  const room = firstRoom(account(0), haiku, 10_000, 32_000, { seen: 0, known: false, window: 200_000 });
  expect(room).toMatchObject({ kind: 'room', tokens: 32_000, prompt: 12_500 });
  expect(room.kind === 'room' && room.worst + room.aside).toBe(200_000 * 1.25 + 32_000 * 5);
  // What others hold is waited for, and never passed by a shorter answer.
  expect(firstRoom(account(1_700_000), haiku, 10_000, 32_000, { seen: 0, known: false, window: 200_000 })).toEqual({
    kind: 'wait',
  });
});
