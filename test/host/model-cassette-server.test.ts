/** The cassette server answers its own process only. */
import { afterEach, expect, test } from 'vitest';
import { type CassetteServer, startCassetteServer } from '#host/model/cassette-server.ts';
import { loadCassette } from '#host/model/rehearsal.ts';

let server: CassetteServer | undefined;
afterEach(() => server?.close());

const ask = (path: string, token: string, body: unknown) =>
  fetch(`${server?.url('overnight-log-triage')}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
const good = { model: 'rehearsal', messages: [{ role: 'user', content: 'hello' }] };

test('without the token nothing is told; with it the protocol is spoken', async () => {
  server = await startCassetteServer(loadCassette, 0);
  expect(new URL(server.url('x')).hostname).toBe('127.0.0.1');
  expect((await ask('/v1/messages', 'guess', good)).status).toBe(401);
  expect((await ask('/v1/messages', '', good)).status).toBe(401);
  expect((await ask('/v1/other', server.token, good)).status).toBe(404);
  const bad = await ask('/v1/messages', server.token, { model: 'rehearsal' });
  expect([bad.status, await bad.json()]).toMatchObject([400, { error: { type: 'invalid_request_error' } }]);
  const answer = await ask('/v1/messages', server.token, good);
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const types = [...(await answer.text()).matchAll(/^event: (.*)$/gm)].map((match) => match[1]);
  expect(types.slice(0, 4)).toEqual(['message_start', 'ping', 'content_block_start', 'content_block_delta']);
  expect(types.slice(-2)).toEqual(['message_delta', 'message_stop']);
});

test('a recording that cannot be read is an error, not silence', async () => {
  server = await startCassetteServer(() => Promise.reject(new Error('broken file')), 0);
  const answer = await ask('/v1/messages', server.token, good);
  expect([answer.status, await answer.json()]).toMatchObject([
    500,
    { error: { message: expect.stringContaining('broken file') } },
  ]);
});
