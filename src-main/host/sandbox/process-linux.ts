/** Starts bubblewrap with one policy and ends it again: when `end` has settled, no process of the sandbox exists. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
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
  kill(): void;
}

/** Characters of stderr that are kept. */
const keptWords = 4000;

export function startSandbox(bwrap: string, policy: Policy): SandboxProcess {
  const child = asVictim(() =>
    spawn(bwrap, policy.args, {
      // A session of its own: Ctrl-C in the host's terminal is for the host to handle.
      detached: true,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C' },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', ...policy.files.map(() => 'pipe' as const)],
    }),
  );
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
    child.once('spawn', resolve);
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
    kill() {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
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
  const file = '/proc/self/oom_score_adj';
  let own: string | null = null;
  try {
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, '1000');
    own = before;
  } catch {
    // Not to be had here: then it is as likely as anybody else.
  }
  try {
    return start();
  } finally {
    // The kernel lets everybody go back to what they were.
    if (own !== null) writeFileSync(file, own);
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
function innerProcess(child: ChildProcess): { known: Promise<number>; kill(): boolean } {
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
