/** Reads what an answer's headers and words say of the account's limits: rates, and how long one that is reached lasts. */
import { createHash } from 'node:crypto';
import type { RateKind } from '#contract/weather.ts';
import type { HeardRate } from '#core/ports.ts';
import { liftsInWords } from './limit-words.ts';

/** The headers' own words (claude-api, "Rate limits": `anthropic-ratelimit-<kind>-{limit,remaining,reset}`). */
const kinds: [header: string, kind: RateKind][] = [
  ['requests', 'requests'],
  ['tokens', 'tokens'],
  ['input-tokens', 'input_tokens'],
  ['output-tokens', 'output_tokens'],
];

/** What counts as one account. No key can be found from it. */
export function accountOf(baseUrl: string, key: string): string {
  return createHash('sha256').update(`${baseUrl}\n${key}`).digest('hex').slice(0, 16);
}

/** Only what is said whole and in figures; nothing where headers are missing or make no sense. */
export function ratesOfAnswer(headers: Headers | undefined, now = Date.now()): HeardRate[] {
  if (!headers) return [];
  return kinds.flatMap(([name, kind]) => {
    const part = (what: string) => headers.get(`anthropic-ratelimit-${name}-${what}`);
    const limit = figure(part('limit'));
    // Most addresses say none of it, and each look costs.
    if (limit === null) return [];
    const remaining = figure(part('remaining'));
    const resetAt = Date.parse(part('reset') ?? '');
    if (remaining === null || !Number.isFinite(resetAt)) return [];
    const resetInMs = Math.max(0, resetAt - serverNow(headers, now));
    return [{ kind, limit, remaining: Math.min(limit, remaining), resetInMs }];
  });
}

/**
 * Milliseconds until a limit lifts of which a refusal speaks otherwise than with `retry-after`: a subscription's own
 * headers, words, or a rate that is used up. Null: it does not say. A spending cap is no such limit.
 */
export function liftsIn(headers: Headers | undefined, message: string, now = Date.now()): number | null {
  const server = serverNow(headers, now);
  const instant = headers ? unifiedReset(headers) : null;
  const known = instant === null ? liftsInWords(message, server) : instant - server;
  if (known !== null) return Math.max(0, known);
  const used = ratesOfAnswer(headers, now).filter(({ remaining }) => remaining === 0);
  return used.length > 0 ? Math.max(...used.map(({ resetInMs }) => resetInMs)) : null;
}

const unified = 'anthropic-ratelimit-unified-';

/**
 * When a subscription gives more, in milliseconds since the epoch: the latest of its windows (`5h`, `7d`, …) that are
 * used up, else its one instant for all. Null: it does not say, or says that it is not what refuses.
 */
function unifiedReset(headers: Headers): number | null {
  const of = (name: string) => headers.get(`${unified}${name}`);
  const windows = [...headers.keys()].flatMap((name) => {
    const window = name.startsWith(unified) && name.endsWith('-reset') ? name.slice(unified.length, -6) : '';
    const usedUp = window !== '' && (of(`${window}-status`) === 'rejected' || Number(of(`${window}-utilization`)) >= 1);
    return usedUp ? [instantOf(of(`${window}-reset`))].filter((at) => at !== null) : [];
  });
  if (windows.length > 0) return Math.max(...windows);
  return of('status')?.startsWith('allowed') ? null : instantOf(of('reset'));
}

/** Seconds or milliseconds since the epoch, or as RFC 3339 has it; null: none of these. */
function instantOf(text: string | null): number | null {
  if (text !== null && /^\d+(\.\d+)?$/.test(text)) return Number(text) * (Number(text) < 1e11 ? 1000 : 1);
  const at = text !== null && /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(at) ? at : null;
}

/** Instants in headers are the server's, whose clock need not be ours. */
function serverNow(headers: Headers | undefined, now: number): number {
  const date = Date.parse(headers?.get('date') ?? '');
  return Number.isFinite(date) ? date : now;
}

function figure(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
