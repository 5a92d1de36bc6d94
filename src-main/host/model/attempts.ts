/** Of a request that failed: whether it may be billed, and whether it can be asked again. */
import type { APIConnectionError, APIError } from '@anthropic-ai/sdk/error';
import type { TryFacts } from '#core/budget/failed-try.ts';
import { longestPause } from '#core/weather/weather.ts';
import { liftsIn, ratesOfAnswer } from './rate-limits.ts';

/** Of an answer with an HTTP status from 400 up. */
export function statusFacts(error: APIError, status: number): TryFacts {
  const wait = waitOf(error, status);
  const lifts = status === 429 && wait !== null && wait * 1000 > longestPause;
  const rates = ratesOfAnswer(error.headers);
  const said = (error.apiMessage ?? `status ${status}`).slice(0, 500);
  return {
    status,
    said: wait !== null && wait >= 1 ? `${said}; it asks to wait ${Math.ceil(wait)} s` : said,
    again: isWorthAsking(error, status, wait),
    passes: status === 429 || status === 503 || status === 529,
    waitMs: wait === null ? null : Math.ceil(wait * 1000),
    mayBeBilled: lostOnTheWay.has(status),
    ...(lifts ? { liftsInMs: Math.ceil(wait * 1000) } : {}),
    ...(rates.length > 0 ? { rates } : {}),
  };
}

/** Seconds. What a refusal for a limit says otherwise than with `retry-after` counts only where that is missing. */
function waitOf(error: APIError, status: number): number | null {
  const wait = waitSeconds(error);
  if (wait !== null || status !== 429) return wait;
  const lifts = liftsIn(error.headers, error.apiMessage ?? '');
  return lifts === null ? null : lifts / 1000;
}

/**
 * Said by something between here and the model that waited for an answer in vain: the model may have worked for it. Every
 * other error status is a refusal, which nobody bills.
 */
const lostOnTheWay: ReadonlySet<number> = new Set([499, 502, 504, 520, 522, 524]);

/** A spending cap does not lift within a run, and a wait of hours is longer than one. */
function isWorthAsking(error: APIError, status: number, wait: number | null): boolean {
  const said = error.headers?.get('x-should-retry');
  if (wait !== null && wait * 1000 > longestPause) return false;
  // Who says when it lifts, and not to ask again, means: not before.
  if (status === 429 && wait !== null) return true;
  if (status === 429 && wait === null && spendingCap.test(`${error.apiMessage ?? ''} ${error.errorCode ?? ''}`))
    return false;
  if (said === 'true' || said === 'false') return said === 'true';
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

const spendingCap = /spend|usage[ _]limit|credit|billing|budget|quota|monthly/i;

/** Of a request that got no answer at all. */
export function connectionFacts(error: APIConnectionError): TryFacts {
  const reason = error.cause ? networkReason(error.cause) : error.message;
  const said = `No answer: ${reason}`;
  const passes = noNetwork.test(reason);
  const foreign = noHttp.test(reason);
  const mayBeBilled = !passes && !foreign && !neverSent.test(reason);
  return { status: null, said, again: !foreign, passes, waitMs: null, mayBeBilled };
}

/** What answered speaks another protocol than HTTP. */
const noHttp = /^HPE_INVALID_(CONSTANT|VERSION|STATUS|METHOD)$/;
/** The same, or no TLS where it was asked for; that may be a network which asks for a sign-in first. */
export const speaksOtherwise = new RegExp(
  `${noHttp.source}|^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG))$`,
);

/** A machine that just woke has no network for a while. */
const noNetwork = /^(ENOTFOUND|EAI_\w+|ENETUNREACH|EHOSTUNREACH|ENETDOWN|EHOSTDOWN|EADDRNOTAVAIL)$/;

/** Other reasons that come before the first byte of a request is on its way. */
const neverSent =
  /^(ECONNREFUSED|ERR_NOT_CONNECTED|UND_ERR_CONNECT_TIMEOUT|EPROTO|ERR_TLS_\w+|ERR_SSL_\w+|CERT_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|ERR_INVALID_\w+)$/;

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

/** Seconds that the API asks to wait; null when it does not say. */
export function waitSeconds(response: { headers: Headers | undefined }): number | null {
  const milliseconds = response.headers?.get('retry-after-ms');
  if (milliseconds && Number.isFinite(Number(milliseconds))) return Math.max(0, Number(milliseconds) / 1000);
  const after = response.headers?.get('retry-after');
  if (!after) return null;
  const seconds = Number.isFinite(Number(after)) ? Number(after) : (Date.parse(after) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
