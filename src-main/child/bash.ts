/** Runs one command; its answer comes when the command itself ends, is stopped, or has printed too much. */
import type { ChildProcess } from 'node:child_process';
import { closeSync, readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type Answer, type Context, type Tool, ToolFailure } from './answer.ts';
import { Collector } from './clip.ts';
import { optionalCount, text } from './input.ts';
import type { Pipe } from './pipe.ts';

/** Milliseconds: a command's usual and longest time, the figures people know from Claude Code. */
const usualTimeout = 120_000;
const longestTimeout = 600_000;
/** The kernel takes no longer single argument (MAX_ARG_STRLEN, 32 pages). */
const longestCommand = 131_000;

type Stop = 'tool.timeout' | 'tool.cancelled' | 'tool.output_limit' | 'tool.disk_limit' | 'tool.memory_limit';

/** What the host watches from outside; it says so as the reason of the cancellation. */
const limits = ['tool.disk_limit', 'tool.memory_limit'] as const;

export function createBash(openPipe: () => Promise<Pipe>, environment: NodeJS.ProcessEnv): Tool {
  return async (input, context) => {
    const command = text(input, 'command');
    const timeout = Math.min(optionalCount(input, 'timeout', 1) ?? usualTimeout, longestTimeout);
    if (Buffer.byteLength(command) > longestCommand) {
      throw new ToolFailure('tool.bad_input', 'The command is longer than 128 KiB; write it to a file and run that.');
    }
    if (command.includes('\0')) throw new ToolFailure('tool.bad_input', 'The command holds a NUL.');
    const pipes: Pipe[] = [await openPipe().catch(exhausted)];
    // Whoever follows sees the two streams apart; the model reads them as they come, in one.
    if (context.print) pipes.push(await openPipe().catch(exhausted));
    const stdin = input.stdin === undefined ? null : text(input, 'stdin');
    return run({ command, timeout, stdin }, pipes, environment, context);
  };
}

interface Work {
  command: string;
  timeout: number;
  /** What the command reads; null: nothing. Only the host may give it. */
  stdin: string | null;
}

async function run(
  { command, timeout, stdin }: Work,
  pipes: Pipe[],
  env: NodeJS.ProcessEnv,
  context: Context,
): Promise<Answer> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const { Socket } = process.getBuiltinModule('node:net');
  const seen = new Collector(2 * context.resultLimit);
  const [out, err] = [pipes[0]?.writer, pipes.at(-1)?.writer];
  let child: ChildProcess;
  try {
    child = spawn('/bin/bash', ['--noprofile', '--norc', '-c', command], {
      cwd: context.workspace,
      env,
      detached: true,
      stdio: [stdin === null ? 'ignore' : 'pipe', out, err],
    });
  } finally {
    for (const { writer } of pipes) closeSync(writer);
  }
  if (child.pid !== undefined) context.started?.(child.pid);
  // Whoever reads none of it closes the pipe, which is no failure.
  child.stdin?.on('error', () => {}).end(stdin);
  let stopped: Stop | null = null;
  const stop = (why: Stop): void => {
    stopped ??= why;
    killGroup(child);
  };
  const streams = pipes.map(({ reader }, index) => {
    const output = new Socket({ fd: reader, readable: true, writable: false });
    const take = (chunk: Buffer): void => {
      if (seen.total > context.outputLimit) return;
      seen.push(chunk);
      context.print?.(index === 0 ? 'out' : 'err', chunk);
      if (seen.total > context.outputLimit) stop('tool.output_limit');
    };
    output.on('data', take).on('error', () => {});
    return { output, reader, take };
  });
  const timer = setTimeout(() => stop('tool.timeout'), timeout);
  const cancel = (): void => stop(limits.find((code) => code === context.signal.reason) ?? 'tool.cancelled');
  context.signal.addEventListener('abort', cancel, { once: true });
  try {
    const [code, signal] = await ended(child).catch(exhausted);
    for (const { reader, output, take } of streams) drain(reader, output, take);
    return report({
      code,
      signal,
      stopped,
      timeout,
      seen,
      limit: context.resultLimit,
      outputLimit: context.outputLimit,
    });
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener('abort', cancel);
    // Whatever the command left in the background may go on and write; nobody listens any more.
    for (const { output, take } of streams) output.off('data', take).resume().unref();
  }
}

function ended(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => resolve([code, signal]));
    child.once('error', reject);
  });
}

/** What the command wrote before it ended is in the pipe now; what a background process adds is not waited for. */
function drain(reader: number, output: Socket, take: (chunk: Buffer) => void): void {
  const pipeCapacity = 1024 ** 2;
  const buffer = Buffer.alloc(65_536);
  for (let taken = 0; taken < pipeCapacity && !output.destroyed && !output.readableEnded; ) {
    let count: number;
    try {
      count = readSync(reader, buffer);
    } catch {
      return; // Nothing there (EAGAIN), or closed already.
    }
    if (count === 0) return;
    take(Buffer.from(buffer.subarray(0, count)));
    taken += count;
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

/** No room for another process: what runs in the background is ended, so that the session can go on. */
function exhausted(error: NodeJS.ErrnoException): never {
  if (error.code !== 'EAGAIN' && error.code !== 'ENOMEM') throw error;
  // Without a process namespace "everybody" would be everybody on this machine.
  if (process.platform !== 'linux') throw new ToolFailure('tool.exhausted', 'There was no room for another process.');
  try {
    // Everybody in this sandbox but its first process and this one.
    process.kill(-1, 'SIGKILL');
  } catch {
    // Nobody else.
  }
  throw new ToolFailure(
    'tool.exhausted',
    'The sandbox had no room for another process. Everything in the background was ended.',
  );
}

interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
  stopped: Stop | null;
  timeout: number;
  seen: Collector;
  limit: number;
  outputLimit: number;
}

function report({ code, signal, stopped, timeout, seen, limit, outputLimit }: End): Answer {
  const endings: Record<Stop, string> = {
    'tool.timeout': `Stopped after ${timeout / 1000} seconds, its time limit.`,
    'tool.cancelled': 'Cancelled.',
    'tool.disk_limit': 'Stopped, with everything in the background: it filled the disk. Delete what is not needed.',
    'tool.memory_limit': 'Stopped, with everything in the background: it took more memory than a run may have.',
    'tool.output_limit': `Stopped: it printed more than ${Math.floor(outputLimit / 1024 ** 2)} MiB.`,
  };
  const failure = stopped ? endings[stopped] : signal ? `Ended by ${signal}.` : code === 0 ? '' : `Exit code ${code}`;
  const printed = seen.text(limit - failure.length - 1).replace(/\n+$/, '');
  return {
    ok: failure === '',
    code: stopped ?? (failure === '' ? null : 'tool.exit_code'),
    text: [printed, failure].filter(Boolean).join('\n') || '(no output)',
    exitCode: stopped ? null : code,
    ...(signal && !stopped ? { signal } : {}),
  };
}
