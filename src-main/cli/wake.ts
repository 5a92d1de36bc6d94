/** The shortest way from the OS timer to a host: one HTTP request, nothing else loaded but what starts a host. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { resolvePaths } from '#host/paths.ts';

/** Milliseconds; a host that does not answer by then is asked in the ordinary way, which can also replace it. */
const patience = 5_000;
const lookMs = 5;

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
  const { startHost } = await import('#server/start-host.ts');
  const start = await startHost(paths, env).catch(() => null);
  for (const until = performance.now() + patience; start && performance.now() < until && !start.exited(); ) {
    const socket = noted(paths.endpoint);
    if (socket !== null) return ask(asked, socket);
    await pause(lookMs);
  }
  return false;
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

function ask(asked: Wake, socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json' };
    const call = request({ socketPath, method: 'POST', path: '/rpc/due', headers, timeout: patience }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode === 200));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end(JSON.stringify({ json: asked }));
  });
}
