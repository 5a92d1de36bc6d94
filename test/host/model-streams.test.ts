/** Streams as servers of the Messages API send them, good and bad, replayed from a local server through the real SDK. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Fault } from '#contract/faults.ts';
import { usageIn } from '#core/budget/passes.ts';
import type { ModelChunk, ModelRequest } from '#core/ports.ts';
import { streamMessage } from '#host/model/anthropic.ts';

const folder = join(import.meta.dirname, 'streams');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.sse'))
  .map((file) => file.slice(0, -4));

interface Expected {
  content?: unknown[];
  stopReason?: string;
  stopDetails?: unknown;
  usage?: unknown;
  fault?: string;
  says?: string;
}

interface Body {
  status?: number;
  type?: string;
  body: Buffer | string;
  /** Bytes that are written at once. */
  piece?: number;
}

/** Answers every request alike and keeps what it was sent. */
async function serve({ status = 200, type = 'text/event-stream; charset=utf-8', body, piece }: Body) {
  const sent: string[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    sent.push(text);
    response.writeHead(status, type ? { 'content-type': type } : {});
    const bytes = Buffer.from(body);
    for (let at = 0; piece && at < bytes.length; at += piece) {
      response.write(bytes.subarray(at, at + piece));
      await turn();
    }
    response.end(piece ? undefined : bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { sent, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function ask(baseUrl: string, messages: ModelRequest['messages'] = [{ role: 'user', content: 'hello' }]) {
  const request: ModelRequest = { system: 's', tools: [], messages, maxTokens: 100, effort: 'low' };
  const access = { key: 'sk-ant-secret-0123456789', baseUrl, model: 'claude-opus-5-5', maxRetries: 0 };
  const chunks: ModelChunk[] = [];
  try {
    for await (const chunk of streamMessage(access, request, new AbortController().signal)) chunks.push(chunk);
  } catch (error) {
    return { chunks, error: error as Fault };
  }
  const last = chunks.at(-1);
  return { chunks, error: null, message: last?.kind === 'message' ? last.message : undefined };
}

const cases = names.flatMap((name) => [
  { name, how: 'whole', piece: undefined },
  { name, how: 'in pieces of 7 bytes', piece: 7 },
]);
test.each(cases)('$name, $how', async ({ name, piece }) => {
  const expected = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Expected;
  const { baseUrl, sent } = await serve({ body: readFileSync(join(folder, `${name}.sse`)), ...(piece && { piece }) });
  const { chunks, error, message } = await ask(baseUrl);
  if (expected.fault) {
    expect(error).toMatchObject({ name: 'Fault', code: expected.fault, cure: expect.any(String) });
    expect(error?.message).toContain(expected.says);
    expect(chunks.some(({ kind }) => kind === 'message')).toBe(false);
    return;
  }
  expect(error).toBeNull();
  expect(message?.content).toEqual(expected.content);
  expect(message?.stop_reason).toBe(expected.stopReason);
  expect(usageIn(message?.usage)).toEqual(expected.usage);
  if (expected.stopDetails) expect(message?.stop_details).toEqual(expected.stopDetails);
  expect(chunks.filter(({ kind }) => kind === 'began')).toHaveLength(1);
  expect(chunks.filter((chunk) => chunk.kind === 'delta' && chunk.text === '')).toEqual([]);

  // What came goes back as it came, to the byte.
  const content = message?.content as never;
  await ask(baseUrl, [
    { role: 'user', content: 'hello' },
    { role: 'assistant', content },
    { role: 'user', content: 'go on' },
  ]);
  expect(sent[1]).toContain(`{"role":"assistant","content":${JSON.stringify(expected.content)}}`);
});

const others: [name: string, body: Body, code: string, says: string][] = [
  [
    'a web page',
    { type: 'text/html', body: '<!doctype html><title>Sign in to the\n Wi-Fi</title><p>…' },
    'model.wrong_address',
    'a web page ("Sign in to the Wi-Fi")',
  ],
  ['JSON', { type: 'application/json', body: '{"status":"ok"}' }, 'model.wrong_address', '{"status":"ok"}'],
  [
    'an answer of another API, whole',
    {
      type: 'application/json',
      body: '{"id":"chatcmpl-1","object":"chat.completion","choices":[{"message":{"role":"assistant","content":"hi"}}]}',
    },
    'model.wrong_address',
    'chat.completion',
  ],
  ['200 and plain words', { type: 'text/plain', body: 'OK' }, 'model.wrong_address', 'text/plain ("OK")'],
  [
    '400 for a schema of a tool',
    {
      status: 400,
      type: 'application/json',
      body: JSON.stringify({
        type: 'error',
        error: { type: 'invalid_request_error', message: 'tools.0.custom.input_schema.type: Field required' },
      }),
    },
    'model.schema_refused',
    'tools.0.custom.input_schema.type',
  ],
  [
    '400 for an account without credit',
    {
      status: 400,
      type: 'application/json',
      body: JSON.stringify({
        type: 'error',
        error: { type: 'invalid_request_error', message: 'Your credit balance is too low to use the API.' },
      }),
    },
    'model.rate_limited',
    'credit balance',
  ],
  ['404, a web page', { status: 404, type: 'text/html', body: '<h1>Not Found</h1>' }, 'model.wrong_address', '404'],
  [
    '404, JSON of another kind',
    { status: 404, type: 'application/json', body: '{"detail":"Not Found"}' },
    'model.wrong_address',
    '404',
  ],
  ['405', { status: 405, type: 'text/plain', body: 'Method Not Allowed' }, 'model.wrong_address', '405'],
  ['404 without a body', { status: 404, type: '', body: '' }, 'model.wrong_address', '404'],
  [
    '404 of a gateway that knows no such model',
    { status: 404, type: 'application/json', body: '{"error":{"message":"no model claude-opus-5-5 here"}}' },
    'model.unknown',
    'claude-opus-5-5',
  ],
  [
    '400 for thinking that is not what it was',
    {
      status: 400,
      type: 'application/json',
      body: JSON.stringify({
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: 'messages.1.content.0: Invalid `signature` in `thinking` block',
        },
      }),
    },
    'model.thinking_invalid',
    'signature',
  ],
];
test.each(others)('an address that gives %s', async (_name, body, code, says) => {
  const { baseUrl, sent } = await serve(body);
  const { error } = await ask(baseUrl);
  expect(error).toMatchObject({ name: 'Fault', code, cure: expect.any(String) });
  expect(error?.message).toContain(says);
  expect(sent).toHaveLength(1);
});

test('a stream without a content type is read for what it is', async () => {
  const { baseUrl } = await serve({ type: '', body: readFileSync(join(folder, 'duplicated-start.sse')) });
  expect((await ask(baseUrl)).message?.content).toEqual([{ type: 'text', text: 'Once.' }]);
});

test('a server that keeps its connection open after the end does not keep the answer', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(readFileSync(join(folder, 'duplicated-start.sse')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { message } = await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect(message?.content).toEqual([{ type: 'text', text: 'Once.' }]);
});
