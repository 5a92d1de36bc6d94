/** The report on the prompt cache: how much came from it, and why an answer read nothing of what was there. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { expect, test } from 'vitest';
import { createNarrator } from '#cli/print/narrate.ts';
import { createPaint } from '#cli/print/paint.ts';
import { cacheMissWords, cacheShare } from '#contract/cache.ts';
import { cacheMiss } from '#core/session/cache.ts';
import { createHistory } from '#core/session/history.ts';
import { streamMessage } from '#host/model/anthropic.ts';
import { emptyTranscript, extendTranscript } from '#state/transcript.ts';
import { call, reply, startMessagesServer, text } from '../fakes/messages-server.ts';
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
