/** What carries the SDK's requests does what a `fetch` does, as far as a server of the Messages API can tell. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { carry } from '#host/model/carry.ts';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
});

async function serve(listener: RequestListener): Promise<string> {
  const made = createServer(listener);
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

const ask = { method: 'POST', headers: { 'x-own': 'yes', 'content-type': 'text/plain' }, body: 'grüße' };

test('method, headers and body go out as they are, and status, headers and body come back', async () => {
  const url = await serve(async (request, response) => {
    const body = (await request.toArray()).join('');
    response.writeHead(418, { 'x-two': ['a', 'b'] });
    response.end(
      `${request.method} ${request.url} ${request.headers['x-own']} ${request.headers['content-length']} ${body}`,
    );
  });
  const answer = await carry(`${url}/v1/messages?x=1`, ask);
  expect([answer.status, answer.ok, answer.headers.get('x-two')]).toEqual([418, false, 'a, b']);
  expect(await answer.text()).toBe('POST /v1/messages?x=1 yes 7 grüße');
});

test('one connection serves one request after the other', async () => {
  const ports = new Set<number | undefined>();
  const url = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    request.resume().on('end', () => response.end('ok'));
  });
  for (let at = 0; at < 3; at++) expect(await (await carry(url, ask)).text()).toBe('ok');
  expect(ports.size).toBe(1);
});

test('a redirect is followed, with what was asked', async () => {
  const url = await serve(async (request, response) => {
    const body = (await request.toArray()).join('');
    if (request.url === '/there') response.end(`there: ${body}`);
    else response.writeHead(307, { location: '/there' }).end();
  });
  expect(await (await carry(url, ask)).text()).toBe('there: grüße');
});

const packs: [how: string, pack: (text: string) => Buffer][] = [
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
];
test.each(packs)('an answer that is packed although nobody asked for it is unpacked: %s', async (how, pack) => {
  const url = await serve((request, response) => {
    expect(request.headers['accept-encoding']).toBe('identity');
    response.writeHead(200, { 'content-encoding': how }).end(pack('the answer'));
  });
  expect(await (await carry(url, ask)).text()).toBe('the answer');
});

test('an answer that has no body has none', async () => {
  const url = await serve((_, response) => response.writeHead(204).end());
  const answer = await carry(url, { method: 'GET' });
  expect([answer.status, answer.body]).toEqual([204, null]);
});

test('an abort ends the request, before the answer and in the middle of it', async () => {
  let gone = 0;
  const url = await serve((request, response) => {
    response.on('close', () => gone++);
    if (request.url === '/half') response.write('half');
  });
  for (const path of ['/none', '/half']) {
    const stop = new AbortController();
    const asked = carry(url + path, { ...ask, signal: stop.signal }).then(async (answer) => {
      const reader = answer.body?.getReader();
      await reader?.read();
      stop.abort(new Error('stopped'));
      await reader?.read();
    });
    if (path === '/none') setImmediate(() => stop.abort(new Error('stopped')));
    await expect(asked).rejects.toThrow('stopped');
  }
  await expect(carry(url, { ...ask, signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  await expect.poll(() => gone).toBeGreaterThan(0);
});

test('where nobody listens, the reason is on the error', async () => {
  const url = await serve(() => {});
  await new Promise((resolve) => server?.close(resolve));
  server = undefined;
  await expect(carry(url, ask)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a connection that breaks in the middle of the body breaks the body', async () => {
  const url = await serve((_, response) => {
    response.write('half', () => response.destroy());
  });
  const answer = await carry(url, ask);
  await expect(answer.text()).rejects.toThrow();
});

async function streamed(url: string, signal?: AbortSignal, heard: (piece: string) => void = () => {}): Promise<string> {
  const { body } = await carry(url, { ...ask, ...(signal ? { signal } : {}) });
  let all = '';
  for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
    all += Buffer.from(piece).toString();
    heard(all);
  }
  return all;
}
const stream = { 'content-type': 'text/event-stream; charset=utf-8' };

test('a stream comes piece by piece, whole to its end, packed or not', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/packed') {
      response.writeHead(200, { ...stream, 'content-encoding': 'gzip' }).end(gzipSync('one two'));
    } else {
      response.writeHead(200, stream).write('one');
      setImmediate(() => response.end(' two'));
    }
  });
  expect(await streamed(url)).toBe('one two');
  expect(await streamed(`${url}/packed`)).toBe('one two');
});

test('a stream that breaks in the middle is broken there, after all that came', async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, stream).write('half', () => response.destroy());
  });
  let heard = '';
  const broken = streamed(url, undefined, (all) => {
    heard = all;
  });
  await expect(broken).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(heard).toBe('half');
});

test('an abort and a reader that leaves end a stream', async () => {
  let gone = 0;
  const url = await serve((_, response) => {
    response.on('close', () => gone++);
    response.writeHead(200, stream).write('half');
  });
  const stop = new AbortController();
  await expect(streamed(url, stop.signal, () => stop.abort(new Error('stopped')))).rejects.toThrow('stopped');
  const leaving = streamed(url, undefined, () => {
    throw new Error('left');
  });
  await expect(leaving).rejects.toThrow('left');
  await expect.poll(() => gone).toBe(2);
});
