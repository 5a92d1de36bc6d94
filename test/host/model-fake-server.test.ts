/** The scripted server is a Messages API as far as the real SDK can tell. */
import Anthropic from '@anthropic-ai/sdk';
import { afterEach, expect, test } from 'vitest';
import {
  call,
  cut,
  fail,
  hang,
  type MessagesServer,
  raw,
  reply,
  startMessagesServer,
  text,
  thinking,
} from '../fakes/messages-server.ts';

let api: MessagesServer | undefined;
afterEach(() => api?.close());

async function ask(signal?: AbortSignal) {
  const client = new Anthropic({ apiKey: 'sk-test', baseURL: api?.url, maxRetries: 0, logLevel: 'off' });
  const messages = [{ role: 'user' as const, content: 'hello' }];
  return client.messages.stream({ model: 'claude-test', max_tokens: 10, messages }, { signal }).finalMessage();
}

test('every block, the stop reason and the usage arrive whole', async () => {
  const content = [
    thinking('let me see: é 🌙'),
    text('I look at ünïcode 🌙 text that is longer than one piece.'),
    call('Bash', { command: 'ls "a"', timeout: 3 }, 'toolu_1'),
  ];
  api = await startMessagesServer([reply(content, { usage: { input_tokens: 7, cache_read_input_tokens: 100 } })]);
  const message = await ask();
  expect(JSON.parse(JSON.stringify(message.content))).toEqual(content);
  expect(message.stop_reason).toBe('tool_use');
  expect(message.usage).toMatchObject({ input_tokens: 7, output_tokens: 20, cache_read_input_tokens: 100 });
  expect(api.requests[0]?.body).toMatchObject({ model: 'claude-test', stream: true });
  expect(api.requests[0]?.headers.authorization).toBe('Bearer sk-test');
});

test('failures, broken streams and an exhausted script reach the client as errors', async () => {
  api = await startMessagesServer([
    fail(529),
    fail(401),
    cut([text('half of it')], 4),
    raw('event: message_start\ndata: {"ty\n\n'),
  ]);
  await expect(ask()).rejects.toMatchObject({ status: 529, type: 'overloaded_error' });
  await expect(ask()).rejects.toMatchObject({ status: 401 });
  await expect(ask()).rejects.toThrow();
  await expect(ask()).rejects.toThrow();
  await expect(ask()).rejects.toThrow('script exhausted');
});

test('a hanging request goes on when released and is forgotten when the client leaves', async () => {
  api = await startMessagesServer([hang(), reply([text('late')]), hang()]);
  const late = ask();
  await api.arrived(1);
  api.release();
  expect((await late).content).toMatchObject([{ text: 'late' }]);
  const left = new AbortController();
  const never = ask(left.signal);
  await api.arrived(2);
  left.abort();
  await expect(never).rejects.toThrow('aborted');
});
