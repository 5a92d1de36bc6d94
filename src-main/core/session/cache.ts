/** How long what is sent is kept in the prompt cache, and why an answer read nothing although the request before it had written there. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { History } from './conversation.ts';

/** Prompts below this many tokens may be too short for any cache. Source: the longest minimum in the vendor's guide, November 2026. */
const shortest = 4_096;
/** Milliseconds for which what was written is kept; every use begins it anew. */
const [fiveMinutes, anHour] = [5 * 60_000, 60 * 60_000];
/** Answers for which an hour is paid for after the turns were last so far apart. */
export const farApartFor = 10;

/** Milliseconds between two turns for which five minutes are too short and an hour is enough. */
export const isFarApart = (ms: number): boolean => ms > fiveMinutes && ms <= anHour;

/** An hour costs more to write, and pays where turns are minutes apart: a loop, a person's answer, a wait for a limit. */
export function keptForAnHour({ turns, hourThrough, lastAnswerAt, lastEventAt }: Readonly<History>): boolean {
  const apart = lastAnswerAt === null || lastEventAt === null ? 0 : lastEventAt - lastAnswerAt;
  return turns < hourThrough || isFarApart(apart);
}

/** A reason as the API names it, `expired`, `expired_hour`, or `unavailable`; undefined: nothing was missed. `now`: milliseconds since the epoch. */
export function cacheMiss(
  history: Readonly<History>,
  { usage, diagnostics }: Message,
  now: number,
): string | undefined {
  const { lastRequest, lastAnswerAt, lastKeptHour } = history;
  const told = diagnostics?.cache_miss_reason?.type;
  if (told && told !== 'unavailable') return told;
  const writes = (usage.cache_creation_input_tokens ?? 0) > 0 && !usage.cache_read_input_tokens;
  if (!writes || lastRequest === null || lastAnswerAt === null || lastRequest.tokens < shortest) return undefined;
  const gone = now - lastAnswerAt;
  if (lastKeptHour) return gone > anHour ? 'expired_hour' : 'unavailable';
  return gone > fiveMinutes ? 'expired' : 'unavailable';
}
