/** Talks to a Messages API through the SDK: streams one response to one request, its failures as faults that say whether to ask again. */

import { ReadableStream } from 'node:stream/web';
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { Usage } from '#contract/runs.ts';
import type { ModelChunk, ModelRequest } from '#core/ports.ts';
import { redactError } from '#host/redact.ts';
import { watchAnswer } from './attempts.ts';
import { broken, toModelFault } from './failures.ts';
import { toParams } from './request.ts';

export interface ApiAccess {
  /** Goes out as a bearer token. Never logged; cut out of every error text. */
  key: string;
  baseUrl: string;
  /** Id as the API knows it. */
  model: string;
}

/** Chunks as in `ResolvedModel.stream`, all that came before a failure first. When `signal` aborts, its reason is thrown. */
export function streamMessage(
  access: ApiAccess,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncIterable<ModelChunk> {
  const left = new AbortController();
  const either = AbortSignal.any([signal, left.signal]);
  const chunks = new ReadableStream<() => ModelChunk>({
    async start(out) {
      // A reader that has its message leaves; a stream that was left takes nothing more.
      const give = (next: () => ModelChunk) => left.signal.aborted || out.enqueue(next);
      try {
        await pump(access, request, either, (chunk) => give(() => chunk));
      } catch (error) {
        const why = signal.aborted ? signal.reason : redactError(error, access.key);
        // In line behind the chunks, where the stream's own error would throw away those that nobody has taken yet.
        give(() => {
          throw why;
        });
      }
      if (!left.signal.aborted) out.close();
    },
    cancel: () => left.abort(),
  });
  return inTurn(chunks);
}

async function* inTurn(chunks: ReadableStream<() => ModelChunk>): AsyncIterable<ModelChunk> {
  for await (const next of chunks) yield next();
}

async function pump(
  access: ApiAccess,
  request: ModelRequest,
  signal: AbortSignal,
  give: (chunk: ModelChunk) => void,
): Promise<void> {
  signal.throwIfAborted();
  const { key, baseUrl, model } = access;
  // The SDK costs more to load than anything else in the host, and most wakings of the host never ask a model.
  const { Anthropic } = await import('@anthropic-ai/sdk');
  const watched = watchAnswer();
  // Whoever asks again reserves again, so that is not the SDK's to do.
  const client = new Anthropic({ apiKey: key, baseURL: baseUrl, maxRetries: 0, logLevel: 'off', openTelemetry: false });
  const inputs = new Map<number, string>();
  try {
    const stream = client.messages.stream(toParams(model, request), { signal, middleware: [watched.middleware] });
    for await (const event of stream) {
      if (event.type === 'message_start') give({ kind: 'began', usage: toUsage(event.message.usage) });
      if (event.type !== 'content_block_delta') continue;
      const { delta, index } = event;
      if (delta.type === 'text_delta') give({ kind: 'delta', channel: 'text', text: delta.text });
      if (delta.type === 'thinking_delta') give({ kind: 'delta', channel: 'thinking', text: delta.thinking });
      if (delta.type === 'signature_delta') give({ kind: 'unshown', bytes: Buffer.byteLength(delta.signature) });
      if (delta.type !== 'input_json_delta') continue;
      give({ kind: 'unshown', bytes: Buffer.byteLength(delta.partial_json) });
      inputs.set(index, (inputs.get(index) ?? '') + delta.partial_json);
    }
    give({ kind: 'message', message: whole(await stream.finalMessage(), inputs) });
  } catch (error) {
    throw toModelFault(error, { model, baseUrl, answered: watched.answered(), key });
  }
}

/** Some servers of this protocol leave out what they do not count. */
function toUsage(counted: Partial<Message['usage']> | undefined): Usage {
  return {
    input: counted?.input_tokens ?? 0,
    output: counted?.output_tokens ?? 0,
    cacheRead: counted?.cache_read_input_tokens ?? 0,
    cacheWrite: counted?.cache_creation_input_tokens ?? 0,
  };
}

/** A plain copy of the finished message. The SDK mends half a tool input silently; here it is a broken stream. */
function whole(message: Message, inputs: Map<number, string>): Message {
  if (!message.stop_reason) throw broken('it ended without a stop reason.');
  for (const [index, json] of inputs) {
    if (json === '' || cutShort.includes(message.stop_reason)) continue;
    try {
      JSON.parse(json);
    } catch (error) {
      throw broken(`the input of tool call ${index + 1} is not whole.`, error);
    }
  }
  return JSON.parse(JSON.stringify(message)) as Message;
}

/** The API itself says that the answer is not whole, so half an input is no failure of the stream. */
const cutShort = ['max_tokens', 'model_context_window_exceeded', 'refusal'];
