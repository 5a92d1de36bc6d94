/** The ways a client reaches the same handlers, each set up with the product's own parts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { AnyRouter } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { WebSocket } from 'ws';
import type { ApiClient } from '#contract/api.ts';
import { faultLink } from '#contract/wire-faults.ts';
import type { Log } from '#core/ports.ts';
import { systemClock } from '#host/clock.ts';
import { createClients } from '#server/clients.ts';
import { connectSocket, overWebSocket } from '#server/connect.ts';
import { openDoor } from '#server/door.ts';
import { relayPort } from '#server/relay.ts';
import { createRouter } from '#server/router.ts';
import { openSocketDoor } from '#server/socket-door.ts';
import { type FakeProduct, fakeProduct } from './fake-product.ts';

export interface Logged {
  what: string;
  error: unknown;
}

export interface Opened {
  client: ApiClient;
  /** As when the person closes the window. */
  hangUp(): void;
  /** As when the host goes. */
  stopServer(): Promise<void>;
  logged: Logged[];
}

export interface Transport {
  name: string;
  open(product: FakeProduct): Promise<Opened>;
}

const cleanups: (() => unknown)[] = [];

/** Ends whatever the transports of one test have opened. */
export async function closeAll(): Promise<void> {
  for (const clean of cleanups.splice(0).reverse()) await clean();
}

export function openFake(file?: string): FakeProduct {
  const product = fakeProduct(file);
  cleanups.push(() => product.close());
  return product;
}

export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'nightshift-doors-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function recordingLog(): { log: Log; logged: Logged[] } {
  const logged: Logged[] = [];
  return { logged, log: { info() {}, error: (what, error) => logged.push({ what, error }) } };
}

export const transports: Transport[] = [
  {
    name: 'MessagePort',
    async open(product) {
      const { router, logged } = routed(product);
      const { port1, port2 } = new MessageChannel();
      new RPCHandler(router).upgrade(port1 as never);
      port1.start();
      const stop = async () => port1.close();
      cleanups.push(stop, () => port2.close());
      return { ...pageSide(port2), logged, stopServer: stop };
    },
  },
  {
    name: 'MessagePort relayed to the Unix socket',
    async open(product) {
      const { socket, stopServer, logged } = await unixServer(product);
      const { port1, port2 } = new MessageChannel();
      cleanups.push(() => port2.close());
      // Not awaited: what the page says before the host has answered must wait, not vanish.
      void relayPort(port1, socket);
      return { ...pageSide(port2), logged, stopServer };
    },
  },
  {
    name: 'WebSocket on loopback',
    async open(product) {
      const { router, log, logged } = routed(product);
      const clients = createClients(router);
      const page = scratch();
      writeFileSync(join(page, 'index.html'), '<!doctype html><title>page</title>');
      const door = await openDoor({ root: page, clients, clock: systemClock, log });
      const stopServer = async () => {
        door.close();
        await clients.close();
      };
      cleanups.push(stopServer);
      const cookie = (await fetch(door.mintUrl())).headers.get('set-cookie')?.split(';', 1)[0] ?? '';
      const origin = `http://127.0.0.1:${door.port}`;
      const socket = new WebSocket(`ws://127.0.0.1:${door.port}/rpc`, { headers: { cookie }, origin });
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      const { client, close } = overWebSocket(socket);
      cleanups.push(close);
      return { client, hangUp: close, stopServer, logged };
    },
  },
  {
    name: 'Unix socket',
    async open(product) {
      const { socket, stopServer, logged } = await unixServer(product);
      const { client, close } = await connectSocket(socket);
      cleanups.push(close);
      return { client, hangUp: close, stopServer, logged };
    },
  },
];

function routed(product: FakeProduct): { router: AnyRouter; log: Log; logged: Logged[] } {
  const { log, logged } = recordingLog();
  return { router: createRouter(product.handlers, log), log, logged };
}

async function unixServer(product: FakeProduct) {
  const { router, logged } = routed(product);
  const clients = createClients(router);
  const socket = join(scratch(), 'host.sock');
  const door = await openSocketDoor(socket, clients);
  const stopServer = async () => {
    door.close();
    await clients.close();
  };
  cleanups.push(stopServer);
  return { socket, stopServer, logged };
}

/** What a page does with the port that it is handed. */
function pageSide(port: MessagePort): Pick<Opened, 'client' | 'hangUp'> {
  let open = true;
  port.on('close', () => {
    open = false;
  });
  const link = new RPCLink({ port: port as never });
  port.start();
  return { client: createORPCClient(faultLink(link, () => open)), hangUp: () => port.close() };
}
