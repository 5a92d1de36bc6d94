/** The door for a browser: loopback only, a cookie that only a one-time code can buy, and exact Host and Origin checks. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock, Log } from '#core/ports.ts';
import type { Clients } from './clients.ts';
import type { DoorMemory } from './door-memory.ts';
import { rpcPath } from './rpc-path.ts';
import { createSignIn } from './sign-in.ts';
import { findStatic } from './static-files.ts';

export interface Door {
  port: number;
  /** A link that signs one browser in. A secret until used: never log it. */
  mintUrl(): string;
  close(): void;
}

const address = '127.0.0.1';
const signInPath = '/sign-in';

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

interface DoorOptions {
  /** Folder of the built page. */
  root: string;
  clients: Clients;
  clock: Clock;
  log: Log;
  /** What an earlier host's door knew. Its port is taken again when it is free; its sessions count on that port alone. */
  memory?: DoorMemory | null;
  remember?: (memory: DoorMemory) => void;
}

/** Rejects when no port can be had. */
export async function openDoor({ root, clients, clock, log, memory, remember }: DoorOptions): Promise<Door> {
  const server = createServer();
  const port = await listen(server, memory?.port ?? 0);
  const host = `${address}:${port}`;
  const origin = `http://${host}`;
  const known = port === memory?.port ? memory.sessions : [];
  const signIn = createSignIn(clock, `nightshift-${port}`, known, (sessions) => remember?.({ port, sessions }));

  const isForeign = ({ headers: { host: named, origin: from } }: IncomingMessage) =>
    named !== host || (from !== undefined && from !== origin);

  const letIn = (request: IncomingMessage, response: ServerResponse, code: string) => {
    // A preview of links looks with HEAD; that must not spend the code.
    if (request.method !== 'GET') return page(response.setHeader('allow', 'GET'), 405, 'Only GET.');
    const cookie = signIn.exchange(code);
    if (cookie === null) return page(response, 403, `This link was used before or is too old. ${newLink}`);
    response.setHeader('set-cookie', cookie);
    // A redirect would follow before a Strict cookie counts when the link was clicked on another site.
    page(response, 200, 'Opening Nightshift …', '<meta http-equiv="refresh" content="0;url=/">');
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (isForeign(request)) return page(response, 403, 'This address is not for other sites.');
    if (request.method !== 'GET' && request.method !== 'HEAD') return page(response, 405, 'Only GET and HEAD.');
    const url = new URL(request.url ?? '/', origin);
    if (url.pathname === signInPath) return letIn(request, response, url.searchParams.get('code') ?? '');
    if (!signIn.knows(request.headers.cookie)) return page(response, 403, `You are not signed in. ${newLink}`);
    const file = await findStatic(root, url.pathname);
    if (file === null) return page(response, 404, 'There is no such file.');
    const caching = file.immutable ? { 'cache-control': 'private, max-age=31536000, immutable' } : {};
    response.writeHead(200, { ...headers, ...caching, 'content-type': file.type, 'content-length': file.body.length });
    response.end(request.method === 'HEAD' ? undefined : file.body);
  };
  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.error('a page request failed', error);
      if (!response.headersSent) page(response, 500, 'Nightshift could not answer; its log says why.');
      else response.destroy();
    });
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const { cookie, origin: from } = request.headers;
    const welcome = !isForeign(request) && from === origin && request.url === rpcPath && signIn.knows(cookie);
    if (welcome) clients.upgrade(request, socket, head);
    else socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  return {
    port,
    mintUrl: () => `${origin}${signInPath}?code=${signIn.mint()}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The wished port, or any other when that one is taken. */
async function listen(server: Server, wished: number): Promise<number> {
  const tryPort = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, address, () => {
        server.off('error', reject);
        resolve();
      });
    });
  await tryPort(wished).catch((error: NodeJS.ErrnoException) => {
    if (wished === 0 || (error.code !== 'EADDRINUSE' && error.code !== 'EACCES')) throw error;
    return tryPort(0);
  });
  return (server.address() as AddressInfo).port;
}

const newLink = 'Ask for a new link: run `nightshift open`.';

function page(response: ServerResponse, status: number, text: string, head = ''): void {
  const body = `<!doctype html><meta charset="utf-8"><title>Nightshift</title>${head}<p>${text}\n`;
  response.writeHead(status, { ...headers, 'content-type': 'text/html; charset=utf-8' });
  response.end(body);
}
