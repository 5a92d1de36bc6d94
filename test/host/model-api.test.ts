/** One model call over the real SDK and real HTTP: what streams, what becomes of failures, and what is said of them. */
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { APIConnectionError } from '@anthropic-ai/sdk/error';
import { afterEach, expect, test } from 'vitest';
import { Fault } from '#contract/faults.ts';
import { FailedTry } from '#core/budget/failed-try.ts';
import type { ModelChunk, ModelRequest } from '#core/ports.ts';
import { streamMessage } from '#host/model/anthropic.ts';
import { connectionFacts } from '#host/model/attempts.ts';
import * as fake from '../fakes/messages-server.ts';

const key = 'sk-ant-secret-0123456789';
const request: ModelRequest = {
  system: 's',
  tools: [],
  messages: [{ role: 'user', content: 'hello' }],
  maxTokens: 100,
  effort: 'low',
};
let api: fake.MessagesServer | undefined;
afterEach(() => api?.close());

async function ask(steps: fake.Step[], more: { baseUrl?: string; signal?: AbortSignal } = {}) {
  api = await fake.startMessagesServer(steps);
  return gather(more.baseUrl ?? api.url, more);
}
async function gather(baseUrl: string, more: { signal?: AbortSignal; key?: string } = {}) {
  const chunks: ModelChunk[] = [];
  const access = { key: more.key ?? key, baseUrl, model: 'claude-opus-5-5' };
  try {
    for await (const chunk of streamMessage(access, request, more.signal ?? new AbortController().signal))
      chunks.push(chunk);
    return { chunks, error: null };
  } catch (error) {
    return { chunks, error: error as FailedTry };
  }
}

test('text and thinking stream as deltas; the finished message comes last, whole and plain', async () => {
  const content = [
    fake.thinking('let me think about this'),
    fake.text('the answer is on its way to you'),
    fake.call('Bash', { command: 'ls' }, 'toolu_1'),
  ];
  const { chunks, error } = await ask([fake.reply(content, { usage: { cache_read_input_tokens: 9 } })]);
  expect(error).toBeNull();
  const said = (channel: string) =>
    chunks.map((chunk) => (chunk.kind === 'delta' && chunk.channel === channel ? chunk.text : '')).join('');
  expect(said('thinking')).toBe('let me think about this');
  expect(said('text')).toBe('the answer is on its way to you');
  const last = chunks.at(-1);
  expect(last?.kind === 'message' && last.message).toMatchObject({
    content,
    stop_reason: 'tool_use',
    usage: { cache_read_input_tokens: 9 },
  });
  expect(structuredClone(last)).toEqual(last);
  expect(api?.requests[0]?.headers['anthropic-version']).toBe('2026-10-21');
});

const breaks: [name: string, step: fake.Step][] = [
  ['cut off', fake.cut([fake.text('half of the answer, then nothing')], 5)],
  ['without its end', fake.raw(events(5))],
  ['ended by an error in the same piece of the stream', fake.raw(`${events(5)}${errorEvent('overloaded_error')}`)],
];
test.each(breaks)('an answer that breaks says first what it has cost and what it said: %s', async (_name, step) => {
  const { chunks, error } = await ask([step]);
  expect(error).toMatchObject({ code: 'model.stream_broken' });
  expect(chunks[0]).toMatchObject({ kind: 'began', usage: { output: 1, cacheRead: 0, cacheWrite: 0 } });
  expect(chunks[1]).toMatchObject({ kind: 'delta', channel: 'text' });
});

test('a slow reader gets all that came before the failure', async () => {
  api = await fake.startMessagesServer([fake.raw(`${events(5)}${errorEvent('overloaded_error')}`)]);
  const access = { key, baseUrl: api.url, model: 'm' };
  const kinds: string[] = [];
  const reading = async () => {
    for await (const chunk of streamMessage(access, request, new AbortController().signal)) {
      kinds.push(chunk.kind);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await expect(reading()).rejects.toMatchObject({ code: 'model.stream_broken' });
  expect(kinds).toEqual(['began', 'delta', 'delta']);
});

test('an answer begins once, with its prompt counted as the API counts it', async () => {
  const usage = { input_tokens: 7, cache_read_input_tokens: 900, cache_creation_input_tokens: 80 };
  const { chunks } = await ask([fake.reply([fake.text('ok')], { usage })]);
  expect(chunks.map(({ kind }) => kind).filter((kind, at, all) => kind !== all[at - 1])).toEqual([
    ...['began', 'delta', 'message'],
  ]);
  expect(chunks[0]).toMatchObject({ usage: { input: 7, cacheRead: 900, cacheWrite: 80 } });
});

test('a server that counts nothing begins with nothing', async () => {
  const { chunks } = await ask([fake.raw(events(5).replace(/,"usage":\{[^}]*\}/, ''))]);
  expect(chunks[0]).toEqual({ kind: 'began', usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } });
});

test('what a tool is to do and what is signed counts as said, though nobody is shown it', async () => {
  const { chunks } = await ask([fake.reply([fake.thinking('hm'), fake.call('Bash', { command: 'ls' }, 'toolu_1')])]);
  const unshown = chunks.flatMap((chunk) => (chunk.kind === 'unshown' ? [chunk.bytes] : []));
  expect(unshown.reduce((sum, bytes) => sum + bytes, 0)).toBe('c2lnbmVk'.length + '{"command":"ls"}'.length);
});

const no = { mayBeBilled: false };
const facts: [name: string, step: fake.Step, facts: object][] = [
  [
    '529',
    fake.fail(529, { headers: {} }),
    { ...no, status: 529, said: 'scripted 529', again: true, waitMs: null, passes: true },
  ],
  ['429 with a wait', fake.fail(429, { headers: { 'retry-after': '7' } }), { ...no, again: true, waitMs: 7000 }],
  ['429 with hours to wait', fake.fail(429, { headers: { 'retry-after': '7200' } }), { ...no, again: false }],
  ['429 that says no more', fake.fail(429, { headers: {} }), { ...no, again: true, waitMs: null }],
  [
    '429 for a spending cap',
    fake.fail(429, { message: 'monthly spend limit reached', headers: {} }),
    { ...no, again: false },
  ],
  ['500', fake.fail(500), { ...no, again: true, passes: false }],
  ['500 that must not be asked again', fake.fail(500, { headers: { 'x-should-retry': 'false' } }), { again: false }],
  ['400', fake.fail(400), { ...no, again: false }],
  ['a gateway that waited in vain', fake.fail(504), { mayBeBilled: true, again: true }],
  ['a gateway that lost the answer', fake.fail(502), { mayBeBilled: true, again: true }],
  ['a connection that ends without a word', fake.drop(), { mayBeBilled: true, again: true, status: null }],
  ['an answer without its beginning', fake.cut([fake.text('x')], 0), { mayBeBilled: true, again: true }],
  ['a stream that is no stream', fake.raw('<html>'), { mayBeBilled: true, again: true }],
];
test.each(facts)('whether it may be billed and asked again: %s', async (_name, step, expected) => {
  const { error } = await ask([step]);
  expect(error?.facts).toMatchObject(expected);
  expect(api?.requests).toHaveLength(1);
});

const cases: [name: string, step: fake.Step, code: string][] = [
  ['401 with the key in its text', fake.fail(401, { message: `bad key ${key}` }), 'model.key_rejected'],
  ['403', fake.fail(403), 'model.key_rejected'],
  ['404', fake.fail(404), 'model.unknown'],
  ['400', fake.fail(400, { message: 'messages: nonsense' }), 'model.bad_request'],
  ['400 for a prompt that is too long', fake.fail(400, { message: 'prompt is too long: 9 > 8' }), 'model.context_full'],
  ['413', fake.fail(413), 'model.context_full'],
  ['402', fake.fail(402), 'model.rate_limited'],
  ['429 for a spending cap', fake.fail(429, { message: 'spend limit reached', headers: {} }), 'model.rate_limited'],
  ['429 with hours to wait', fake.fail(429, { headers: { 'retry-after': '7200' } }), 'model.rate_limited'],
  ['429', fake.fail(429), 'model.rate_limited'],
  ['500', fake.fail(500), 'model.overloaded'],
  ['529', fake.fail(529), 'model.overloaded'],
  [
    'a connection cut in the middle',
    fake.cut([fake.text('half of the answer, then nothing')], 4),
    'model.stream_broken',
  ],
  ['a stream without its end', fake.raw(events(4)), 'model.stream_broken'],
  ['a stream that is no stream', fake.raw('<html>'), 'model.stream_broken'],
  [
    'an event that is no JSON',
    fake.raw(`${events(3)}event: content_block_delta\ndata: {"oops\n\n`),
    'model.stream_broken',
  ],
  ['an overload in the middle', fake.raw(`${events(3)}${errorEvent('overloaded_error')}`), 'model.stream_broken'],
  ['a refusal in the middle', fake.raw(`${events(3)}${errorEvent('invalid_request_error')}`), 'model.bad_request'],
  ['a tool input that is not whole', fake.raw(brokenInput()), 'model.stream_broken'],
];
test.each(cases)('%s: asked once', async (_name, step, code) => {
  const { error } = await ask([step]);
  expect(error).toMatchObject({ name: 'Fault', code });
  expect(error?.message).not.toContain(key);
  expect(error?.cure).toBeTruthy();
  expect(api?.requests).toHaveLength(1);
});

test('whatever goes wrong, no part of the key is in the message, the stack, a cause or what is said of the try', async () => {
  const wrapped = await gather('http://127.0.0.1:1', { key: 'sk-ant-FAKE-SECRET-12345 \nSECOND-HALF-OF-IT' });
  const echoed = await ask([fake.fail(401, { message: `bad key ${key}` })]);
  for (const { error } of [wrapped, echoed]) {
    const told: string[] = [error instanceof FailedTry ? error.facts.said : ''];
    for (let at: unknown = error; at instanceof Error; at = at.cause) told.push(`${at.message}\n${at.stack}`);
    expect(told.length).toBeGreaterThan(0);
    expect(told.join('\n')).not.toMatch(/sk-ant|FAKE-SECRET|SECOND-HALF|secret-0123456789/);
  }
});

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n', 'http', 'HPE_INVALID_CONSTANT', false],
  ['HTTP where TLS was asked for', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n', 'https', 'EPROTO', true],
])('an address that speaks %s is a wrong one, and nobody bills for it', async (_, words, scheme, code, again) => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.end(words));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { error } = await gather(`${scheme}://127.0.0.1:${port}`);
  await new Promise((resolve) => server.close(resolve));
  expect(error).toMatchObject({ code: 'model.wrong_address', field: 'url', cure: expect.stringContaining('base-url') });
  expect(error?.message).toContain(code);
  expect(error?.facts).toMatchObject({ mayBeBilled: false, again });
});

test('an image that the API refuses is named as what is refused', async () => {
  const message = 'messages.2.content.0.image.source.base64: image exceeds 5 MB maximum: 5316852 bytes > 5242880 bytes';
  const { error } = await ask([fake.fail(400, { message })]);
  expect(error).toMatchObject({ code: 'model.bad_request', cure: expect.stringContaining('image smaller') });
  expect(error?.message).toContain(message);
});

test('nobody listening is unreachable, and nobody bills for it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const { error } = await gather(`http://127.0.0.1:${port}`);
  expect(error).toMatchObject({ code: 'model.unreachable' });
  expect(error?.message).toContain('ECONNREFUSED');
  expect(error?.facts).toMatchObject({
    said: 'No answer: ECONNREFUSED',
    mayBeBilled: false,
    again: true,
    passes: false,
  });
});

const reasons: [code: string, billed: boolean, passes: boolean][] = [
  ['ENOTFOUND', false, true],
  ['EAI_AGAIN', false, true],
  ['ENETUNREACH', false, true],
  ['ECONNREFUSED', false, false],
  ['ERR_TLS_CERT_ALTNAME_INVALID', false, false],
  ['ERR_NOT_CONNECTED', false, false],
  ['UND_ERR_CONNECT_TIMEOUT', false, false],
  ['ECONNRESET', true, false],
  ['UND_ERR_SOCKET', true, false],
  ['UND_ERR_HEADERS_TIMEOUT', true, false],
];
test.each(reasons)(
  'a connection that ends with %s: may be billed %s, passes by itself %s',
  (code, mayBeBilled, passes) => {
    const cause = new TypeError('fetch failed', { cause: Object.assign(new Error('it failed'), { code }) });
    const facts = { status: null, said: `No answer: ${code}`, again: true, passes, waitMs: null, mayBeBilled };
    expect(connectionFacts(new APIConnectionError({ cause }))).toEqual(facts);
  },
);

test('an abort ends the call at once with its own reason', async () => {
  const stop = new AbortController();
  const asked = ask([fake.hang()], { signal: stop.signal });
  await expect.poll(() => api?.requests.length).toBe(1);
  stop.abort(new Error('stopped by a person'));
  expect((await asked).error?.message).toBe('stopped by a person');
});

test('leaving the stream early ends the request', async () => {
  let gone = false;
  const server = createServer((_, response) => {
    response.on('close', () => {
      gone = true;
    });
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(events(5));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for await (const chunk of streamMessage({ key, baseUrl, model: 'm' }, request, new AbortController().signal))
    if (chunk.kind === 'delta') break;
  await expect.poll(() => gone).toBe(true);
  await new Promise((resolve) => server.close(resolve));
});

function events(count: number): string {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: null,
    usage,
  };
  return [
    { type: 'message_start', message },
    { type: 'ping' },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'half' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ' of it' } },
  ]
    .slice(0, count)
    .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('');
}
function errorEvent(type: string): string {
  return `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type, message: 'scripted' } })}\n\n`;
}
function brokenInput(): string {
  const block = { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: {} };
  const rest = [
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"command": "rm -r' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ];
  return events(2) + rest.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

test('a request leaves only when what it waits for is done, and not at all when that fails', async () => {
  api = await fake.startMessagesServer([fake.say('ok')]);
  const access = { key, baseUrl: api.url, model: 'claude-opus-5-5' };
  const { promise: ready, resolve: go } = Promise.withResolvers<void>();
  const chunks: ModelChunk[] = [];
  const asking = (async () => {
    for await (const chunk of streamMessage(access, { ...request, ready }, new AbortController().signal))
      chunks.push(chunk);
  })();
  // Another one that waits for nothing is through meanwhile.
  const other = await fake.startMessagesServer([fake.say('other')]);
  await gather(other.url);
  await other.close();
  expect(api.requests).toHaveLength(0);
  go();
  await asking;
  expect(api.requests).toHaveLength(1);
  expect(chunks.at(-1)?.kind).toBe('message');
  const full = new Fault('data.full', 'The disk is full.');
  const refused = streamMessage(access, { ...request, ready: Promise.reject(full) }, new AbortController().signal);
  await expect(refused.next()).rejects.toBe(full);
  expect(api.requests).toHaveLength(1);
});
