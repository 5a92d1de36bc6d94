/** Passes messages between a page's MessagePort and the host, unread: both speak the same protocol. */
import { openSocket } from './connect.ts';

/** What a MessagePort of Electron's main process and of `node:worker_threads` have in common, each in its own shape. */
export interface RelayPort {
  postMessage(data: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start?(): void;
  close(): void;
}

/**
 * Connects `port` to the host at `socketPath` until either side closes, which closes the other. What the page says
 * before the host has answered waits. Rejects with `host.unreachable`, and closes the port.
 */
export async function relayPort(port: RelayPort, socketPath: string): Promise<void> {
  const early: (string | Uint8Array)[] = [];
  let send = (data: string | Uint8Array): void => void early.push(data);
  let closed = false;
  let hangUp = () => {
    closed = true;
  };
  port.on('message', (message) => send(payload(message)));
  port.on('close', () => hangUp());
  port.start?.();
  const socket = await openSocket(socketPath).catch((error: unknown) => {
    port.close();
    throw error;
  });
  hangUp = () => socket.close();
  if (closed) return hangUp();
  send = (data) => socket.send(data);
  for (const data of early) send(data);
  socket.on('message', (data: Buffer, binary) => port.postMessage(binary ? new Uint8Array(data) : data.toString()));
  socket.on('close', () => port.close());
}

/** Electron wraps what was posted in an event, Node hands it over as it is. */
function payload(message: unknown): string | Uint8Array {
  const wrapped = typeof message === 'object' && message !== null && 'data' in message;
  return (wrapped ? message.data : message) as string | Uint8Array;
}
