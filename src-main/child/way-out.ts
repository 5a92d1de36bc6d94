/** The sandbox's end of the network: listens where programs expect a proxy and passes bytes to the socket outside. */
export interface WayOut {
  /** Path of the proxy's socket. */
  socket: string;
  /** On 127.0.0.1 of this sandbox. */
  port: number;
  /** Hosts to ask for: the one is answered by the proxy itself, the other must be refused by it. */
  probes: { answered: string; refused: string };
}

/** Settles when it listens. What is said is not looked at here: everything is judged on the other side. */
export function openWayOut({ socket, port }: WayOut): Promise<void> {
  const { connect, createServer } = process.getBuiltinModule('node:net');
  const { pipeline } = process.getBuiltinModule('node:stream');
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (inner) => {
    const outer = connect({ path: socket, allowHalfOpen: true });
    pipeline(inner, outer, (error) => error && inner.destroy());
    pipeline(outer, inner, (error) => error && outer.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
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
