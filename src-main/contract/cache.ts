/** The report on the prompt cache: how much of the prompts came from it, and why one did not. */
import type { Usage } from './runs.ts';

/** Percent of all prompt tokens that were read from the cache, rounded down; null before there were any. */
export function cacheShare({ input, cacheRead, cacheWrite }: Usage): number | null {
  const all = input + cacheRead + cacheWrite;
  return all === 0 ? null : Math.floor((cacheRead / all) * 100);
}

const why: Record<string, string> = {
  model_changed: 'another model answers now',
  system_changed: 'the instructions had changed',
  tools_changed: 'the tools had changed',
  messages_changed: 'earlier messages had changed',
  previous_message_not_found: 'the API does not know the answer before',
  expired: 'more than five minutes had gone by',
  expired_hour: 'more than an hour had gone by',
};

/** For the end of a sentence. `reason`: of a `message.finished`. */
export function cacheMissWords(reason: string): string {
  return why[reason] ?? 'the API does not say why';
}
