/**
 * The hands: reports what holds, then runs tools one request a line until its input ends, and with it everything else.
 * The host waits for the report, so what of Node only a tool needs is loaded after it (`process.getBuiltinModule`).
 */
import { writeFileSync } from 'node:fs';
import type { HandsMessage, HandsRequest, HandsTool } from '#contract/hands.ts';
import { type Context, failed, type Tool } from './answer.ts';
import { createBash } from './bash.ts';
import { cutMiddle } from './clip.ts';
import { edit } from './edit.ts';
import { glob } from './glob.ts';
import { grep } from './grep.ts';
import { type Ground, probeGround } from './ground-probes.ts';
import { createPipes } from './pipe.ts';
import { probe } from './probes.ts';
import { read } from './read.ts';
import { openWayOut, type WayOut } from './way-out.ts';
import { write } from './write.ts';

/** What the host says once, as this program's only argument. */
export interface Orders {
  resultLimit: number;
  outputLimit: number;
  access: 'write' | 'read';
  git: boolean;
  filter: boolean;
  limits: { name: string; row: string; value: number }[];
  /** File in which another program notes what the kernel refused it. */
  kernelReport: string;
  /** The host's own namespaces by kind. */
  namespaces: Record<string, string>;
  /** What commands are told besides what this process was. */
  environment: Record<string, string>;
  /** Null: there is no way out. */
  proxy: WayOut | null;
  /** Where a sandbox cannot show things at places of its own choice. */
  ground?: Ground;
}

const orders = JSON.parse(process.argv[2] ?? '') as Orders;
const workspace = orders.ground?.worktree ?? '/workspace';
const scratch = orders.ground?.scratch ?? '/tmp';
const roots = [workspace, scratch];
const groups = new Set<number>();
const { ELECTRON_RUN_AS_NODE: _, ...inherited } = process.env;
const environment = { ...inherited, ...orders.environment };
const tools: Record<HandsTool, Tool> = {
  Bash: createBash(createPipes(scratch), environment),
  Read: read,
  Edit: edit,
  Write: write,
  Glob: glob,
  Grep: grep,
};
const running = new Map<number, AbortController>();

const say = (message: HandsMessage): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

/** Bytes of one message; Base64 makes them a third longer. */
const piece = 262_144;

function print(id: number, stream: 'out' | 'err', chunk: Buffer): void {
  for (let at = 0; at < chunk.length; at += piece) {
    say({ kind: 'output', id, stream, base64: chunk.subarray(at, at + piece).toString('base64') });
  }
}

async function call({ id, tool, input, follow }: Extract<HandsRequest, { kind: 'call' }>): Promise<void> {
  const began = process.hrtime.bigint();
  const abort = new AbortController();
  running.set(id, abort);
  const context: Context = {
    workspace,
    roots,
    resultLimit: orders.resultLimit,
    outputLimit: orders.outputLimit,
    signal: abort.signal,
    ...(orders.ground ? { started: (group: number) => void groups.add(group) } : {}),
    ...(follow ? { print: (stream, chunk) => print(id, stream, chunk) } : {}),
  };
  const path = input.file_path ?? input.path;
  const answer = await Promise.resolve()
    .then(() => tools[tool](input, context))
    .catch((error: unknown) =>
      abort.signal.aborted ? { ok: false, code: 'tool.cancelled', text: 'Cancelled.' } : failed(error, path),
    );
  running.delete(id);
  const text = cutMiddle(answer.text, orders.resultLimit);
  const milliseconds = Math.round(Number(process.hrtime.bigint() - began) / 1e6);
  say({ kind: 'result', id, result: { ...answer, text, milliseconds } });
}

/** Every call ends with the code, and every process but this one and the namespace's first. */
function endAll(code: string): void {
  for (const abort of running.values()) abort.abort(code);
  // Without a process namespace "every process" would be every process of this machine.
  if (orders.ground) {
    endGroups();
    return;
  }
  try {
    process.kill(-1, 'SIGKILL');
  } catch {
    // Nobody else.
  }
}

function receive(line: string): void {
  const request = JSON.parse(line) as HandsRequest;
  if (request.kind === 'call') void call(request);
  else if (request.kind === 'cancel') running.get(request.id)?.abort();
  else endAll(request.code);
}

// Not Node's line reader: it also cuts at U+2028, which JSON may hold.
let parts: Buffer[] = [];
function take(chunk: Buffer): void {
  for (let rest = chunk; ; ) {
    const end = rest.indexOf(10);
    if (end < 0) return void parts.push(rest);
    const line = Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8');
    parts = [];
    rest = rest.subarray(end + 1);
    receive(line);
  }
}

async function begin(): Promise<void> {
  if (orders.proxy) await openWayOut(orders.proxy);
  const probes = orders.ground ? await probeGround(orders.ground, orders.access) : await probe(orders);
  const ready: HandsMessage = { kind: 'ready', probes };
  writeFileSync(1, `${JSON.stringify(ready)}\n`);
  process.stdin.on('data', take);
  // The host is gone: this process is the namespace's reason to be, and takes everything with it.
  process.stdin.on('end', end);
  process.stdin.on('error', end);
}

function end(): never {
  endGroups();
  process.exit(0);
}

/** Where no process namespace ends them with us. */
function endGroups(): void {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
}
void begin();
