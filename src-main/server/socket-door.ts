/** The door for this user's own programs: WebSocket and plain HTTP over a Unix socket (named pipe on Windows) that nobody else can open. */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Clients } from './clients.ts';
import { rpcPath } from './rpc-path.ts';

export interface SocketDoor {
  /** Stops listening; who is connected stays. */
  close(): void;
}

/** Only for the lease holder: a socket that a dead host left behind is replaced. Rejects when the path cannot be used. */
export async function openSocketDoor(path: string, clients: Clients): Promise<SocketDoor> {
  const server = createServer((request, response) => clients.answer(request, response));
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (request.url === rpcPath) clients.upgrade(request, socket, head);
    else socket.destroy();
  });
  const pipe = process.platform === 'win32';
  if (!pipe) removeStale(path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', resolve);
    // The socket file must never exist with wider rights, not even for an instant; listen() creates it before returning.
    const before = pipe ? undefined : process.umask(0o177);
    try {
      server.listen(path);
    } finally {
      if (before !== undefined) process.umask(before);
    }
  });
  if (!pipe) chmodSync(path, 0o600);
  return {
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function removeStale(path: string): void {
  try {
    if (lstatSync(path).isSocket()) unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
