/**
 * One run's way out: a proxy on a Unix socket, so that having the socket is the permission. In this order: shape of the
 * address, canonical host, allow-list with port, addresses, then the budget; every attempt is reported.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { EgressCode } from '#contract/egress.ts';
import { probeHost } from '#contract/egress.ts';
import type { Credential } from '#core/ports.ts';
import type { Authority } from './authority.ts';
import type { Budget } from './budget.ts';
import { inject, scrubFor, serves } from './credentials.ts';
import { denial, refuse, refuseTunnel } from './denials.ts';
import { forward } from './forward.ts';
import { hasBody } from './headers.ts';
import { createInspector, type Tunnel } from './inspect.ts';
import { openEntry, type Report } from './journal.ts';
import { dial, type Judge, judge } from './judge.ts';
import { connectTarget, type Path, requestTarget, type Target } from './target.ts';
import { tunnel } from './tunnel.ts';

export interface ProxyParts extends Judge {
  /** Hosts of package registries: GET and HEAD only. */
  readOnly: readonly string[];
  credentials: readonly Credential[];
  /** Needed for hosts with rules of their own. */
  authority: Promise<Authority> | null;
  budget: Budget;
  report: Report;
  /** PEM of authorities that a host's certificate may come from, besides the usual ones. */
  trust: string | null;
}

export interface Proxy {
  /** Starts listening at the path; rejects when that cannot be. */
  listen(path: string): Promise<void>;
  close(): Promise<void>;
}

/** More at once than any package tool opens. */
const mostConnections = 256;

export function createProxy(parts: ProxyParts): Proxy {
  const { budget, credentials, authority, trust } = parts;
  const open = new Set<Socket>();
  const nowhere = { host: '', port: 0 };

  const judged = async (target: Target | null) => {
    if (!target) return { addresses: null, code: 'net.url_confusing' as const };
    const verdict = await judge(parts, target);
    if (verdict.addresses === null) return verdict;
    if (budget.exhausted) return { addresses: null, code: 'limit.network_bytes' as const };
    if (!budget.request()) return { addresses: null, code: 'limit.network_requests' as const };
    return verdict;
  };

  const restricted = (target: Target): boolean =>
    parts.readOnly.includes(target.host) || credentials.some((each) => serves(each, target));

  /** A request whose target has been judged; `tls` when it came through an inspected tunnel. */
  const pass = async (
    request: IncomingMessage,
    response: ServerResponse,
    { target, path, addresses, tls }: Tunnel & { path: Path; tls: boolean },
  ): Promise<void> => {
    const method = request.method ?? 'GET';
    const entry = openEntry(parts.report, { ...target, method });
    const deny = (code: EgressCode): void => {
      entry.end('deny', code);
      refuse(response, denial(code, { ...target, method }));
    };
    const reading = (method === 'GET' || method === 'HEAD') && !hasBody(request);
    if (parts.readOnly.includes(target.host) && !reading) return deny('net.read_only');
    const headers = tls ? inject(credentials, { target, method, path }) : {};
    const scrub = tls ? scrubFor(credentials, target) : null;
    // Where a secret may come back, the answer must be whole and readable.
    if (scrub) Object.assign(headers, { 'accept-encoding': 'identity' });
    if (scrub) for (const name of ['range', 'if-range']) delete request.headers[name];
    await forward({ target, path, addresses, headers, scrub, tls: tls ? { trust } : null }, request, response, {
      budget,
      entry,
    });
  };

  const inspector =
    authority &&
    createInspector(authority, (request, response, inside, honest) => {
      const method = request.method ?? 'GET';
      const stop = (code: EgressCode): void => {
        openEntry(parts.report, { ...inside.target, method }).end('deny', code);
        refuse(response, denial(code, { ...inside.target, method }));
      };
      if (!honest) return stop('net.url_confusing');
      if (budget.exhausted) return stop('limit.network_bytes');
      if (!budget.request()) return stop('limit.network_requests');
      void pass(request, response, { ...inside, path: request.url ?? '/', tls: true });
    });

  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = requestTarget(request.url ?? '');
    const { target, path } = asked ?? { target: null, path: '/' };
    if (target?.host === probeHost) return void response.writeHead(204).end();
    const verdict = await judged(target);
    if (target && verdict.addresses) {
      return pass(request, response, { target, path, addresses: verdict.addresses, tls: false });
    }
    const at = { ...(target ?? nowhere), method: request.method ?? '' };
    const code = verdict.code ?? 'net.url_confusing';
    openEntry(parts.report, at).end('deny', code);
    refuse(response, denial(code, at));
  };

  const onConnect = async (request: IncomingMessage, inner: Duplex, head: Buffer): Promise<void> => {
    inner.on('error', () => inner.destroy());
    const target = connectTarget(request.url ?? '');
    const verdict = await judged(target);
    const at = { ...(target ?? nowhere), method: 'CONNECT' };
    const entry = openEntry(parts.report, at);
    if (!target || !verdict.addresses) {
      const code = verdict.code ?? 'net.url_confusing';
      entry.end('deny', code);
      return refuseTunnel(inner, denial(code, at));
    }
    if (inspector && restricted(target)) return inspector.open(inner, head, { target, addresses: verdict.addresses });
    const outer = await dial(verdict.addresses, target.port);
    if (!outer) {
      entry.end('allow', 'net.unreachable');
      return refuseTunnel(inner, denial('net.unreachable', at));
    }
    tunnel(inner, head, outer, { budget, entry });
  };

  const server = createServer({ maxHeaderSize: 32_768, requestTimeout: 0 });
  server.maxConnections = mostConnections;
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('request', (request, response) => void onRequest(request, response).catch(() => response.destroy()));
  server.on('connect', (request, inner, head) => void onConnect(request, inner, head).catch(() => inner.destroy()));
  // Not HTTP, or HTTP that can be read in two ways: smuggled requests end here.
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!error.code?.startsWith('HPE_')) return void socket.destroy();
    const at = { ...nowhere, method: '' };
    openEntry(parts.report, at).end('deny', 'net.url_confusing');
    if (socket.writable) refuseTunnel(socket, denial('net.url_confusing', at));
    else socket.destroy();
  });

  return {
    listen: (path) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(path, () => resolve());
      }),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      inspector?.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
