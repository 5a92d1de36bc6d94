/** Ends the encryption of one tunnel inside the proxy, for hosts with rules about methods, paths or credentials. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Authority } from './authority.ts';
import type { Target } from './target.ts';

/** What a tunnel was judged to be; kept with its socket. */
export interface Tunnel {
  target: Target;
  addresses: readonly string[];
}

export interface Inspector {
  open(inner: Duplex, head: Buffer, tunnel: Tunnel): Promise<void>;
  close(): void;
}

/** `answer` gets each request inside a tunnel; `null` in place of the tunnel when it asks for another host than that. */
export function createInspector(
  authority: Promise<Authority>,
  answer: (request: IncomingMessage, response: ServerResponse, tunnel: Tunnel, honest: boolean) => void,
): Inspector {
  const tunnels = new WeakMap<object, Tunnel>();
  const server: Server = createServer((request, response) => {
    const tunnel = tunnels.get(request.socket);
    if (!tunnel) return void response.destroy();
    answer(request, response, tunnel, isHonest(request, tunnel.target));
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  return {
    async open(inner, head, tunnel) {
      const secureContext = await (await authority).contextFor(tunnel.target.host);
      inner.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) inner.unshift(head);
      const socket = new TLSSocket(inner, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
      tunnels.set(socket, tunnel);
      socket.on('error', () => inner.destroy());
      socket.once('secure', () => server.emit('connection', socket));
    },
    close: () => server.close(),
  };
}

/** Both names that the client gives inside must be the one that the tunnel was opened for. */
function isHonest(request: IncomingMessage, { host, port }: Target): boolean {
  const claimed = (request.headers.host ?? '').toLowerCase();
  const named = (request.socket as TLSSocket & { servername?: string | false }).servername;
  const sni = typeof named === 'string' ? named.toLowerCase() : host;
  return (claimed === host || claimed === `${host}:${port}`) && sni === host && (request.url ?? '').startsWith('/');
}
