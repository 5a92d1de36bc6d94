/** A typed client over one WebSocket: calls fail with Faults only, and all at once when the connection ends. */
import { connect as connectTo } from 'node:net';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { WebSocket } from 'ws';
import type { ApiClient } from '#contract/api.ts';
import { Fault } from '#contract/faults.ts';
import { faultLink } from '#contract/wire-faults.ts';
import { rpcPath } from './rpc-path.ts';

export interface Connection {
  client: ApiClient;
  closed: Promise<void>;
  /** Idempotent. */
  close(): void;
}

const handshakeMs = 5000;
const goodbyeMs = 1000;
/** A run's whole record or a large diff in one answer, in bytes. */
const maxAnswer = 256_000_000;

/** Rejects with `host.unreachable` when nobody answers at `path`, a Unix socket or named pipe. */
export async function connectSocket(path: string, patienceMs?: number): Promise<Connection> {
  return overWebSocket(await openSocket(path, patienceMs));
}

/** An open WebSocket to the host that listens at `path`. Rejects with `host.unreachable`. */
export function openSocket(path: string, patienceMs = handshakeMs): Promise<WebSocket> {
  const timeout = Math.min(handshakeMs, patienceMs);
  const socket = new WebSocket(`ws://localhost${rpcPath}`, {
    createConnection: () => connectTo({ path, timeout }),
    handshakeTimeout: timeout,
    maxPayload: maxAnswer,
    perMessageDeflate: false,
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.on('error', (cause) => {
      const cure = 'Try again; a new host starts by itself.';
      reject(new Fault('host.unreachable', `No Nightshift host answers at ${path}.`, { cure, cause }));
    });
  });
}

/** `socket` must be open. */
export function overWebSocket(socket: WebSocket): Connection {
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket });
  const isOpen = () => socket.readyState === WebSocket.OPEN;
  return {
    client: createORPCClient(faultLink(link, isOpen)),
    closed,
    close() {
      socket.close();
      // A host that hangs must not keep a command from ending.
      setTimeout(() => socket.terminate(), goodbyeMs).unref();
    },
  };
}
