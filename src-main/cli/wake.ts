/**
 * The shortest way of Node's from the OS timer to a host: one question over its socket. (A systemd timer asks a host that
 * runs without Node, see host/scheduler/quick-wake.ts.) Everything loaded here is waited for by every other fire, so it is
 * Node's own and little of it; the question is written out, because `node:http` costs as much as all the rest.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { resolvePaths } from '#host/paths.ts';
import type { HostStart } from '#server/spawn-host.ts';

/** Milliseconds; a host that does not answer by then is asked in the ordinary way, which can also replace it. */
const patience = 5_000;
const lookMs = 2;

export interface Wake {
  by: string;
  routine?: string;
}

/** The arguments that the OS timer gives, and only those; null for everything else. */
export function readWake(argv: readonly string[]): Wake | null {
  const [command, ...rest] = argv;
  if (command !== 'due' || !rest.includes('--no-wait')) return null;
  const wake: Partial<Wake> = {};
  for (let i = 0; i < rest.length; i++) {
    const flag = rest[i];
    if (flag === '--no-wait') continue;
    const value = rest[++i];
    if (value === undefined) return null;
    if (flag === '--by') wake.by = value;
    else if (flag === '--routine') wake.routine = value;
    else return null;
  }
  return wake.by === undefined ? null : { ...wake, by: wake.by };
}

/**
 * True when a host has recorded it; one is started where none is noted. False: it said no, or does not answer; then the
 * ordinary way says why.
 */
export async function wake(asked: Wake, env: NodeJS.ProcessEnv): Promise<boolean> {
  const paths = resolvePaths(env);
  const known = noted(paths.endpoint);
  if (known !== null) return ask(asked, known);
  const start = await startQuickly(paths, env).catch(() => null);
  for (const until = performance.now() + patience; start && performance.now() < until && !start.exited(); ) {
    const socket = noted(paths.endpoint);
    if (socket !== null) return ask(asked, socket);
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  return false;
}

/** As the ordinary way starts one, without the words for what can go wrong: whatever does, the ordinary way comes next. */
async function startQuickly(paths: ReturnType<typeof resolvePaths>, env: NodeJS.ProcessEnv): Promise<HostStart> {
  if (env.INVOCATION_ID) {
    const { startHostUnit } = await import('#host/scheduler/host-unit.ts');
    if (await startHostUnit({ env, paths })) return { exited: () => null };
  }
  const [{ openOutput, spawnDetached }, { entry }] = await Promise.all([
    import('#server/spawn-host.ts'),
    import('#host/self.ts'),
  ]);
  return spawnDetached(paths, env, entry('host'), openOutput(paths));
}

/** Where the host says that it listens; null when it says nothing. */
function noted(endpoint: string): string | null {
  try {
    const { socket } = JSON.parse(readFileSync(endpoint, 'utf8'));
    return typeof socket === 'string' ? socket : null;
  } catch {
    return null;
  }
}

/** The whole answer is waited for: only then has the host recorded it. */
function ask(asked: Wake, path: string): Promise<boolean> {
  const body = JSON.stringify({ json: asked });
  const headers = ['Host: localhost', 'Connection: close', 'Content-Type: application/json'];
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ path });
    socket.setEncoding('latin1');
    socket.setTimeout(patience, () => socket.destroy());
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', () => {});
    socket.on('end', () => resolve(/^HTTP\/1\.1 200 /.test(answer)));
    socket.on('close', () => resolve(false));
    socket.write(`${['POST /rpc/due HTTP/1.1', ...headers, length].join('\r\n')}\r\n\r\n${body}`);
  });
}
