/** The sandbox's end of the network: listens where programs expect a proxy and passes bytes to the socket outside. */
import type { Socket } from 'node:net';
import type { LocalPort } from '#contract/egress.ts';

export interface WayOut {
  /** Path of the proxy's socket. */
  socket: string;
  /** On 127.0.0.1 of this sandbox. */
  port: number;
  /** Allowed ports of the machine's loopback, found here at the same place: programs ask no proxy for such names. */
  local: LocalPort[];
  /** Hosts to ask for: the one is answered by the proxy itself, the other must be refused by it. */
  probes: { answered: string; refused: string };
}

/** Settles when it listens. What is said is not looked at here: everything is judged on the other side. */
export async function openWayOut({ socket, port, local }: WayOut): Promise<void> {
  await listen('127.0.0.1', port, (inner) => join(inner, dial(socket)));
  for (const { host, port: same } of local) {
    const name = host.includes(':') ? `[${host}]` : host;
    const through = (inner: Socket): void => tunnel(inner, dial(socket), `${name}:${same}`);
    // A machine without one of the two families has the other.
    for (const at of host === 'localhost' ? ['127.0.0.1', '::1'] : [host])
      await listen(at, same, through).catch(() => {});
  }
}

function dial(path: string): Socket {
  return process.getBuiltinModule('node:net').connect({ path, allowHalfOpen: true });
}

function listen(host: string, port: number, serve: (inner: Socket) => void): Promise<void> {
  const server = process.getBuiltinModule('node:net').createServer({ allowHalfOpen: true, noDelay: true }, serve);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

function join(inner: Socket, outer: Socket): void {
  const { pipeline } = process.getBuiltinModule('node:stream');
  pipeline(inner, outer, (error) => error && inner.destroy());
  pipeline(outer, inner, (error) => error && outer.destroy());
}

/** For who speaks to the machine itself: the proxy is asked here. A refusal looks as if nobody listened. */
function tunnel(inner: Socket, outer: Socket, target: string): void {
  const end = (): void => {
    outer.destroy();
    inner.resetAndDestroy();
  };
  let said = Buffer.alloc(0);
  const read = (chunk: Buffer): void => {
    said = Buffer.concat([said, chunk]);
    const head = said.indexOf('\r\n\r\n');
    if (head < 0) {
      if (said.length > 65_536) end();
      return;
    }
    outer.off('data', read).off('error', end).off('end', end).pause();
    inner.off('error', end);
    if (/^HTTP\/1\.1 2/.test(said.toString('latin1'))) {
      outer.unshift(said.subarray(head + 4));
      join(inner, outer);
    } else end();
  };
  outer.once('error', end).once('end', end).on('data', read);
  inner.once('error', end);
  outer.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
}

/** The status line that the proxy answers a plain request with; empty when it does not answer within five seconds. */
export function askProxy(port: number, host: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = process.getBuiltinModule('node:net').connect({ port, host: '127.0.0.1', timeout: 5000 });
    let said = '';
    const end = (): void => {
      socket.destroy();
      resolve(said.split('\r\n')[0] ?? '');
    };
    socket.once('error', end).once('timeout', end).once('end', end);
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
      if (said.includes('\r\n')) end();
    });
    socket.write(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
}
