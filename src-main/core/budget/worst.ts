/** The most that a model call can cost, and how long an answer the rest of the caps can pay for. */
import type { WebOffer } from '#contract/web.ts';
import { hourWrite, type Rates, searchMicros } from './prices.ts';
import { type Account, type Scope, shortestAnswer } from './purse.ts';

/**
 * Tokens of a prompt at most. No token is shorter than a byte, so what is new since the last answer counts a token for
 * each byte of its JSON; what was sent before is known exactly from that answer's usage.
 */
export function promptAtMost(requestBytes: number, last: { bytes: number; tokens: number } | null): number {
  return last ? last.tokens + Math.max(0, requestBytes - last.bytes) : requestBytes;
}

/** What a request may cost beside its tokens at their usual price. */
export interface Extra {
  /** Its prompt is put into the cache for an hour. */
  hour?: boolean;
  /** Searches of the web at most. */
  searches?: number;
  /** Times that the prompt is read again within the answer, once for whatever was looked up. */
  again?: number;
  /** It is read from the cache then for certain; otherwise it may be paid anew. */
  cached?: boolean;
  /** Millionths of a US dollar for what other models are expected to do within the answer. */
  others?: number;
}

/** Millionths of a US dollar. `hour`: as in `Extra`. */
export function worstCost(rates: Rates, promptTokens: number, answerTokens: number, hour = false): number {
  const price = rates(promptTokens);
  const dearest = Math.max(price.input, hour ? hourWrite(price) : price.cacheWrite, price.cacheRead);
  return Math.ceil(promptTokens * dearest + answerTokens * price.output);
}

/** Money in millionths of a US dollar. */
export interface Paid {
  /** That the answer may have. */
  tokens: number;
  /** What it costs then at worst, and the part of the question in that. */
  worst: number;
  prompt: number;
  /** Kept from everybody else until it is known what the other side counts, and never taken for spent by itself. */
  aside: number;
}

/** What an address may look up on the web within one answer, each way, and how much of it comes into the prompt. */
export const webBounds = { uses: 3, tokensOfPage: 20_000, tokensOfSearch: 15_000 };

/** What looking up may add to one answer: tokens to its prompt, searches to its bill. */
export function webAtMost(web: WebOffer | null): { tokens: number; searches: number; again: number } {
  const { uses, tokensOfPage, tokensOfSearch } = webBounds;
  const searches = web?.search ? uses : 0;
  const pages = web?.fetch ? uses : 0;
  return { tokens: searches * tokensOfSearch + pages * tokensOfPage, searches, again: searches + pages };
}

export type Room =
  | ({ kind: 'room' } & Paid)
  /** It fits once others have settled what they reserved. */
  | { kind: 'wait' }
  | { kind: 'none'; scope: Scope; cap: number; spent: number };

/** Whether even a short answer fits into every account, and how long a one does at most. `most`: tokens, of other limits. */
export function roomIn(
  accounts: readonly Account[],
  rates: Rates,
  promptTokens: number,
  most: number,
  { hour = false, searches = 0, again = 0, cached = false, others = 0 }: Extra = {},
): Room {
  const price = rates(promptTokens);
  const { output } = price;
  const more = Math.ceil(
    others + searchMicros(searches, price) + again * promptTokens * (cached ? price.cacheRead : price.input),
  );
  const prompt = worstCost(rates, promptTokens, 0, hour) + more;
  if (output === 0 && prompt === 0) return { kind: 'room', tokens: most, worst: 0, prompt: 0, aside: 0 };
  // Where only the question costs something, an answer of any length fits once the question does.
  const tokensFor = (left: number) => (output > 0 ? Math.floor((left - prompt) / output) : left >= prompt ? most : -1);
  let tokens = most;
  let wait = false;
  for (const { scope, cap, spent, reserved } of accounts) {
    if (tokensFor(cap - spent) < shortestAnswer) return { kind: 'none', scope, cap, spent };
    const now = tokensFor(cap - spent - reserved);
    wait ||= now < shortestAnswer;
    tokens = Math.min(tokens, now);
  }
  const worst = worstCost(rates, promptTokens, tokens, hour) + more;
  return wait ? { kind: 'wait' } : { kind: 'room', tokens, worst, prompt, aside: 0 };
}
