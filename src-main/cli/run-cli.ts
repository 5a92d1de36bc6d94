/** One command line in, one exit code out: parses, attaches to the host, runs the command, reports what went wrong. */
import { lines } from './answer.ts';
import { withoutVainHelp } from './asked-help.ts';
import { exitCodes } from './exit-codes.ts';
import { createPaint } from './print/paint.ts';
import { type Alone, createProgram, type Perform } from './program.ts';
import type { Context, Shell } from './shell.ts';

/** Never throws; whatever goes wrong is on `shell.err` when it settles. */
export async function runCli(argv: string[], shell: Shell): Promise<number> {
  let code = 0;
  const perform: Perform = async (work, how = {}) => {
    const json = program.opts<{ json?: boolean }>().json === true;
    const done = attached(shell, json, work, how);
    code = await (how.stopsItself ? done : unlessInterrupted(shell.signal, done));
  };
  let failed: number = exitCodes.failed;
  const alone: Alone = async (work, own = failed) => {
    failed = own;
    code = await work();
  };
  const program = createProgram(shell, perform, alone);
  try {
    await program.parseAsync(withoutVainHelp(program, argv), { from: 'user' });
    return code;
  } catch (error) {
    const { report } = await import('./report.ts');
    const reported = report(error, { shell, program, argv });
    return reported === exitCodes.failed ? failed : reported;
  }
}

async function attached(
  shell: Shell,
  json: boolean,
  work: Parameters<Perform>[0],
  how: NonNullable<Parameters<Perform>[1]>,
): Promise<number> {
  const start = how.start ?? true;
  const link = await attachOr(shell, start, json, how.absent);
  if (!link) return 0;
  const ctx = createContext(shell, link, json);
  try {
    return await work(ctx);
  } finally {
    ctx.link.close();
  }
}

/** Null when no host runs, none may be started, and the command has an answer for that. */
async function attachOr(shell: Shell, start: boolean, json: boolean, absent: string | undefined) {
  try {
    return await shell.attach({ start });
  } catch (error) {
    const { toFault } = await import('#contract/wire-faults.ts');
    if (absent === undefined || toFault(error).code !== 'host.unreachable') throw error;
    shell.out.write(json ? '{}\n' : lines([absent]));
    return null;
  }
}

export function createContext(shell: Shell, first: Context['link'], json: boolean): Context {
  let link = first;
  let pending: Promise<void> | undefined;
  const replace = async () => {
    link.close();
    link = await shell.attach({ start: true });
  };
  return {
    ...shell,
    json,
    paint: createPaint(shell.out, shell.env),
    get client() {
      return link.client;
    },
    get link() {
      return link;
    },
    async reattach(gone) {
      if (gone !== link) return;
      pending ??= replace().finally(() => {
        pending = undefined;
      });
      await pending;
    },
    tell: (line) => void (json ? shell.err : shell.out).write(`${line}\n`),
  };
}

/** Rejects with the signal's reason as soon as it is aborted; the work itself sees the same signal. */
async function unlessInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
