/** Money is reserved before it is spent: how large an answer the rest of a run's cap can pay for at worst. */
import { priceOf } from './prices.ts';

/** Tokens of one answer at most; more is rarely useful in one turn and makes the reserve needlessly large. */
export const longestAnswer = 32_000;
/** Below this an answer is too short to do anything with, so the run stops at this clean point instead. */
export const shortestAnswer = 1_024;
/**
 * Tokens of a prompt at most. No token is shorter than a byte, so what is new since the last answer counts a token for
 * each byte of its JSON; what was sent before is known exactly from that answer's usage.
 */
export function promptAtMost(requestBytes: number, last: { bytes: number; tokens: number } | null): number {
  return last ? last.tokens + Math.max(0, requestBytes - last.bytes) : requestBytes;
}

/**
 * Tokens that the next answer may have so that the call, at its worst, stays within the cap; null when not even a
 * short answer fits. Dollars of the cap, millionths of a dollar spent so far.
 */
export function affordableAnswer(
  model: string,
  promptTokens: number,
  capDollars: number,
  spentMicros: number,
): number | null {
  const price = priceOf(model, promptTokens);
  if (price.output === 0) return longestAnswer;
  const prompt = promptTokens * Math.max(price.input, price.cacheWrite);
  const left = Math.floor(capDollars * 1_000_000) - spentMicros - prompt;
  const tokens = Math.min(longestAnswer, Math.floor(left / price.output));
  return tokens >= shortestAnswer ? tokens : null;
}
