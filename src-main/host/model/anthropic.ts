/** Talks to a Messages API through the SDK: streams one response to one request, its failures as faults that say whether to ask again. */

import type { Anthropic } from '@anthropic-ai/sdk';
import type { Message, MessageCountTokensParams } from '@anthropic-ai/sdk/resources/messages';
import { Fault } from '#contract/faults.ts';
import type { ModelChunk, ModelRequest } from '#core/ports.ts';
import { redactError } from '#host/redact.ts';
import { assemble } from './assemble.ts';
import { carry } from './carry.ts';
import { broken, foreign, toModelFault } from './failures.ts';
import type { ModelFacts } from './model-table.ts';
import { ratesOfAnswer } from './rate-limits.ts';
import { readStream } from './read-stream.ts';
import { toBody, toParams } from './request.ts';

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
  /** Made for the first request; making one takes longer than asking does. */
  client?: Promise<Anthropic>;
}

/** The SDK costs more to load than anything else in the host, and most wakings of the host never ask a model. */
function clientOf(access: ApiAccess): Promise<Anthropic> {
  const { key, baseUrl } = access;
  // Whoever asks again reserves again, so that is not the SDK's to do.
  const more = { maxRetries: 0, logLevel: 'off', openTelemetry: false, fetch: carry } as const;
  access.client ??= import('@anthropic-ai/sdk').then(
    (sdk) => new sdk.Anthropic({ apiKey: key, baseURL: baseUrl, ...more }),
  );
  return access.client;
}

/** Chunks as in `ResolvedModel.stream`, all that came before a failure first. When `signal` aborts, its reason is thrown. */
export async function* streamMessage(
  access: ApiAccess,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelChunk> {
  const waiting: ModelChunk[] = [];
  const end: { how: 'not yet' | 'well' | 'failed'; why?: unknown } = { how: 'not yet' };
  let wake = () => {};
  /** A reader that has its message leaves, and so does whoever asked for the whole to end. */
  const leaving = new AbortController();
  const leave = () => leaving.abort(signal.reason);
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  // Whoever leaves before the request does hears of it no more.
  request.ready?.catch(() => {});
  // As it comes, not as it is taken: how fast somebody reads must not hold up the connection.
  const give = (chunk: ModelChunk) => {
    waiting.push(chunk);
    wake();
  };
  pump(access, request, leaving, give).then(
    (message) => {
      end.how = 'well';
      give({ kind: 'message', message });
    },
    (error: unknown) => {
      Object.assign(end, { how: 'failed', why: signal.aborted ? signal.reason : redactError(error, access.key) });
      wake();
    },
  );
  try {
    for (;;) {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) yield next;
      if (end.how === 'failed') throw end.why;
      if (end.how === 'well') return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal.removeEventListener('abort', leave);
    // What has come to its end is not broken off: that would take as long as a tenth of a request.
    if (end.how === 'not yet') leaving.abort();
  }
}

const headers = { 'content-type': 'application/json' };
/** Milliseconds until an answer begins, as the SDK has it for streams. */
const timeout = 600_000;

async function pump(
  access: ApiAccess,
  request: ModelRequest,
  leaving: AbortController,
  give: (chunk: ModelChunk) => void,
): Promise<Message> {
  leaving.signal.throwIfAborted();
  const { key, baseUrl, model } = access;
  const client = await clientOf(access);
  // Once it was answered with a stream: what fails after that broke in the middle.
  let answered = false;
  try {
    const report = access.diagnose ? { diagnostics: { previous_message_id: request.previous ?? null } } : {};
    const body = toBody(model, request, access.facts ?? null, report);
    await request.ready;
    const sent = { body, headers, timeout, signal: leaving.signal, stream: true };
    const response = await client.post('/v1/messages', sent).asResponse();
    answered = true;
    const rates = ratesOfAnswer(response.headers);
    if (rates.length > 0) give({ kind: 'limits', rates });
    return await receive(response, baseUrl, give, () => leaving.abort());
  } catch (error) {
    if (error instanceof Fault && error.code.startsWith('data.')) throw error;
    throw toModelFault(error, { model, baseUrl, answered, key });
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
  const { model, facts } = access;
  const client = await clientOf(access);
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
    await readStream(response, baseUrl, (event) => {
      events += 1;
      for (const chunk of answer.take(event)) give(chunk);
      // The connection can be used again once the body has ended, which is not worth a long wait.
      if (answer.over()) late ??= setTimeout(hangUp, bodyEnds);
    });
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
