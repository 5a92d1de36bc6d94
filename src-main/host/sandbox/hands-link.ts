/** The host's end of the talk with one set of hands: every call ends in a result or in `sandbox.died`, never in silence. */
import type { Readable, Writable } from 'node:stream';
import { Fault } from '#contract/faults.ts';
import { HandsMessage, type HandsRequest, type HandsResult, type HandsTool, type Probe } from '#contract/hands.ts';
import type { Print } from '#core/ports.ts';
import { splitLines } from './lines.ts';

export interface HandsLink {
  /** The probes the hands made; rejects with `sandbox.died` when they end before. */
  ready: Promise<Probe[]>;
  call(tool: HandsTool, input: Record<string, unknown>, signal?: AbortSignal, print?: Print): Promise<HandsResult>;
  /** Asks the hands to end every call with the code, and every process of the sandbox but themselves. */
  endAll(code: string): void;
  /** Tells the link that the hands are gone and why; every open and later call rejects with it. The first reason stays. */
  end(reason: string): void;
}

interface Waiting {
  resolve: (result: HandsResult) => void;
  reject: (fault: Fault) => void;
  print: Print | undefined;
}

/** Bytes of one message: a result of four million characters, escaped, with room to spare. */
const messageLimit = 64 * 1024 ** 2;
/** Milliseconds over its own limit after which a call without an answer means that the hands hang. */
const grace = 30_000;
const usualLimit = 120_000;

/** `kill` is called when the hands break the rules: they hang, or send what is no message. */
export function linkHands(streams: { input: Writable; output: Readable }, kill: () => void): HandsLink {
  const calls = new Map<number, Waiting>();
  const { promise: ready, resolve: onReady, reject: onNeverReady } = Promise.withResolvers<Probe[]>();
  ready.catch(() => {});
  let lastId = 0;
  let over: Fault | null = null;

  const end = (reason: string): void => {
    if (over) return;
    over = new Fault('sandbox.died', reason, { cure: 'Start the run again; the host log says more.' });
    onNeverReady(over);
    for (const { reject } of calls.values()) reject(over);
    calls.clear();
  };
  const breakOff = (reason: string): void => {
    end(reason);
    kill();
  };

  const receive = (line: string): void => {
    const message = parse(line);
    if (!message) {
      breakOff('The sandbox sent something that is no message and was ended.');
    } else if (message.kind === 'ready') {
      onReady(message.probes);
    } else if (message.kind === 'output') {
      calls.get(message.id)?.print?.(message.stream, Buffer.from(message.base64, 'base64'));
    } else {
      calls.get(message.id)?.resolve(message.result);
      calls.delete(message.id);
    }
  };
  streams.output.on(
    'data',
    splitLines(messageLimit, receive, () => breakOff('The sandbox sent a message without end and was ended.')),
  );
  streams.output.on('error', () => {});
  // Writing to hands that are gone fails here; their exit is what ends the calls.
  streams.input.on('error', () => {});
  const send = (request: HandsRequest): void => void streams.input.write(`${JSON.stringify(request)}\n`);

  return {
    ready,
    end,
    endAll: (code) => send({ kind: 'end_all', code }),
    async call(tool, input, signal, print) {
      if (over) throw over;
      if (signal?.aborted)
        return { ok: false, code: 'tool.cancelled', text: 'Cancelled before it began.', milliseconds: 0 };
      const id = ++lastId;
      const { promise, resolve, reject } = Promise.withResolvers<HandsResult>();
      calls.set(id, { resolve, reject, print });
      const patience = limitOf(input) + grace;
      const hanging = setTimeout(() => breakOff(`${tool} gave no answer for ${patience / 1000} seconds.`), patience);
      const cancel = (): void => send({ kind: 'cancel', id });
      signal?.addEventListener('abort', cancel, { once: true });
      send({ kind: 'call', id, tool, input, ...(print ? { follow: true } : {}) });
      try {
        return await promise;
      } finally {
        clearTimeout(hanging);
        signal?.removeEventListener('abort', cancel);
      }
    },
  };
}

/** Milliseconds a call may take by its own input. */
function limitOf(input: Record<string, unknown>): number {
  const asked = typeof input.timeout === 'number' && Number.isFinite(input.timeout) ? input.timeout : usualLimit;
  return Math.min(600_000, Math.max(usualLimit, asked));
}

function parse(line: string): HandsMessage | null {
  try {
    return HandsMessage.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
