/** Starts bubblewrap with one policy each and ends it again: when `gone` has settled, no process of the sandbox exists. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { firstFileDescriptor, infoDescriptor, type Policy } from './policy-linux.ts';

export interface SandboxProcess {
  input: Writable;
  output: Readable;
  /** The last of what was written to stderr. */
  said(): string;
  /** Settles when every process of the sandbox is gone; says how the outermost ended. */
  gone: Promise<string>;
  /** Rejects when the program could not be started at all. */
  started: Promise<void>;
  /** Settles when every text of the policy was handed over; rejects with the fault of one that cannot be had. */
  supplied: Promise<void>;
  /** Process id, on this side, of the first process inside, as soon as it is there. Settles not without one. */
  first: Promise<number>;
  /** It had waited, and ended before anything was inside: somebody ended it as it was taken. Another one may be started. */
  endedWaiting(): boolean;
  kill(): void;
}

/** Characters of stderr that are kept. */
const keptWords = 4000;

export interface Starter {
  start(policy: Policy): SandboxProcess;
  /**
   * Makes a bubblewrap ready for another policy with the same command and as many files. It waits to be told the rest, and
   * ends with this process. Never throws: one that cannot be made now is made when it is needed.
   */
  prepare(policy: Policy): void;
}

/** Kinds of sandboxes that one waits for: a run's, and that of its checks. */
const mostWaiting = 2;

/** `ahead`: false makes nothing ready. */
export function createStarter(bwrap: string, ahead: boolean): Starter {
  const waiting = new Map<string, ChildProcess>();
  const begin = (args: string[], pipes: number) =>
    asVictim(() =>
      spawn(bwrap, args, {
        // A session of its own: Ctrl-C in the host's terminal is for the host to handle.
        detached: true,
        env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C' },
        stdio: ['pipe', 'pipe', 'pipe', 'pipe', ...Array<'pipe'>(pipes).fill('pipe')],
      }),
    );

  /** Null: none waits for this kind. */
  function take({ args, command, files }: Policy): ChildProcess | null {
    const kind = kindOf({ command, files });
    const child = waiting.get(kind);
    const options = args.slice(0, args.length - command.length - 1);
    // They are told apart by that character; whoever starts a program with such a word is refused.
    if (!child || options.some((word) => word.includes('\0'))) return null;
    waiting.delete(kind);
    if (!isThere(child)) {
      child.kill('SIGKILL');
      return null;
    }
    child.ref();
    for (const pipe of socketsOf(child)) pipe.ref();
    (child.stdio[firstFileDescriptor + files.length] as Writable).end(options.map((word) => `${word}\0`).join(''));
    return child;
  }

  function wait(kind: string, command: string[], files: number): ChildProcess {
    const child = begin(['--args', String(firstFileDescriptor + files), '--', ...command], files + 1);
    const forget = () => void (waiting.get(kind) === child && waiting.delete(kind));
    child.on('error', forget).on('exit', forget);
    child.unref();
    for (const pipe of socketsOf(child)) pipe.on('error', () => {}).unref();
    return child;
  }

  return {
    start(policy) {
      const ready = take(policy);
      return attend(ready ?? begin(policy.args, policy.files.length), policy, ready !== null);
    },
    prepare({ command, files }) {
      const kind = kindOf({ command, files });
      if (!ahead || waiting.has(kind)) return;
      const [oldest] = waiting;
      if (oldest && waiting.size >= mostWaiting) {
        waiting.delete(oldest[0]);
        oldest[1].kill('SIGKILL');
      }
      try {
        waiting.set(kind, wait(kind, command, files.length));
      } catch {
        // Too many files are open, for one.
      }
    },
  };
}

const kindOf = ({ command, files }: Pick<Policy, 'command' | 'files'>) => JSON.stringify([command, files.length]);
const socketsOf = ({ stdio }: ChildProcess) => stdio.filter((pipe) => pipe instanceof Socket);

/** Somebody may have ended it, and this process not have heard of it yet. */
function isThere(child: ChildProcess): boolean {
  if (child.pid === undefined || hasEnded(child)) return false;
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

function attend(child: ChildProcess, policy: Policy, waited: boolean): SandboxProcess {
  const supplied = supply(child, policy.files);
  let said = '';
  const [input, output, errors] = [child.stdin, child.stdout, child.stderr] as [Writable, Readable, Readable];
  errors.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-keptWords);
  });
  const inner = innerProcess(child);
  const gone = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ? `ended by ${signal}` : `exit code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });
  const started = new Promise<void>((resolve, reject) => {
    // One that waited has long been there.
    if (child.pid !== undefined) resolve();
    child.once('error', reject);
  });
  started.catch(() => {}); // Whoever asks hears of it, also who asks later.
  return {
    input,
    output,
    said: () => said,
    gone,
    started,
    supplied,
    first: inner.known,
    endedWaiting: () => waited && hasEnded(child) && !inner.seen(),
    kill() {
      if (hasEnded(child) || child.pid === undefined) return;
      // The kernel ends a process namespace with its first process, and lets that one be reaped only after all others.
      // Killing the outer process alone would return before they are gone.
      if (!inner.kill()) child.kill('SIGKILL');
    },
  };
}

/**
 * Where the machine runs out of memory all the same, the kernel takes it from a run before it takes it from others. What
 * is started inherits that from us, so we are it ourselves for as long as that takes: a shell in between takes longer.
 */
function asVictim<T>(start: () => T): T {
  let file: number | null = null;
  let own: string | null = null;
  try {
    // Kept open, so that nothing is needed for the way back.
    file = openSync('/proc/self/oom_score_adj', 'r+');
    const before = readFileSync(file, 'utf8');
    writeSync(file, '1000', 0);
    own = before;
  } catch {
    // Not to be had here: then it is as likely as anybody else.
  }
  try {
    return start();
  } finally {
    // The kernel lets everybody go back to what they were.
    if (file !== null && own !== null) writeSync(file, own, 0);
    if (file !== null) closeSync(file);
  }
}

/** Whose text is still to be read gets it later. Rejects with the reason why one cannot be had. */
async function supply(child: ChildProcess, files: Policy['files']): Promise<void> {
  const pipes = files.map((content, index) => {
    const pipe = child.stdio[firstFileDescriptor + index] as Writable;
    pipe.on('error', () => {}); // It ended before it read everything; its exit says why.
    if (typeof content !== 'function') pipe.end(content);
    return { pipe, content };
  });
  await Promise.all(
    pipes.map(async ({ pipe, content }) => {
      if (typeof content === 'function') pipe.end(await content());
    }),
  );
}

/** bubblewrap's process 1 of the new namespace, known as soon as bubblewrap has reported it. */
function innerProcess(child: ChildProcess): { known: Promise<number>; seen(): boolean; kill(): boolean } {
  let report = '';
  const { promise: known, resolve } = Promise.withResolvers<number>();
  const info = child.stdio[infoDescriptor] as Readable;
  info.on('data', (chunk: Buffer) => {
    report += chunk.toString('utf8');
    const first = pid();
    if (first !== null) resolve(first);
  });
  info.on('error', () => {});
  const pid = (): number | null => {
    const said = Number(report.match(/"child-pid":\s*(\d+)/)?.[1]);
    return Number.isInteger(said) && said > 1 ? said : null;
  };
  return {
    known,
    seen: () => pid() !== null,
    kill() {
      const first = pid();
      if (first === null) return false;
      try {
        process.kill(first, 'SIGKILL');
        return true;
      } catch {
        return false;
      }
    },
  };
}
