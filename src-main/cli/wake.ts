/** The shortest way from the OS timer to a running host: one HTTP request, nothing else loaded. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { resolvePaths } from '#host/paths.ts';

/** Milliseconds; a host that does not answer by then is asked in the ordinary way, which can also replace it. */
const patience = 5_000;

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

/** True when a running host has recorded it. False: there is none, or it said no; then the ordinary way says why. */
export async function wake(asked: Wake, env: NodeJS.ProcessEnv): Promise<boolean> {
  let socketPath: unknown;
  try {
    socketPath = JSON.parse(readFileSync(resolvePaths(env).endpoint, 'utf8')).socket;
  } catch {
    return false;
  }
  if (typeof socketPath !== 'string') return false;
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
