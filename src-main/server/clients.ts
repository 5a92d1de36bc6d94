/** Everyone who is attached, over whichever door: serves them all with one router and knows how many there are. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AnyRouter } from '@orpc/server';
import { RPCHandler as HttpHandler } from '@orpc/server/node';
import { RPCHandler as SocketHandler } from '@orpc/server/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { rpcPath } from './rpc-path.ts';

export interface Clients {
  /** Takes over an HTTP upgrade that its door has let in. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** One call and its answer over plain HTTP, for whoever has no time to open a stream. */
  answer(request: IncomingMessage, response: ServerResponse): void;
  count(): number;
  onChange(fn: () => void): void;
  /** Says goodbye to all and settles when all are gone, or after a second without them. */
  close(): Promise<void>;
}

/** A request carries text that a person wrote; answers may be larger. Bytes. */
const maxRequest = 8_000_000;
const goodbyeMs = 1000;

export function createClients(router: AnyRouter): Clients {
  const handler = new SocketHandler(router);
  const http = new HttpHandler(router);
  const server = new WebSocketServer({ noServer: true, maxPayload: maxRequest, perMessageDeflate: false });
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const fn of listeners) fn();
  };
  server.on('connection', (socket) => {
    socket.on('error', () => socket.terminate());
    socket.on('close', changed);
    void handler.upgrade(paced(socket));
    changed();
  });
  return {
    upgrade: (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request)),
    answer: (request, response) =>
      void http.handle(request, response, { prefix: rpcPath }).then(
        ({ matched }) => matched || response.writeHead(404).end(),
        () => response.destroy(),
      ),
    count: () => server.clients.size,
    onChange: (fn) => listeners.add(fn),
    async close() {
      const gone = [...server.clients].map((client) => new Promise((resolve) => client.once('close', resolve)));
      for (const client of server.clients) client.close(1001, 'the host stops');
      const patience = setTimeout(() => {
        for (const client of server.clients) client.terminate();
      }, goodbyeMs);
      await Promise.all(gone);
      clearTimeout(patience);
      server.close();
    },
  };
}

/** A stream waits until its last item is on the way, so a slow reader costs one item of memory, not the whole log. */
function paced(socket: WebSocket): Pick<WebSocket, 'addEventListener' | 'send'> {
  const send = (data: string | Uint8Array) => new Promise<void>((resolve) => socket.send(data, () => resolve()));
  return {
    addEventListener: socket.addEventListener.bind(socket) as WebSocket['addEventListener'],
    send: send as WebSocket['send'],
  };
}
