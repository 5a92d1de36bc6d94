/** Carries requests of the SDK over Node's own HTTP client: a `fetch` without what only browsers need, which costs a short request a third of its time. */
import { Agent, type AgentOptions, globalAgent, type IncomingMessage, request as plain } from 'node:http';
import { Agent as SecureAgent, request as secure, globalAgent as secureGlobalAgent } from 'node:https';
import { Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** Milliseconds, as Node's `fetch` has them: to a connection, without a byte, and that an unused connection is kept. */
const [connected, silent, unused] = [10_000, 300_000, 4_000];

/** A proxy that the environment names counts where it counts for Node itself. */
const ways = {
  'http:': { ask: plain, agent: new Agent({ keepAlive: true, timeout: unused, ...proxyOf(globalAgent) }) },
  'https:': {
    ask: secure,
    agent: new SecureAgent({ keepAlive: true, timeout: unused, ...proxyOf(secureGlobalAgent) }),
  },
};

function proxyOf(agent: Agent): Pick<AgentOptions, 'proxyEnv'> {
  const { options = {} } = agent as { options?: AgentOptions };
  return options.proxyEnv === undefined ? {} : { proxyEnv: options.proxyEnv };
}

/**
 * As `fetch`, which still does what is rare: a redirect, and a body that is not there as a whole. Rejects with the error of the
 * connection, its code on it, and with the reason of the signal.
 */
export const carry: typeof fetch = async (input, init = {}) => {
  const to = new URL(input instanceof Request ? input.url : input);
  const way = Object.hasOwn(ways, to.protocol) ? ways[to.protocol as keyof typeof ways] : undefined;
  if (!way || input instanceof Request || !isWhole(init.body)) return await fetch(input, init);
  const answer = await sent(way, to, init, init.body ?? '');
  const status = answer.statusCode ?? 0;
  if (status > 300 && status < 400 && answer.headers.location !== undefined) {
    answer.destroy();
    return await fetch(input, init);
  }
  const bodiless = status === 204 || status === 205 || status === 304;
  if (bodiless) answer.resume();
  const how = { status, statusText: answer.statusMessage ?? '', headers: headersOf(answer) };
  const stream = status === 200 && answer.headers['content-type']?.startsWith('text/event-stream');
  if (!stream) return new Response(bodiless ? null : (Readable.toWeb(decoded(answer)) as ReadableStream), how);
  // Whoever reads the events of a stream iterates it, for which a stream of the web's own kind takes ten times as long.
  return Object.defineProperty(new Response(null, how), 'body', { value: pieces(decoded(answer)) });
};

/** What comes, as it comes, whole to its end: nothing is held back for a slow reader. To be iterated once. */
function pieces(answer: Readable): AsyncIterable<Uint8Array> {
  const waiting: Uint8Array[] = [];
  const end: { how: 'not yet' | 'well' | 'failed'; why?: unknown } = { how: 'not yet' };
  let wake = () => {};
  const ended = (how: 'well' | 'failed', why?: unknown) => {
    if (end.how === 'not yet') Object.assign(end, { how, why });
    wake();
  };
  answer.on('data', (piece: Uint8Array) => {
    waiting.push(piece);
    wake();
  });
  answer.on('end', () => ended('well'));
  answer.on('error', (error) => ended('failed', error));
  answer.on('close', () => {
    // Mostly all is over by then, and an error takes its time to make.
    if (end.how === 'not yet') ended('failed', failure('ECONNRESET', 'the connection ended in the middle'));
  });
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    for (;;) {
      const value = waiting.shift();
      if (value) return { done: false, value };
      if (end.how === 'failed') throw end.why;
      if (end.how === 'well') return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const leave = async () => {
    answer.destroy();
    return { done: true as const, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: leave }) };
}

const isWhole = (body: RequestInit['body']): body is string | Uint8Array<ArrayBuffer> | null | undefined =>
  body === undefined || body === null || typeof body === 'string' || body instanceof Uint8Array;

function sent(
  { ask, agent }: (typeof ways)[keyof typeof ways],
  to: URL,
  { method = 'GET', headers, signal }: RequestInit,
  body: string | Uint8Array,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const own: Record<string, string> = { 'accept-encoding': 'identity' };
    for (const [name, value] of headers instanceof Headers ? headers : new Headers(headers)) own[name] = value;
    const asking = ask(to, { method, agent, timeout: silent, headers: own });
    let answer: IncomingMessage | undefined;
    signal?.addEventListener('abort', () => (answer ?? asking).destroy(signal.reason), { once: true });
    asking.on('error', reject);
    asking.on('timeout', () => (answer ?? asking).destroy(failure('ERR_SILENT', `nothing came for ${silent} ms`)));
    asking.on('socket', (socket) => {
      if (!socket.connecting) return;
      const late = setTimeout(
        () => asking.destroy(failure('ERR_NOT_CONNECTED', 'no connection came about')),
        connected,
      );
      const settled = () => clearTimeout(late);
      socket.once('connect', settled).once('close', settled);
    });
    asking.on('response', (response) => {
      answer = response;
      // Whoever reads the body hears of it there.
      response.on('error', () => {});
      resolve(response);
    });
    asking.end(body);
  });
}

function failure(code: string, why: string): Error {
  return Object.assign(new Error(`${code}: ${why}`), { code });
}

const decoders: Record<string, () => Transform> = {
  ...{ gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, br: createBrotliDecompress },
};

/** Some servers pack what nobody asked them to. */
function decoded(answer: IncomingMessage): Readable {
  const packed = answer.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const unpack = Object.hasOwn(decoders, packed) ? decoders[packed] : undefined;
  if (!unpack) return answer;
  const plainly = unpack();
  answer.on('error', (error) => plainly.destroy(error));
  return answer.pipe(plainly);
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at] as string, rawHeaders[at + 1] as string);
  return headers;
}
