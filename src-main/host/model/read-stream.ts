/** Reads the events of a streamed answer from the body of a response, and knows a body that is no such stream. */
import { Stream } from '@anthropic-ai/sdk/core/streaming';
import { APIError } from '@anthropic-ai/sdk/error';
import { networkReason } from './attempts.ts';
import { broken, foreign } from './failures.ts';

/** Characters of a body that is looked at to say what it is. */
const mostLooked = 100_000;

/**
 * Tells the events in order, parsed. Throws what `hear` throws, `model.wrong_address` for anything but an event stream, `model.stream_broken` when
 * the body breaks off or holds what is no event, and the SDK's `APIError` for an error event.
 */
export async function readStream(response: Response, baseUrl: string, hear: (event: unknown) => void): Promise<void> {
  const kind = response.headers.get('content-type') ?? '';
  if (kind !== '' && !kind.startsWith('text/event-stream'))
    throw foreign(baseUrl, `it sends ${whatIs(kind, await opening(response))} instead of a stream`);
  const pieces = Stream.rawEvents(response);
  try {
    for (;;) {
      const { done, value } = await nextOf(pieces);
      if (done) return;
      const { event, data } = value;
      if (event === 'ping' || data === '' || data === '[DONE]') continue;
      if (event === 'error') throw errorEvent(data, response.headers);
      const parsed = parse(data);
      // Some servers name an event in its data only.
      if (event === null && isError(parsed)) throw errorEvent(data, response.headers);
      hear(parsed);
    }
  } finally {
    await pieces.return(undefined);
  }
}

type Pieces = ReturnType<typeof Stream.rawEvents>;

function nextOf(pieces: Pieces): ReturnType<Pieces['next']> {
  return pieces.next().catch((error: unknown) => {
    throw broken(networkReason(error), error);
  });
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (error) {
    throw broken('an event of it is not JSON.', error);
  }
}

const isError = (event: unknown) => (event as { type?: unknown } | null)?.type === 'error';

function errorEvent(data: string, headers: Headers): APIError {
  const body = asError(data);
  return new APIError(undefined, body ?? undefined, body ? undefined : data, headers, body?.error?.type ?? null);
}

/** Null: there is no more to it than its text. */
function asError(data: string): { error?: { type?: ErrorType } } | null {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

type ErrorType = ConstructorParameters<typeof APIError>[4];

async function opening(response: Response): Promise<string> {
  const text = await response.text().catch(() => '');
  return text.slice(0, mostLooked);
}

/** In words, for a sentence. */
export function whatIs(contentType: string, text: string): string {
  const kind = contentType.split(';')[0]?.trim() || 'something';
  if (/html/i.test(kind) || /^\s*<(!doctype|html)/i.test(text)) {
    const title = /<title[^>]*>([^<]{1,80})/i.exec(text)?.[1]?.replace(/\s+/g, ' ').trim();
    return title ? `a web page ("${title}")` : 'a web page';
  }
  const start = text.replace(/\s+/g, ' ').trim().slice(0, 80);
  return start ? `${kind} ("${start}")` : kind;
}
