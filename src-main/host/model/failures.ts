/** The one place that turns what the SDK throws into `model.*` faults. */
import { AnthropicError, APIConnectionError, APIError } from '@anthropic-ai/sdk/error';
import { Fault } from '#contract/faults.ts';
import { FailedTry, type TryFacts } from '#core/budget/failed-try.ts';
import { redact } from '#host/redact.ts';
import { connectionFacts, networkReason, speaksOtherwise, statusFacts, waitSeconds } from './attempts.ts';

export interface CallFacts {
  model: string;
  baseUrl: string;
  /** The answer had begun. */
  answered: boolean;
  /** Cut out of what is said of the failure. */
  key: string;
}

/** A failed try for everything the API or the network can do to us; anything else comes back as it was: a bug. */
export function toModelFault(error: unknown, facts: CallFacts): unknown {
  const fault = faultOf(error, facts);
  if (!(fault instanceof Fault)) return fault;
  const about = tryFacts(error, fault);
  return new FailedTry(fault, { ...about, said: redact(about.said, facts.key) });
}

function tryFacts(error: unknown, { code, message }: Fault): TryFacts {
  if (error instanceof APIConnectionError) return connectionFacts(error);
  if (error instanceof APIError && typeof error.status === 'number') return statusFacts(error, error.status);
  const status = error instanceof APIError ? (statusOfType[error.type ?? ''] ?? null) : null;
  const again = code === 'model.stream_broken';
  return { status, said: message, again, passes: false, waitMs: null, mayBeBilled: true };
}

function faultOf(error: unknown, facts: CallFacts): unknown {
  if (error instanceof Fault || !(error instanceof AnthropicError)) return error;
  if (error instanceof APIConnectionError) return unreachable(error, facts);
  if (error instanceof APIError && typeof error.status === 'number') return byStatus(error, error.status, facts);
  if (error instanceof APIError && error.type) return midStream(error, facts);
  return facts.answered ? broken(error.message, error) : error;
}

export function broken(why: string, cause?: unknown): Fault {
  const cure = 'What the run had done is kept: fork it to go on from there, or start it again.';
  return new Fault('model.stream_broken', `The answer broke off in the middle: ${why}`, { cure, cause });
}

/** `what`: what it does that the Messages API would not, for the end of a sentence. */
export function foreign(baseUrl: string, what: string, cause?: unknown): Fault {
  return new Fault('model.wrong_address', `${baseUrl} does not speak the Messages API: ${what}.`, {
    field: 'url',
    cure: 'Correct the address with `nightshift model base-url <url>`, or go back to the usual one with `nightshift model base-url default`.',
    cause,
  });
}

/** An error event inside a stream. What the SDK would have retried, had it come first, may be asked again. */
function midStream(error: APIError, facts: CallFacts): Fault {
  const status = statusOfType[error.type ?? ''];
  if (status === undefined || status >= 500 || status === 429) return broken(said(error), error);
  return byStatus(error, status, facts);
}

const statusOfType: Record<string, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

function byStatus(error: APIError, status: number, facts: CallFacts): Fault {
  const why = said(error);
  if (wrongPlace.has(status) && !speaksOfModel(error, facts))
    return foreign(facts.baseUrl, `it answers ${status} (${why.replace(/\s+/g, ' ').slice(0, 200)})`, error);
  if (isSignature(why))
    return new Fault('model.thinking_invalid', `The API does not accept earlier thinking of the model: ${why}`, {
      cure: 'Run the routine again: a new run begins without it.',
      cause: error,
    });
  if (status === 401 || status === 403)
    return new Fault('model.key_rejected', `The API refused the key (${status}): ${why}`, {
      cure: 'Store a valid key with `nightshift model key`, or set ANTHROPIC_API_KEY.',
      cause: error,
    });
  if (
    status === 402 ||
    (status === 400 && isCredit(why)) ||
    (status === 429 && waitSeconds(error as { headers: Headers | undefined }) === null)
  )
    return new Fault('model.rate_limited', `The API account has reached a limit (${status}): ${why}`, {
      cure: 'Look at the limits and the credit of the API account.',
      cause: error,
    });
  if (status === 429) return rateLimited(error, why);
  if (status === 404)
    return new Fault('model.unknown', `${facts.baseUrl} does not know the model "${facts.model}" (404): ${why}`, {
      field: 'model',
      cure: 'Correct the model id of the routine, or the address with `nightshift model base-url`.',
      cause: error,
    });
  if (status === 413 || (status === 400 && isContext(why)))
    return new Fault('model.context_full', `The session no longer fits into the model's context: ${why}`, {
      cure: 'Give the routine a smaller task, or a model with a larger context.',
      cause: error,
    });
  if (status >= 500 || status === 408 || status === 409)
    return new Fault('model.overloaded', `The API could not answer (${status}): ${why}`, {
      cure: 'Run the routine again later; its next occurrence does so by itself.',
      cause: error,
    });
  if (status === 400 && isSchema(why))
    return new Fault('model.schema_refused', `The API does not take a schema that it was given: ${why}`, {
      cure: 'Choose another model, or an address that takes the schemas of tools: `nightshift model status`.',
      cause: error,
    });
  if (status === 400 && isImage(why))
    return new Fault('model.bad_request', `The API refused an image that the run has looked at: ${why}`, {
      cure: 'Make that image smaller or mend it, or keep the agent from it with a rule such as `Read(<file>)` to deny; then run it again.',
      cause: error,
    });
  return new Fault('model.bad_request', `The API refused the request (${status}): ${why}`, {
    cure: 'Check that the model and the address belong together: `nightshift model status`.',
    cause: error,
  });
}

function rateLimited(error: APIError, why: string): Fault {
  const wait = waitSeconds(error as { headers: Headers | undefined }) ?? 0;
  return new Fault('model.rate_limited', `The API limits the rate of requests (429): ${why}`, {
    cure: `Try again in ${wait > 90 ? `${Math.ceil(wait / 60)} minutes` : `${Math.max(1, Math.ceil(wait))} s`}, or look at the limits of the API account.`,
    cause: error,
  });
}

function unreachable(error: APIConnectionError, facts: CallFacts): Fault {
  const reason = error.cause ? networkReason(error.cause) : error.message;
  if (speaksOtherwise.test(reason))
    return foreign(facts.baseUrl, `what answers there speaks another protocol (${reason})`, error);
  const where = new URL(facts.baseUrl).host;
  return new Fault('model.unreachable', `${where} cannot be reached (${reason}).`, {
    cure: isLoopback(facts.baseUrl)
      ? 'Start the model server on that address, or go back to the usual one with `nightshift model base-url default`.'
      : 'Check the network of this machine; the next occurrence tries again by itself.',
    cause: error,
  });
}

/** True for addresses that never leave this machine. */
export function isLoopback(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? '';
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}

/** An account that is used up is refused as if the request were wrong. */
const isCredit = (why: string) => /credit balance is too low/i.test(why);

/** What a server gives for a path that it does not have. */
const wrongPlace: ReadonlySet<number> = new Set([404, 405, 410, 501]);

/** True: the answer has the shape of the API's own errors, or names the model. */
function speaksOfModel({ error }: APIError, { model }: CallFacts): boolean {
  const body = error as { type?: unknown; error?: unknown } | undefined;
  if (body?.type === 'error') return true;
  const text = JSON.stringify(body?.error ?? '');
  return text.includes(model) || /\bmodel\b/i.test(text);
}

const isSignature = (why: string) =>
  /invalid `?signature`? in `?thinking`? block|thinking.{0,40}cannot be modified/i.test(why);
const isSchema = (why: string) =>
  /\btools\.\d+|input_schema|output_config\.format|output_format|json_schema|grammar|strict tool|schema is too complex/i.test(
    why,
  );
/** Source: what the API says of images too large, too many pixels, or broken; the vendor's guide to vision, November 2026. */
const isImage = (why: string) => /\.image\b|\bimage (exceeds|dimensions|data)|could not process image/i.test(why);
const isContext = (why: string) => /prompt is too long|context (window|length|size)|too many tokens/i.test(why);
const said = (error: APIError) => (error.apiMessage ?? error.message).slice(0, 1000);
