/** The report on the prompt cache: how much came from it, and why an answer read nothing of what was there. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { expect, test } from 'vitest';
import { createNarrator } from '#cli/print/narrate.ts';
import { createPaint } from '#cli/print/paint.ts';
import { cacheMissWords, cacheShare } from '#contract/cache.ts';
import { cacheMiss, keptForAnHour } from '#core/session/cache.ts';
import { createHistory } from '#core/session/history.ts';
import { streamMessage } from '#host/model/anthropic.ts';
import { emptyTranscript, extendTranscript } from '#state/transcript.ts';
import { call, reply, startMessagesServer, text } from '../fakes/messages-server.ts';
import { shiftedClock } from '../fakes/real-runtime.ts';
import { stagedRun, stageSession } from '../fakes/staged-session.ts';

const writes = (tokens: number) => ({ input_tokens: 10, cache_creation_input_tokens: tokens });
const reads = (tokens: number) => ({
  input_tokens: 10,
  cache_read_input_tokens: tokens,
  cache_creation_input_tokens: 50,
});
const work = (usage: object) => reply([call('Bash', { command: 'ls' })], { usage });

test('the share is of all tokens of the prompts', () => {
  expect(cacheShare({ input: 10, output: 999, cacheRead: 969, cacheWrite: 21 })).toBe(96);
  expect(cacheShare({ input: 0, output: 5, cacheRead: 0, cacheWrite: 0 })).toBeNull();
});

test('an answer that reads nothing after a long prompt was written is marked; a short one and a hit are not', async () => {
  const { go, only } = await stageSession([
    ...[work(writes(9000)), work(reads(9000)), work(writes(9000)), reply([text('Done.')], { usage: reads(9000) })],
  ]);
  await go();
  expect(only('message.finished').map(({ cacheMiss }) => cacheMiss)).toEqual([
    undefined,
    undefined,
    'unavailable',
    undefined,
  ]);
  const short = await stageSession([work(writes(900)), reply([text('Done.')], { usage: writes(900) })]);
  await short.go();
  expect(short.only('message.finished').map(({ cacheMiss }) => cacheMiss)).toEqual([undefined, undefined]);

  const marked = only('message.finished')[2] as never;
  expect(createNarrator(createPaint({}, {}))(marked)[0]).toContain('Nothing came from the cache');
  expect(extendTranscript(emptyTranscript, [marked]).rows[0]).toMatchObject({ kind: 'note' });
});

test('after more than five minutes it had expired; what the API says counts first', () => {
  const { history, apply } = createHistory();
  const usage = { input: 10, output: 1, cacheRead: 0, cacheWrite: 9000 };
  const at = '2026-11-20T03:00:00.000Z';
  const answer = { run: stagedRun, seq: 1, turn: 1, content: [], stopReason: 'tool_use', usage, costMicros: 1 };
  apply({ type: 'message.finished', at, ...answer });
  const message = (reason?: string) =>
    ({
      usage: writes(9000),
      diagnostics: reason ? { cache_miss_reason: { type: reason } } : null,
    }) as unknown as Message;
  const minutes = (count: number) => Date.parse(at) + count * 60_000;
  expect(cacheMiss(history, message(), minutes(6))).toBe('expired');
  expect(cacheMiss(history, message(), minutes(4))).toBe('unavailable');
  expect(cacheMiss(history, message('unavailable'), minutes(6))).toBe('expired');
  expect(cacheMiss(history, message('tools_changed'), minutes(6))).toBe('tools_changed');
  expect(cacheMissWords('tools_changed')).toBe('the tools had changed');
  expect(cacheMissWords('new_reason')).toBe('the API does not say why');
});

test('the vendor’s own address is asked for the reason by the id of the answer before; any other is not', async () => {
  const server = await startMessagesServer([reply([text('a')]), reply([text('b')])]);
  const access = { key: 'k', baseUrl: server.url, model: 'claude-opus-5-5', maxRetries: 0 };
  const request = { system: '', tools: [], messages: [], maxTokens: 9, effort: 'low', previous: 'msg_1' } as const;
  for (const diagnose of [true, false])
    for await (const chunk of streamMessage(
      { ...access, diagnose },
      { ...request, tools: [], messages: [] },
      AbortSignal.timeout(9000),
    ))
      void chunk;
  await server.close();
  expect(server.requests.map(({ body }) => body.diagnostics)).toEqual([{ previous_message_id: 'msg_1' }, undefined]);
});

const start = Date.parse('2026-11-20T03:00:00.000Z');
const usage = { input: 10, output: 1, cacheRead: 0, cacheWrite: 9000 };

/** A history of answers at these minutes; the last event is at `now`. */
function answeredAt(minutes: readonly number[], now: number) {
  const { history, apply } = createHistory();
  const place = (minute: number) => ({ run: stagedRun, seq: 1, at: new Date(start + minute * 60_000).toISOString() });
  for (const [index, minute] of minutes.entries()) {
    const turn = index + 1;
    apply({ type: 'turn.started', ...place(minute), turn });
    apply({
      ...{
        type: 'message.finished',
        ...place(minute),
        turn,
        content: [],
        stopReason: 'tool_use',
        usage,
        costMicros: 1,
      },
    });
  }
  apply({ type: 'run.resumed', ...place(now), why: 'answered' });
  return { history, apply, place };
}

test('an hour is paid for where turns are minutes apart, and not where they are quick, or where an hour is too short', () => {
  expect(keptForAnHour(answeredAt([0, 1, 2], 4).history)).toBe(false);
  expect(keptForAnHour(answeredAt([0, 1, 2], 20).history)).toBe(true);
  expect(keptForAnHour(answeredAt([0, 1, 2], 90).history)).toBe(false);
  // Whoever was slow once is expected to be again, for a while.
  expect(keptForAnHour(answeredAt([0, 20, 21, 22], 23).history)).toBe(true);
  expect(keptForAnHour(answeredAt([0, 20, ...Array.from({ length: 12 }, (_, at) => 21 + at)], 34).history)).toBe(false);
});

test('a loop says beforehand how far apart its turns are', () => {
  const { history, apply, place } = answeredAt([0], 1);
  const loop = { loop: 'loop-00000001', reason: 'wait', prompt: 'Look again.', fallback: false };
  apply({ type: 'loop.scheduled', ...place(1), ...loop, dueAt: place(3).at });
  expect(keptForAnHour(history)).toBe(false);
  apply({ type: 'loop.scheduled', ...place(1), ...loop, dueAt: place(31).at });
  expect(keptForAnHour(history)).toBe(true);
});

test('what was kept for an hour has expired after one', () => {
  const { history } = answeredAt([0, 20, 21], 22);
  const message = { usage: writes(9000), diagnostics: null } as unknown as Message;
  expect(cacheMiss(history, message, start + 40 * 60_000)).toBe('unavailable');
  expect(cacheMiss(history, message, start + 90 * 60_000)).toBe('expired_hour');
  expect(cacheMissWords('expired_hour')).toBe('more than an hour had gone by');
});

test('a person’s late words go out with marks for an hour, and are paid as the address counts them', async () => {
  const hour = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 1000 };
  const clock = shiftedClock();
  const late = reply([text('So.')], { usage: { cache_creation_input_tokens: 1000, cache_creation: hour } });
  const { go, add, only, server, store } = await stageSession([reply([text('Which?')]), late], { clock });
  await go();
  clock.pass(20 * 60_000);
  add({ type: 'message.added', run: stagedRun, text: 'That one.', from: 'person' });
  await go();
  const ttls = server.requests.map(({ body }) => JSON.stringify(body).match(/"ttl":"1h"/g)?.length ?? 0);
  expect(ttls).toEqual([0, 4]);
  // Twice the price of the prompt for what is kept for an hour: 10 + 2 * 1000 tokens at $4, 20 at $20.
  expect(only('message.finished')[1]).toMatchObject({
    usage: { cacheWrite: 1000, cacheWriteHour: 1000 },
    costMicros: (10 + 2 * 1000) * 4 + 20 * 20,
  });
  expect(store.read.run(stagedRun)?.usage.cacheWriteHour).toBe(1000);
});
