/** Reads what an answer's headers and words say of the account's limits: rates, and how long one that is reached lasts. */
import { createHash } from 'node:crypto';
import type { RateKind } from '#contract/weather.ts';
import type { HeardRate } from '#core/ports.ts';

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
    const [limit, remaining] = [figure(part('limit')), figure(part('remaining'))];
    const resetAt = Date.parse(part('reset') ?? '');
    if (limit === null || remaining === null || !Number.isFinite(resetAt)) return [];
    const resetInMs = Math.max(0, resetAt - serverNow(headers, now));
    return [{ kind, limit, remaining: Math.min(limit, remaining), resetInMs }];
  });
}

/**
 * Milliseconds until a limit lifts of which a refusal speaks otherwise than with `retry-after`: a subscription's own
 * header, a rate that is used up, or words. Null: it does not say. A spending cap is no such limit.
 */
export function liftsIn(headers: Headers | undefined, message: string, now = Date.now()): number | null {
  const server = serverNow(headers, now);
  const reset = Number(headers?.get('anthropic-ratelimit-unified-reset') || Number.NaN);
  if (Number.isFinite(reset)) return Math.max(0, reset * 1000 - server);
  const inWords = lifting(message, server);
  if (inWords !== null) return Math.max(0, inWords);
  const used = ratesOfAnswer(headers, now).filter(({ remaining }) => remaining === 0);
  return used.length > 0 ? Math.max(...used.map(({ resetInMs }) => resetInMs)) : null;
}

/** `Usage limit reached|1763701200`, `resets at 2026-11-21T03:00:00Z`, `resets 3am (Europe/Berlin)`. */
function lifting(message: string, now: number): number | null {
  const epoch = /limit reached\|(\d{10})\b/i.exec(message)?.[1];
  if (epoch) return Number(epoch) * 1000 - now;
  const iso = /\bresets? (?:at |on )?(\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*(?:Z|[+-]\d\d:\d\d))/i.exec(message)?.[1];
  if (iso) return Number.isFinite(Date.parse(iso)) ? Date.parse(iso) - now : null;
  const [, hour, minute = '0', half, zone] =
    /\bresets? (?:at )?(\d{1,2})(?::(\d\d))? ?([ap]m)(?: \(([A-Za-z_/+-]+)\))?/i.exec(message) ?? [];
  if (!hour || !half) return null;
  const wanted = ((Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)) * 60 + Number(minute);
  const at = minuteOfDay(now, zone);
  // A change of the clocks in between makes it an hour more or less; then it is asked again, or was waited for longer.
  return at === null ? null : ((((wanted - at) % 1440) + 1440) % 1440) * 60_000;
}

function minuteOfDay(now: number, timeZone: string | undefined): number | null {
  try {
    const how = { hour: 'numeric', minute: 'numeric', hourCycle: 'h23', ...(timeZone ? { timeZone } : {}) } as const;
    const parts = new Intl.DateTimeFormat('en-GB', how).formatToParts(now);
    const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
    return of('hour') * 60 + of('minute');
  } catch {
    return null;
  }
}

/** Instants in headers are the server's, whose clock need not be ours. */
function serverNow(headers: Headers | undefined, now: number): number {
  const date = Date.parse(headers?.get('date') ?? '');
  return Number.isFinite(date) ? date : now;
}

function figure(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
