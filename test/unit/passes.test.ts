/** Passes of one answer: each at its own model's price, an unknown price said, and what an address adds foreseen. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { describe, expect, test } from 'vitest';
import { priced, usageIn } from '#core/budget/passes.ts';
import { priceNotice, ratesOf } from '#core/budget/prices.ts';
import { raw, reply, say, text } from '../fakes/messages-server.ts';
import { stageSession } from '../fakes/staged-session.ts';

const own = 'claude-sonnet-5-5';
const others = (id: string) => {
  const notice = priceNotice(id);
  return { rates: ratesOf(id), ...(notice ? { priceNotice: notice } : {}) };
};
const paying = { id: own, rates: ratesOf(own), others };
const answer = (usage: object, content: object[] = []) => ({ usage, content }) as unknown as Message;
const pass = (type: string, input: number, output: number, more: object = {}) => ({
  ...{ type, input_tokens: input, output_tokens: output, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
  ...more,
});

describe('what an answer costs', () => {
  test('that took one pass of the model that was asked: as ever, and no passes are told', () => {
    expect(priced(paying, answer({ input_tokens: 100, output_tokens: 10 }))).toEqual({
      ...{ micros: 300, passes: [], notices: [] },
    });
    const spelled = { input_tokens: 100, output_tokens: 10, iterations: [pass('message', 100, 10)] };
    expect(priced(paying, answer(spelled))).toMatchObject({ micros: 300, passes: [] });
  });

  test('each pass costs what its own model does, however its id is spelled', () => {
    const usage = {
      ...{ input_tokens: 100, output_tokens: 10 },
      iterations: [
        pass('message', 100, 10, { model: 'anthropic/claude-sonnet-5.5' }),
        pass('advisor_message', 1000, 100, { model: 'claude-opus-4-8' }),
      ],
    };
    const { micros, passes, notices } = priced(paying, answer(usage));
    expect(passes.map(({ costMicros }) => costMicros)).toEqual([300, 7500]);
    expect([micros, notices]).toEqual([7800, []]);
  });

  test('what the answer counts and no pass has is of the model that was asked', () => {
    const usage = {
      ...{ input_tokens: 500, output_tokens: 10, server_tool_use: { web_search_requests: 1 } },
      iterations: [pass('advisor_message', 200, 0, { model: 'claude-opus-4-8' })],
    };
    const { micros, passes } = priced(paying, answer(usage));
    expect(passes).toMatchObject([
      { model: own, usage: { input: 300, output: 10, searches: 1 } },
      { model: 'claude-opus-4-8', usage: { input: 200, output: 0 } },
    ]);
    expect(micros).toBe(300 * 2 + 10 * 10 + 10_000 + 200 * 5);
  });

  test('a model whose price nobody knows costs the dearest, and that is said; so does an advisor without a name', () => {
    const iterations = [pass('fallback_message', 100, 0, { model: 'who-knows' }), pass('advisor_message', 10, 0)];
    const { micros, notices } = priced(paying, answer({ input_tokens: 100, iterations }));
    expect(micros).toBe(110 * 15);
    expect(notices).toEqual([
      expect.stringContaining('"who-knows"'),
      expect.stringContaining('"an advisor without a name"'),
    ]);
  });

  test('a fallback that does not name its model is the one that the content names', () => {
    const block = { type: 'fallback', from: { model: own }, to: { model: 'claude-fable-5' } };
    const iterations = [pass('message', 100, 10), pass('fallback_message', 100, 10)];
    expect(priced(paying, answer({ iterations }, [block])).passes).toMatchObject([
      { model: own, costMicros: 300 },
      { model: 'claude-fable-5', costMicros: 1500 },
    ]);
  });

  test('what a pass keeps for an hour is paid as that, also where the whole answer does not say it', () => {
    const kept = { cache_creation_input_tokens: 1000, cache_creation: { ephemeral_1h_input_tokens: 1000 } };
    const usage = { input_tokens: 5, iterations: [pass('compaction', 5, 0, kept), pass('message', 5, 0)] };
    expect(usageIn(usage)).toMatchObject({ input: 10, cacheWrite: 1000, cacheWriteHour: 1000 });
    expect(priced(paying, answer(usage)).micros).toBe(1000 * 4 + 10 * 2);
  });

  test('nonsense counts nothing', () => {
    const iterations = [null, 7, { type: 'message', input_tokens: -5, output_tokens: Number.NaN, model: 3 }];
    expect(priced(paying, answer({ input_tokens: 1, iterations }))).toMatchObject({ micros: 2, notices: [] });
    const flood = Array(5000).fill(pass('message', 1e300, 1e300, { model: 'm'.repeat(10_000) }));
    const { micros, passes } = priced(paying, answer({ input_tokens: 1e300, iterations: flood }));
    expect(Number.isSafeInteger(micros)).toBe(true);
    expect([passes.length, passes[0]?.model.length]).toEqual([1000, 200]);
    const searched = { input_tokens: 1, server_tool_use: { web_search_requests: 1e300 } };
    expect(Number.isSafeInteger(priced(paying, answer(searched)).micros)).toBe(true);
    expect(usageIn({ iterations: 'x' })).toEqual({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 });
  });
});

test('a session whose address lets an unknown model answer says so once, and counts it as the dearest', async () => {
  const delta = { type: 'message_delta', delta: { stop_reason: 'max_tokens', stop_sequence: null } };
  const iterations = [pass('fallback_message', 100, 10, { model: 'who-knows' })];
  const unknown = [
    { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: own, content: [] } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Half.' } },
    { type: 'content_block_stop', index: 0 },
    { ...delta, usage: { input_tokens: 100, output_tokens: 10, iterations } },
    { type: 'message_stop' },
  ];
  const body = unknown.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
  const { go, only } = await stageSession([raw(body), raw(body), say('Done.')], { model: own });
  expect(await go()).toMatchObject({ kind: 'finished' });
  expect(only('message.finished').map(({ costMicros }) => costMicros)).toEqual([2250, 2250, 10 * 2 + 20 * 10]);
  expect(only('alert.raised')).toMatchObject([{ text: expect.stringContaining('nightshift model price who-knows') }]);
});

test('after an answer in which an advisor was asked, so much more is kept back', async () => {
  const kept: number[] = [];
  const block = { type: 'text', text: 'Half.' };
  const [model, advised] = ['claude-opus-4-1', { iterations: [] as object[] }];
  const script = (iterations: object[]) => {
    const event = (fields: { type: string; [field: string]: unknown }) =>
      `event: ${fields.type}\ndata: ${JSON.stringify(fields)}\n\n`;
    const head = { id: 'msg_1', type: 'message', role: 'assistant', model: own, content: [block] };
    return raw(
      event({ type: 'message_start', message: head }) +
        event({
          ...{ type: 'message_delta', delta: { stop_reason: 'max_tokens' } },
          usage: { input_tokens: 9000, output_tokens: 10, ...(iterations.length > 0 ? { iterations } : {}) },
        }) +
        event({ type: 'message_stop' }),
    );
  };
  const sum = async (iterations: object[]) => {
    const stage = await stageSession(
      [
        script(iterations),
        () => {
          kept.push(stage.store.records.reservedMicros({}));
          return reply([text('Done.')]);
        },
      ],
      { model: own },
    );
    await stage.go();
  };
  await sum(advised.iterations);
  await sum([pass('message', 9000, 10), pass('advisor_message', 1000, 1000, { model })]);
  // What that model had of the answer before: a thousand tokens each way.
  expect((kept[1] as number) - (kept[0] as number)).toBe(90_000);
});
