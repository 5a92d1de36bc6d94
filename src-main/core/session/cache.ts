/** Why an answer read nothing from the prompt cache although the request before it had written there. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { History } from './history.ts';

/** Prompts below this many tokens may be too short for any cache. Source: the longest minimum in the vendor's guide, November 2026. */
const shortest = 4_096;
/** Milliseconds for which what was written is kept; every use begins it anew. */
const lasts = 5 * 60_000;

/** A reason as the API names it, `expired`, or `unavailable`; undefined: nothing was missed. `now`: milliseconds since the epoch. */
export function cacheMiss(
  history: Readonly<History>,
  { usage, diagnostics }: Message,
  now: number,
): string | undefined {
  const { lastRequest, lastAnswerAt } = history;
  const told = diagnostics?.cache_miss_reason?.type;
  if (told && told !== 'unavailable') return told;
  const writes = (usage.cache_creation_input_tokens ?? 0) > 0 && !usage.cache_read_input_tokens;
  if (!writes || lastRequest === null || lastAnswerAt === null || lastRequest.tokens < shortest) return undefined;
  return now - lastAnswerAt > lasts ? 'expired' : 'unavailable';
}
