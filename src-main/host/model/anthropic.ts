/** Talks to a Messages API through the SDK: streams one response to one request, its failures as faults that say whether to ask again. */

import { ReadableStream } from 'node:stream/web';
import type { Message, MessageCountTokensParams } from '@anthropic-ai/sdk/resources/messages';
import type { ModelChunk, ModelRequest } from '#core/ports.ts';
import { redactError } from '#host/redact.ts';
import { assemble } from './assemble.ts';
import { watchAnswer } from './attempts.ts';
import { broken, foreign, toModelFault } from './failures.ts';
import type { ModelFacts } from './model-table.ts';
import { ratesOfAnswer } from './rate-limits.ts';
import { readStream } from './read-stream.ts';
import { toParams } from './request.ts';

export interface ApiAccess {
  /** Goes out as a bearer token. Never logged; cut out of every error text. */
  key: string;
  baseUrl: string;
  /** Ask for a report on the prompt cache; only the vendor's own address is known to take the question. */
  diagnose?: boolean;
  /** Id as the API knows it. */
  model: string;
  /** What is known of it; null or left out: what its id says. */
  facts?: ModelFacts | null;
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
  try {
    const ending = new AbortController();
    const either = AbortSignal.any([signal, ending.signal]);
    const report = access.diagnose ? { diagnostics: { previous_message_id: request.previous ?? null } } : {};
    const asked = client.messages.create(
      { ...toParams(model, request, access.facts), ...report },
      {
        signal: either,
        middleware: [watched.middleware],
      },
    );
    const response = await asked.asResponse();
    const rates = ratesOfAnswer(response.headers);
    if (rates.length > 0) give({ kind: 'limits', rates });
    const message = await receive(response, baseUrl, give, () => ending.abort());
    give({ kind: 'message', message });
  } catch (error) {
    throw toModelFault(error, { model, baseUrl, answered: watched.answered(), key });
  }
}

/**
 * Tokens of the prompt as the address counts them; null when it does not, or not within five seconds. Throws the reason
 * of `signal` only.
 */
export async function countTokens(
  access: ApiAccess,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<number | null> {
  const { Anthropic } = await import('@anthropic-ai/sdk');
  const { key, baseUrl, model, facts } = access;
  const client = new Anthropic({ apiKey: key, baseURL: baseUrl, maxRetries: 0, logLevel: 'off', openTelemetry: false });
  const { stream: _stream, max_tokens: _most, output_config: _effort, ...prompt } = toParams(model, request, facts);
  try {
    const either = AbortSignal.any([signal, AbortSignal.timeout(countPatience)]);
    const { input_tokens } = await client.messages.countTokens(prompt as MessageCountTokensParams, { signal: either });
    return Number.isSafeInteger(input_tokens) && input_tokens > 0 ? input_tokens : null;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

/** Milliseconds. */
const countPatience = 5_000;

async function receive(
  response: Response,
  baseUrl: string,
  give: (chunk: ModelChunk) => void,
  hangUp: () => void,
): Promise<Message> {
  const answer = assemble();
  let events = 0;
  let late: NodeJS.Timeout | undefined;
  try {
    for await (const event of readStream(response, baseUrl)) {
      events += 1;
      for (const chunk of answer.take(event)) give(chunk);
      // The connection can be used again once the body has ended, which is not worth a long wait.
      if (answer.over()) late ??= setTimeout(hangUp, bodyEnds);
    }
  } catch (error) {
    // What is said after the end cannot take the answer back.
    if (!answer.over()) throw error;
  } finally {
    clearTimeout(late);
  }
  if (!answer.begun())
    throw events > 0 ? foreign(baseUrl, 'it sends a stream of another kind') : broken('it never began.');
  return answer.message();
}

/** Milliseconds in which a body is to end after the answer in it has. */
const bodyEnds = 1_000;
