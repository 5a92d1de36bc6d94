/** Joins the command line to this process: its streams, its signals, its environment, and the host it attaches to. */

import { systemClock } from '#host/clock.ts';
import { resolvePaths } from '#host/paths.ts';
import { productVersion } from '#server/version.ts';
import { runCli } from './run-cli.ts';
import { personsFolder } from './typed.ts';

/** Runs `process.argv` and ends the process with the exit code, after all output has been taken. */
export async function runHere(): Promise<void> {
  const { env } = process;
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());
  for (const stream of [process.stdout, process.stderr]) stream.on('error', leaveWhenUnread);
  const code = await runCli(process.argv.slice(2), {
    out: process.stdout,
    err: process.stderr,
    stdin: process.stdin,
    env,
    cwd: personsFolder(env, process.cwd()),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    clock: systemClock,
    signal: interrupt.signal,
    version: productVersion(),
    attach: async ({ start }) => {
      const { attach } = await import('#server/attach.ts');
      return await attach({ paths: resolvePaths(env), env, start });
    },
  });
  await Promise.all([process.stdout, process.stderr].map(taken));
  process.exit(code);
}

/** The reader of a pipe has left, as in `nightshift runs list | head -1`: there is nobody to tell any more. */
function leaveWhenUnread(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

/** Settles when the stream has handed on all it was given. */
function taken(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
