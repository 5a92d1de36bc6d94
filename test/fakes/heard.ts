/** What a program that a test started said, and how it ended. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';

export interface Heard {
  child: ChildProcessWithoutNullStreams;
  /** Grows while it runs. */
  seen: { out: string; err: string };
  /** Its exit code; null: a signal ended it. */
  ended: Promise<number | null>;
}

/** `stdin`: all that it gets. */
export function heard(child: ChildProcessWithoutNullStreams, stdin = ''): Heard {
  const seen = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    seen.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    seen.err += chunk;
  });
  child.stdin.end(stdin);
  return { child, seen, ended: new Promise((resolve) => void child.once('close', resolve)) };
}
