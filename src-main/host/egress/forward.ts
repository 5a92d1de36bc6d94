/** Passes one judged request on to its host and the answer back; redirects are the client's to follow, and judged anew. */
import { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse, request as send } from 'node:http';
import { pipeline, type Transform } from 'node:stream';
import { connect as secure } from 'node:tls';
import { type Budget, meter } from './budget.ts';
import { denial, refuse } from './denials.ts';
import { withoutHops } from './headers.ts';
import type { Entry } from './journal.ts';
import { dial } from './judge.ts';
import type { Path, Target } from './target.ts';

export interface Errand {
  target: Target;
  path: Path;
  addresses: readonly string[];
  /** Encrypted, and with the host's certificate checked; `trust`: PEM of authorities besides the usual ones. */
  tls: { trust: string | null } | null;
  /** Set over what the client sent. */
  headers: OutgoingHttpHeaders;
  /** For texts that must not come back; null: nothing to look for. */
  scrub: { headers(all: OutgoingHttpHeaders): OutgoingHttpHeaders; body(): Transform } | null;
}

export async function forward(
  { target, path, addresses, tls, headers, scrub }: Errand,
  from: IncomingMessage,
  to: ServerResponse,
  { budget, entry }: { budget: Budget; entry: Entry },
): Promise<void> {
  const method = from.method ?? 'GET';
  const fail = (): void => {
    const code = budget.exhausted ? 'limit.network_bytes' : 'net.unreachable';
    entry.end('allow', code);
    refuse(to, denial(code, { ...target, method }));
  };
  const socket = await dial(addresses, target.port);
  if (!socket) return fail();
  const usual = (tls ? 443 : 80) === target.port ? '' : `:${target.port}`;
  const host = (target.host.includes(':') ? `[${target.host}]` : target.host) + usual;
  const servername = target.literal ? '' : target.host;
  const trust = tls?.trust ? { ca: tls.trust } : {};
  const upstream = send({
    ...{ method, path, setHost: false },
    headers: { ...withoutHops(from.headers), ...headers, host, connection: 'close' },
    createConnection: () => (tls ? secure({ socket, servername, host: target.host, ...trust }) : socket),
  });
  to.once('close', () => upstream.destroy());
  upstream.once('error', fail);
  pipeline(from, meter(budget, entry.sent), upstream, (error) => error && upstream.destroy());
  upstream.once('response', (answer) => {
    const encoding = answer.headers['content-encoding'];
    if (scrub && encoding !== undefined && encoding !== 'identity') {
      entry.end('allow', 'net.response_encoded');
      refuse(to, denial('net.response_encoded', { ...target, method }));
      upstream.destroy();
      return;
    }
    const kept = withoutHops(answer.headers);
    if (scrub) delete kept['content-length'];
    to.writeHead(answer.statusCode ?? 502, scrub ? scrub.headers(kept) : kept);
    pipeline([answer, meter(budget, entry.received), ...(scrub ? [scrub.body()] : []), to], (error) => {
      if (error) to.destroy();
      entry.end('allow', budget.exhausted ? 'limit.network_bytes' : error ? 'net.unreachable' : null);
    });
  });
}
