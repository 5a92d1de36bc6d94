/** Makes the SDK's own retries visible, and stops the ones that cannot help. */
import type { Middleware } from '@anthropic-ai/sdk/core/middleware';
import type { ModelChunk } from '#core/ports.ts';

/** A longer wait than this is not a pause but an end: the fault says until when. Seconds. */
const longestWait = 600;

export interface Attempts {
  middleware: Middleware;
  /** How many requests were made. */
  made(): number;
  /** True once a request was answered with a stream: what fails after that broke in the middle. */
  answered(): boolean;
}

/** For one model call. `tell` is called when an attempt has failed and the SDK is about to wait for the next. */
export function watchAttempts(
  maxRetries: number,
  tell: (retrying: Extract<ModelChunk, { kind: 'retrying' }>) => void,
): Attempts {
  let made = 0;
  let answered = false;

  const middleware: Middleware = async (request, next) => {
    made += 1;
    const more = made <= maxRetries;
    let response: Response;
    try {
      response = await next(request);
    } catch (error) {
      if (more && !request.signal?.aborted)
        tell({ kind: 'retrying', attempt: made, status: null, message: `No answer: ${networkReason(error)}` });
      throw error;
    }
    if (response.ok) {
      answered = true;
      return response;
    }
    const body = await response.text();
    const headers = new Headers(response.headers);
    if (isFinal(response, body)) headers.set('x-should-retry', 'false');
    if (more && willRetry(response.status, headers))
      tell({ kind: 'retrying', attempt: made, status: response.status, message: describe(response, body) });
    // The body has been read and is plain now, whatever its length and encoding were on the way.
    headers.delete('content-encoding');
    headers.delete('content-length');
    return new Response(body, { status: response.status, statusText: response.statusText, headers });
  };
  return { middleware, made: () => made, answered: () => answered };
}

/** The system's word for why a connection failed, e.g. `ECONNREFUSED`, from anywhere in the chain of causes. */
export function networkReason(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
    const inner = at instanceof AggregateError ? at.errors[0] : undefined;
    if (inner) return networkReason(inner);
  }
  return error instanceof Error ? error.message : String(error);
}

/** A spending cap does not lift within a run, and a wait of hours is longer than one. */
function isFinal(response: Response, body: string): boolean {
  const wait = waitSeconds(response);
  if (wait !== null) return wait > longestWait;
  return response.status === 429 && /spend(ing)?[ _]limit|usage limit|credit balance|billing/i.test(body);
}

/** Same rule as the SDK's own. */
function willRetry(status: number, headers: Headers): boolean {
  const said = headers.get('x-should-retry');
  if (said === 'true' || said === 'false') return said === 'true';
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** Seconds that the API asks to wait; null when it does not say. */
export function waitSeconds(response: { headers: Headers | undefined }): number | null {
  const milliseconds = response.headers?.get('retry-after-ms');
  if (milliseconds && Number.isFinite(Number(milliseconds))) return Number(milliseconds) / 1000;
  const after = response.headers?.get('retry-after');
  if (!after) return null;
  const seconds = Number.isFinite(Number(after)) ? Number(after) : (Date.parse(after) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

function describe(response: Response, body: string): string {
  const wait = waitSeconds(response);
  const said = apiMessage(body) ?? (response.statusText || `status ${response.status}`);
  return wait !== null && wait >= 1 ? `${said}; it asks to wait ${Math.ceil(wait)} s` : said;
}

function apiMessage(body: string): string | null {
  try {
    const parsed = JSON.parse(body) as { error?: { message?: unknown } };
    return typeof parsed.error?.message === 'string' ? parsed.error.message.slice(0, 500) : null;
  } catch {
    return null;
  }
}
