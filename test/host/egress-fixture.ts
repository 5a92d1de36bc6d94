/** A real proxy on a real socket, real servers on the loopback behind it, and a client that sends what it likes. */
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, createServer as createRawServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as secure } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { NetworkAttempt } from '#contract/egress.ts';
import { isPublic } from '#host/egress/addresses.ts';
import { readAllowList } from '#host/egress/allow-list.ts';
import { type Authority, createAuthority } from '#host/egress/authority.ts';
import { createBudget } from '#host/egress/budget.ts';
import { createProxy, type ProxyParts } from '#host/egress/proxy.ts';
import { scratch } from '../fakes/places.ts';

/** Its authority stands for the public ones. */
let publicAuthority: Promise<Authority> | undefined;
export const outside = () => (publicAuthority ??= createAuthority());

export interface Web {
  port: number;
  /** What arrived, as the server read it. */
  requests: { method: string; url: string; headers: Record<string, unknown>; body: string }[];
  connections: () => number;
}

type Listening = {
  listen(port: number, host: string, ready: () => void): unknown;
  address(): unknown;
  close(done: () => void): unknown;
};

async function listening(server: Listening, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

function remember(requests: Web['requests'], answer: RequestListener): RequestListener {
  return (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      answer(request, response);
    });
  };
}

/** `secureAs`: the host name that its certificate is for; plain without it. */
export async function web(
  answer: RequestListener = (_request, response) => void response.end('hello'),
  { secureAs, host }: { secureAs?: string; host?: string } = {},
): Promise<Web> {
  const requests: Web['requests'] = [];
  let connections = 0;
  const listener = remember(requests, answer);
  const server = secureAs
    ? createSecureServer(
        { SNICallback: async (_name, done) => done(null, await (await outside()).contextFor(secureAs)) },
        listener,
      )
    : createServer(listener);
  server.on('connection', () => {
    connections++;
  });
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { port: await listening(server, host), requests, connections: () => connections };
}

/** Takes connections and does with each what it is told. */
export async function raw(serve: (socket: Socket) => void): Promise<{ port: number; connections: () => number }> {
  let connections = 0;
  const open = new Set<Socket>();
  const server = createRawServer({ allowHalfOpen: true }, (socket) => {
    connections++;
    open.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { port: await listening(server), connections: () => connections };
}

export interface TestProxy {
  path: string;
  attempts: NetworkAttempt[];
  /** Sends the bytes and returns all that came until the end. */
  say(bytes: string): Promise<string>;
  /** One request inside an encrypted tunnel to `host:port`. */
  inTunnel(target: string, bytes: string, servername?: string): Promise<string>;
  certificate: string;
}

/** `names` are resolved as written; every other name has no address. Only then may they be on the loopback. */
export async function proxy(
  allow: string[],
  more: Partial<ProxyParts> & {
    names?: Record<string, string[]>;
    allowPrivate?: boolean;
    limit?: { bytes: number; requests: number };
  } = {},
): Promise<TestProxy> {
  const attempts: NetworkAttempt[] = [];
  const { names, allowPrivate, limit, ...parts } = more;
  const own = await createAuthority();
  const made = createProxy({
    rules: readAllowList(allow, allowPrivate),
    resolve: async (host) => names?.[host] ?? Promise.reject(new Error(`no such name: ${host}`)),
    admits: (address) => isPublic(address),
    readOnly: [],
    credentials: [],
    authority: Promise.resolve(own),
    budget: createBudget(limit ?? { bytes: 100_000_000, requests: 1000 }),
    report: (attempt) => attempts.push(attempt),
    trust: (await outside()).certificate,
    ...parts,
  });
  const path = join(scratch(), 's');
  await made.listen(path);
  onTestFinished(() => made.close());
  return {
    path,
    attempts,
    certificate: own.certificate,
    say: (bytes) => converse(connect(path), bytes),
    async inTunnel(target, bytes, servername) {
      const socket = connect(path);
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
      const first = await new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
      if (!first.startsWith('HTTP/1.1 200')) return first;
      const name = servername ?? target.replace(/:\d+$/, '');
      return converse(secure({ socket, servername: name, ca: own.certificate }), bytes);
    },
  };
}

function converse(socket: Socket, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
    });
    socket.once('end', () => resolve(said)).once('close', () => resolve(said));
    socket.once('error', (error) => (said ? resolve(said) : reject(error)));
    socket.write(Buffer.from(bytes, 'latin1'));
  });
}

/** A plain request through the proxy, as a client would write it. */
export function get(url: string, headers: Record<string, string> = {}, method = 'GET', body = ''): string {
  const host = /^http:\/\/([^/?]*)/.exec(url)?.[1] ?? 'x';
  const rows = Object.entries({ Host: host, Connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `${method} ${url} HTTP/1.1\r\n${rows.join('')}\r\n${body}`;
}

/** The code in a refusal's body; null when it is none. */
export function codeOf(answer: string): string | null {
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  try {
    return (JSON.parse(body) as { code: string }).code;
  } catch {
    return null;
  }
}
