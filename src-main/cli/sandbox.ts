/** `nightshift sandbox exec`: one command through the same hands, limits and view as a run's Bash; no host is needed. */
import { constants } from 'node:os';
import { resolve } from 'node:path';
import type { Denial, NetworkAttempt } from '#contract/egress.ts';
import type { HandsResult } from '#contract/hands.ts';
import type { NetworkSpec } from '#core/ports.ts';
import { denial } from '#host/egress/denials.ts';
import { watchLineage } from '#host/lineage.ts';
import { findGitDirectory } from '#host/sandbox/find-git.ts';
import { createSandbox } from '#host/sandbox/launch.ts';
import { shownFolder } from '#host/sandbox/shown-folder.ts';
import { execCodes, exitCodes } from './exit-codes.ts';
import type { Shell, Sink } from './shell.ts';

export interface ExecFlags {
  worktree: string;
  allowHost?: string[];
  registry?: string[];
  /** The worktree may only be read. */
  readOnly?: boolean;
  /** Seconds. */
  timeout?: number;
  /** One document in place of the streams. */
  json?: boolean;
}

/** That are told; a command can try for ever. */
const mostRefusals = 20;
/** Milliseconds between two looks at whether somebody still waits for the command. */
const lookEvery = 200;

/** What `--json` prints in place of the command's own streams; the exit code is the same. */
interface ExecReport {
  /** The exit code of this program. */
  code: number;
  /** Why it was stopped or could not be run, e.g. `tool.timeout`; null when the command ended by itself. */
  stopped: string | null;
  /** Name of the signal that ended it. */
  signal: string | null;
  /** As UTF-8; bytes that are none are repaired. */
  stdout: string;
  stderr: string;
  /** What it was refused of the network, in order, each once. */
  refusals: Denial[];
  milliseconds: number;
}

/** The command's exit code; 128 and the signal's number when one ended it. Throws `input` and `sandbox.*` faults. */
export async function exec(shell: Shell, command: string, flags: ExecFlags): Promise<number> {
  const worktree = shownFolder(resolve(shell.cwd, flags.worktree), '--worktree');
  const gitDirectory = await findGitDirectory(worktree);
  const sandbox = createSandbox({ log: { info: () => {}, error: () => {} } });
  const refused = new Map<string, Denial>();
  const network = networkOf(flags, ({ decision, code, ...at }) => {
    if (decision === 'allow' || refused.size >= mostRefusals) return;
    const reason = denial(code ?? 'net.unreachable', at);
    refused.set(JSON.stringify(reason), reason);
  });
  const hands = await sandbox.launch({
    ...{ run: `exec-${process.pid}`, worktree, gitDirectory, access: flags.readOnly ? 'read' : 'write' },
    ...(network ? { network } : {}),
  });
  const alone = new AbortController();
  const attended = watchLineage();
  const look = setInterval(() => attended() || alone.abort(), lookEvery);
  const sinks: Record<'out' | 'err', { write(chunk: string | Uint8Array): unknown }> = shell;
  const kept: Record<'out' | 'err', Uint8Array[]> = { out: [], err: [] };
  let printed = 0;
  try {
    const input = { command, ...(flags.timeout === undefined ? {} : { timeout: flags.timeout * 1000 }) };
    const signal = AbortSignal.any([shell.signal, alone.signal]);
    const result = await hands.call('Bash', input, signal, (stream, chunk) => {
      printed += chunk.length;
      if (flags.json) kept[stream].push(chunk);
      else sinks[stream].write(chunk);
    });
    const [stdout, stderr] = [textOf(kept.out), textOf(kept.err)];
    if (flags.json) shell.out.write(`${JSON.stringify(reportOf(result, stdout, stderr, [...refused.values()]))}\n`);
    else tell(shell.err, result, printed > 0, [...refused.keys()]);
    return codeOf(result);
  } finally {
    clearInterval(look);
    await hands.close();
  }
}

function networkOf(
  { allowHost = [], registry = [] }: ExecFlags,
  onAttempt: (attempt: NetworkAttempt) => void,
): NetworkSpec | null {
  if (allowHost.length === 0 && registry.length === 0) return null;
  // Written by hand on this very command line: an address may be a private one.
  return { allow: allowHost, registries: registry, allowPrivate: true, onAttempt };
}

const denied = '{"decision":"deny"';

/** What the model would read beside the command's output: why it was stopped, what of the network was refused. */
function tell(err: Sink, result: HandsResult, printed: boolean, refusals: string[]): void {
  const { text, code, exitCode } = result;
  // Behind the reason come refusals only; what the command printed itself stands before it.
  const reason = text.split('\n').findLast((line) => !line.startsWith(denied));
  const stopped = exitCode === null && code !== null ? [reason ?? ''] : [];
  const failed = !printed && stopped.length === 0 && exitCode === undefined ? [text] : [];
  for (const line of [...stopped, ...failed, ...refusals]) err.write(`nightshift: ${line}\n`);
}

function reportOf(result: HandsResult, stdout: string, stderr: string, refusals: Denial[]): ExecReport {
  const { code, exitCode, signal, milliseconds } = result;
  // A command that a signal ended was not stopped by us.
  const stopped = typeof exitCode === 'number' || signal ? null : code;
  return { code: codeOf(result), stopped, signal: signal ?? null, stdout, stderr, refusals, milliseconds };
}

function textOf(chunks: Uint8Array[]): string {
  return Buffer.concat(chunks).toString('utf8');
}

function codeOf({ ok, code, exitCode, signal }: HandsResult): number {
  if (typeof exitCode === 'number') return exitCode;
  if (ok) return exitCodes.ok;
  if (signal) return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
  if (code === 'tool.timeout') return execCodes.timeout;
  if (code === 'tool.cancelled') return exitCodes.interrupted;
  return code?.endsWith('_limit') ? execCodes.limit : execCodes.sandbox;
}
