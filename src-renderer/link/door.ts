/** Opens one connection to the host: over a port from the preload in the window, over a WebSocket in a browser. */
import { createORPCClient } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ApiClient } from '#contract/api.ts';
import type { Door as DoorName } from '#contract/questions.ts';
import { faultLink } from '#contract/wire-faults.ts';

/** A connection that is open; `closed` settles once when it is gone, whoever ended it. */
export interface Door {
  client: ApiClient;
  closed: Promise<void>;
  close(): void;
}

declare global {
  interface Window {
    /** Set by the preload only. */
    nightshift?: { shell: 'electron' };
  }
}

/** What this page is called where an answer names the door it came through. */
export const ownDoor = (): DoorName => (window.nightshift?.shell === 'electron' ? 'window' : 'browser');

/** Resolves when the connection can be used; rejects when it cannot be had now. */
export function openDoor(): Promise<Door> {
  if (window.nightshift?.shell === 'electron') return openPort();
  const address = new URL('/rpc', window.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return openSocket(address.href);
}

export async function openSocket(address: string): Promise<Door> {
  const socket = new WebSocket(address);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.addEventListener('close', () => resolve(), { once: true });
  const isOpen = () => socket.readyState === WebSocket.OPEN;
  const client = createORPCClient<ApiClient>(faultLink(new SocketLink({ websocket: socket }), isOpen));
  await new Promise<void>((opened, refused) => {
    socket.addEventListener('open', () => opened(), { once: true });
    socket.addEventListener('close', () => refused(new Error('The host did not take the connection.')), { once: true });
  });
  return { client, closed, close: () => socket.close() };
}

async function openPort(): Promise<Door> {
  const port = await askForPort();
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  let open = true;
  const gone = () => {
    open = false;
    resolve();
  };
  port.addEventListener('close', gone, { once: true });
  const client = createORPCClient<ApiClient>(faultLink(new PortLink({ port }), () => open));
  port.start();
  return {
    client,
    closed,
    close: () => {
      port.close();
      gone(); // The end that closes a port is not told about it.
    },
  };
}

/** Gives up after 10 s so that the retry loop, not a lost message, decides when to ask again. */
function askForPort(): Promise<MessagePort> {
  return new Promise((resolve, reject) => {
    const hear = (message: MessageEvent) => {
      const port = message.ports[0];
      if (message.source !== window || message.data !== 'nightshift:port' || !port) return;
      settle();
      resolve(port);
    };
    const settle = () => {
      clearTimeout(timer);
      window.removeEventListener('message', hear);
    };
    const timer = setTimeout(() => {
      settle();
      reject(new Error('The window was not given a connection.'));
    }, 10_000);
    window.addEventListener('message', hear);
    window.postMessage('nightshift:want-port', window.location.origin);
  });
}
