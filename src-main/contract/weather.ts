/** What an API account allows for a while: its rates as it last said them, and the wait that a limit imposes. */
import { z } from 'zod';
import { Instant } from './instants.ts';

/** What is counted: requests, or tokens of prompt and answer together or apart. */
export const RateKind = z.enum(['requests', 'tokens', 'input_tokens', 'output_tokens']);
export type RateKind = z.infer<typeof RateKind>;

export const Rate = z.object({
  kind: RateKind,
  /** In one period. */
  limit: z.int().min(0),
  /** Left of it when the account said so. */
  remaining: z.int().min(0),
  /** When all of it is there again. */
  resetAt: Instant,
});
export type Rate = z.infer<typeof Rate>;

/** One model of one account, as its last answer said. An account is an address and a key, of which only a fingerprint is kept. */
export const AccountLimits = z.object({
  account: z.string(),
  address: z.string(),
  model: z.string(),
  seenAt: Instant,
  rates: z.array(Rate),
  /** Nothing is asked before; null: nothing holds it. */
  closedUntil: Instant.nullable(),
  /** Requests of this host that wait for room. */
  waiting: z.int().min(0),
});
export type AccountLimits = z.infer<typeof AccountLimits>;

/** A run waits for a limit of its account to lift: no slot, no sandbox, no process, no time of its own limit. */
export const Held = z.object({
  until: Instant,
  /** What the account said, in short. */
  reason: z.string(),
  /** The how-manieth wait of this run, and how many there may be. */
  wait: z.int().min(1),
  of: z.int().min(1),
});
export type Held = z.infer<typeof Held>;

const nouns: Record<RateKind, string> = {
  requests: 'requests',
  tokens: 'tokens',
  input_tokens: 'tokens of prompts',
  output_tokens: 'tokens of answers',
};

/** One line for each rate, e.g. `requests 47 of 50 left until 03:12:00`; what has been replenished by `now` says so. */
export function rateWords(
  { kind, limit, remaining, resetAt }: Rate,
  now: number,
  clock: (at: string) => string,
): string {
  const all = Date.parse(resetAt) <= now;
  const count = (n: number) => n.toLocaleString('en-GB');
  return all
    ? `${nouns[kind]} ${count(limit)} of ${count(limit)} left`
    : `${nouns[kind]} ${count(remaining)} of ${count(limit)} left until ${clock(resetAt)}`;
}
