/** What an answer costs that never came, and how it is asked for again: each try reserved, paid for and in sight. */
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import { createPurse } from '#core/budget/purse.ts';
import { modeJudge } from '#core/permissions/gate.ts';
import type { Clock } from '#core/ports.ts';
import { runSession } from '#core/session/session.ts';
import { openStore } from '#core/store/event-log.ts';
import { createIds } from '#host/clock.ts';
import { createModels } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import { hurriedClock } from '../fakes/manual-clock.ts';
import {
  call,
  cut,
  drop,
  fail,
  hang,
  type Received,
  raw,
  reply,
  type Step,
  startMessagesServer,
  text,
} from '../fakes/messages-server.ts';
import { scratch, silent } from '../fakes/places.ts';
import { recordingHands } from '../fakes/recording-hands.ts';
import { limits, spec } from '../fakes/records.ts';

const model = 'claude-opus-5-5';
/** Millionths of a dollar a token. */
const [inputPrice, outputPrice] = [4, 20];
const day = 86_400_000;
const done = reply([text('Done.')]);
const first = 'run-00000001';

async function setUp(script: Step[], clock: Clock = hurriedClock()) {
  const server = await startMessagesServer(script);
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
  const abort = new AbortController();
  async function begin(run = first, change: Parameters<typeof spec>[0] = {}) {
    store.commit((writer) => {
      writer.append({ type: 'run.queued', run, routine: `routine-${run}`, trigger: { kind: 'person' } });
      writer.append({ type: 'message.added', run, text: 'Do the work.', from: 'routine' });
    });
    return runSession({
      ...{ store, clock, purse, run, hands: recordingHands(), signal: abort.signal, ids: createIds(clock) },
      ...{ judge: modeJudge('acceptEdits'), spec: spec({ whenAsked: 'deny', ...change }) },
      model: await models.resolve(model, run),
    });
  }
  const events = <T extends Event['type']>(type: T) =>
    store.events({ after: 0, limit: 10_000 }).filter((event): event is Extract<Event, { type: T }> => {
      return event.type === type;
    });
  /** A token for each byte, at the price of a write to the cache: no prompt costs more. */
  const atMost = ({ body }: Received) =>
    Buffer.byteLength(JSON.stringify([body.system, body.tools, body.messages])) * inputPrice * 1.25;
  return { server, store, purse, begin, abort, events, atMost, run: () => store.read.run(first) };
}

/** It is sent, and nothing of the answer comes. */
const lostBeforeItBegan: [name: string, step: Step][] = [
  ['the connection ends without a word', drop()],
  ['the connection ends after the status', cut([text('x')], 0)],
  ['a gateway waited in vain', fail(504)],
  ['a gateway lost the answer', fail(502)],
  ['a body that is no answer', raw('<html>')],
];

describe('an answer that is lost before it began', () => {
  test.each(lostBeforeItBegan)('counts with its prompt at the most, and it is said: %s', async (_name, step) => {
    const { begin, run, purse, events, server, atMost } = await setUp([step, done]);
    await begin();
    const [presumed, ...others] = events('cost.presumed');
    expect(others).toEqual([]);
    expect(presumed).toMatchObject({ run: first, purpose: 'session', why: 'no_answer' });
    expect(presumed?.costMicros).toBeGreaterThan(1000);
    // Cache marks are sent too, and are no tokens.
    expect(presumed?.costMicros).toBeLessThanOrEqual(atMost(server.requests[0] as Received));
    expect(run()?.presumedMicros).toBe(presumed?.costMicros);
    expect(run()?.costMicros).toBe((presumed?.costMicros ?? 0) + 10 * inputPrice + 20 * outputPrice);
    expect(purse.today()).toMatchObject({ reserved: 0, spent: run()?.costMicros });
  });

  test('counts when a person stops the run while it is waited for', async () => {
    const { begin, abort, server, events, purse, run } = await setUp([hang()]);
    const going = begin();
    await server.arrived(1);
    abort.abort('stop');
    await expect(going).rejects.toMatchObject({ code: 'run.stopped' });
    expect(events('cost.presumed')).toHaveLength(1);
    expect(run()?.costMicros).toBeGreaterThan(0);
    expect(purse.today()).toMatchObject({ reserved: 0, spent: run()?.costMicros });
  });

  test.each([400, 401, 404, 413, 429, 500, 503, 529])('costs nothing where it was refused: %d', async (status) => {
    const { begin, run, purse } = await setUp(Array(8).fill(fail(status)));
    await expect(begin()).rejects.toMatchObject({ code: expect.stringMatching(/^model\./) });
    expect(run()?.costMicros).toBe(0);
    expect(purse.today()).toMatchObject({ reserved: 0, spent: 0 });
  });

  test('costs nothing where no server was there to be asked', async () => {
    const { begin, run, server } = await setUp([]);
    await server.close();
    await expect(begin()).rejects.toMatchObject({ code: 'model.unreachable' });
    expect(run()?.costMicros).toBe(0);
  });
});

describe('asking again', () => {
  test('waits as long as the server asks, never less, and says so', async () => {
    const clock = hurriedClock();
    const { begin, events } = await setUp([fail(429, { headers: { 'retry-after': '20' } }), done], clock);
    await begin();
    const [again] = events('model.retrying');
    expect(again).toMatchObject({ attempt: 1, status: 429, message: 'scripted 429; it asks to wait 20 s' });
    expect(again?.waitMs).toBeGreaterThanOrEqual(20_000);
    expect(again?.waitMs).toBeLessThanOrEqual(22_000);
    expect(clock.waited).toEqual([again?.waitMs]);
  });

  test('waits longer and longer where the server does not say, and gives up after six', async () => {
    const { begin, events, server } = await setUp(Array(8).fill(fail(529, { headers: {} })));
    await expect(begin()).rejects.toMatchObject({
      code: 'model.overloaded',
      message: expect.stringContaining('7 times'),
    });
    expect(server.requests).toHaveLength(7);
    const waits = events('model.retrying').map(({ waitMs }) => waitMs ?? 0);
    for (const [at, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(750 * 2 ** at);
      expect(wait).toBeLessThanOrEqual(1250 * 2 ** at);
    }
  });

  test('does not wait for a spending cap to lift', async () => {
    const { begin, server, events } = await setUp([
      fail(429, { message: 'Your account has reached its monthly spend limit.', headers: {} }),
    ]);
    await expect(begin()).rejects.toMatchObject({
      code: 'model.rate_limited',
      cure: expect.stringContaining('credit'),
    });
    expect(server.requests).toHaveLength(1);
    expect(events('model.retrying')).toEqual([]);
  });

  test('of runs that failed together comes at different times', async () => {
    const clock = hurriedClock();
    const { begin, events } = await setUp(
      [...Array(4).fill(fail(529, { headers: {} })), ...Array(4).fill(done)],
      clock,
    );
    await Promise.all([1, 2, 3, 4].map((n) => begin(`run-0000000${n}`)));
    expect(new Set(events('model.retrying').map(({ waitMs }) => waitMs)).size).toBe(4);
  });

  test('reserves anew for each try, and holds nothing while it waits', async () => {
    const held: number[] = [];
    const note: Step = () => {
      held.push(set.purse.today().reserved);
      return fail(529);
    };
    const slow = hurriedClock();
    const clock: Clock = {
      now: slow.now,
      after: (ms, fn) => {
        if (ms < 60_000) held.push(set.purse.today().reserved);
        return slow.after(ms, fn);
      },
    };
    const set = await setUp([note, note, done], clock);
    await set.begin();
    expect(held.map((micros) => micros > 0)).toEqual([true, false, true, false]);
    expect(set.events('turn.started').map(({ turn }) => turn)).toEqual([1, 1, 1]);
  });

  test('ends with the run: a stop ends a wait at once', async () => {
    const { begin, abort, events } = await setUp([fail(429, { headers: { 'retry-after': '500' } })]);
    const going = begin();
    await expect.poll(() => events('model.retrying').length).toBe(1);
    abort.abort('stop');
    await expect(going).rejects.toMatchObject({ code: 'run.stopped' });
  });

  test('stops early where each try may be billed', async () => {
    const { begin, server, events } = await setUp(Array(8).fill(drop()));
    await expect(begin()).rejects.toMatchObject({ code: 'model.unreachable' });
    expect(server.requests).toHaveLength(3);
    expect(events('cost.presumed')).toHaveLength(3);
  });
});

describe('a server that does not count', () => {
  const none = { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
  test('is paid what it may have been at most', async () => {
    const { begin, events, purse, run } = await setUp([reply([text('x'.repeat(500))], { usage: none })]);
    await begin();
    const [presumed] = events('cost.presumed');
    expect(presumed).toMatchObject({ why: 'not_counted' });
    expect(presumed?.costMicros).toBeGreaterThan(500 * outputPrice + 1000);
    expect(purse.today().spent).toBe(run()?.costMicros);
  });

  test('cannot exceed the cap of a run', async () => {
    const use = () => reply([call('Bash', { command: 'x'.repeat(4000) })], { usage: none });
    const { begin, run, server } = await setUp(Array.from({ length: 60 }, use));
    expect(await begin(first, { limits: limits({ dollars: 0.5, turns: 500 }) })).toMatchObject({
      code: 'limit.dollars',
    });
    expect(server.requests.length).toBeLessThan(60);
    expect(run()?.costMicros).toBeLessThanOrEqual(500_000);
  });
});

describe('the caps, with failures among the answers [money-reserved]', () => {
  const usage = { input_tokens: 4000 };
  /** As dear as the request allows; every other one fails in one of the ways there are. What was billed is counted here. */
  function failing() {
    let billed = 0;
    let count = 0;
    const input = usage.input_tokens * inputPrice;
    const dear = (request: Received) => {
      billed += input + request.body.max_tokens * outputPrice;
      return reply([call('Bash', { command: 'x'.repeat(2000) })], {
        usage: { ...usage, output_tokens: request.body.max_tokens },
      });
    };
    const ways: ((request: Received) => ReturnType<Extract<Step, (request: Received) => unknown>>)[] = [
      () => fail(529),
      () => {
        billed += input;
        return drop();
      },
      dear,
      () => fail(429),
      () => {
        billed += input + 40 * outputPrice;
        return { ...reply([text('y'.repeat(48))], { usage }), cutAfter: 5 };
      },
      dear,
      () => {
        billed += input;
        return cut([text('x')], 0);
      },
      dear,
      () => {
        billed += input;
        return fail(504, { headers: { 'retry-after-ms': '1' } });
      },
    ];
    const step: Step = (request) => (ways[count++ % ways.length] as (typeof ways)[number])(request);
    return { step, billed: () => billed };
  }

  test('a run with a cap of $0.50 never exceeds it, counted at the server', async () => {
    const { step, billed } = failing();
    const { begin } = await setUp(Array(200).fill(step));
    const end = await begin(first, { limits: limits({ dollars: 0.5, turns: 500 }) });
    expect(end).toMatchObject({ kind: 'limit', code: 'limit.dollars' });
    expect(billed()).toBeGreaterThan(200_000);
    expect(billed()).toBeLessThanOrEqual(500_000);
  });

  test('sixteen runs in parallel never exceed the $2 of a day, counted at the server', async () => {
    const { step, billed } = failing();
    const { begin, purse, store } = await setUp(Array(1000).fill(step));
    purse.setDayCap(2_000_000);
    const runs = Array.from({ length: 16 }, (_, n) => `run-${String(n).padStart(8, '0')}`);
    const ends = await Promise.allSettled(runs.map((run) => begin(run, { limits: limits({ turns: 500 }) })));
    const codes = ends.map((end) => (end.status === 'fulfilled' ? end.value : end.reason).code);
    expect(codes).toContain('limit.day');
    expect(billed()).toBeGreaterThan(1_000_000);
    expect(billed()).toBeLessThanOrEqual(2_000_000);
    expect(store.records.reserved()).toEqual([]);
    expect(purse.today().spent).toBeGreaterThanOrEqual(billed());
  });
});
