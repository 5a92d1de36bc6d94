/** Lets no more requests to one model of one account go than its answers allow; after a refusal one goes first, the others spaced. */
import type { RateKind } from '#contract/weather.ts';
import type { Clock, HeardRate, Place } from '#core/ports.ts';

/** A rate with its instant, in milliseconds since the epoch. */
export interface Known {
  kind: RateKind;
  limit: number;
  remaining: number;
  resetAt: number;
}

/** What outlives the host. Instants in milliseconds since the epoch. */
export interface GateState {
  rates: Known[];
  seenAt: number;
  /** 0: it was never closed. */
  closedUntil: number;
  /** When it was closed last. */
  refusedAt: number;
  /** The first request after a refusal goes alone. */
  probe: boolean;
}

export interface Gate {
  /** Waits for room; first come, first served. `tokens`: of the prompt, about. Rejects with `closed` where that takes longer than `longest`, or the reason of `signal`. */
  enter(tokens: number, signal: AbortSignal): Promise<Place>;
  /** One of the requests let in is being answered. `first`: it had not been heard of before. */
  hear(rates: readonly HeardRate[], first: boolean): void;
  /** One of them was refused for its rate. `waitMs` null: the account does not say for how long. */
  refused(rates: readonly HeardRate[], waitMs: number | null, first: boolean): void;
  state(): GateState;
  waiting(): number;
}

interface Waiter {
  tokens: number;
  go(place: Place): void;
  stop(reason: unknown): void;
}

interface Parts {
  clock: Clock;
  /** Milliseconds: whoever would wait longer than this is told, instead of waiting here. */
  longest: number;
  /** What they are told. */
  closed(untilMs: number): Error;
  from?: GateState;
}

/** Requests under way before the account has said what it allows; no account allows fewer in a minute. */
const unknownAtOnce = 4;
/** Two instants so close mean the same period: an answer says its own to the second. Milliseconds. */
const sameInstant = 1_500;
/** Milliseconds between two requests after a refusal, where the rate is not known. */
const usualSpacing = 2_000;
/** Milliseconds: from the first to the longest wait after a refusal that names none. */
const [firstWait, longestWait] = [1_000, 60_000];
/** What an account says is believed for so long without asking; a limit may be raised, and a server may talk nonsense. Milliseconds. */
const believed = 3_600_000;
/** No instant further off is kept. Milliseconds. */
const furthest = 400 * 86_400_000;
/** A timer stands still while the machine sleeps. Milliseconds. */
const lookAgain = 30_000;

export function createGate({ clock, longest, closed, from }: Parts): Gate {
  const rates = new Map<RateKind, Known>((from?.rates ?? []).map((rate) => [rate.kind, rate]));
  let { seenAt = 0, closedUntil = 0, refusedAt = 0 } = from ?? {};
  let heard = from !== undefined;
  let probe: 'none' | 'due' | 'under_way' = from?.probe ? 'due' : 'none';
  let spaced = false;
  let lastGo = Number.NEGATIVE_INFINITY;
  let refusals = 0;
  let alive = 0;
  /** Tokens of each request of which the account has not said yet that it counts it. */
  let unheard: number[] = [];
  let queue: Waiter[] = [];
  let unlook = () => {};

  /** The instant from which on a request has room; infinite: only another one's answer makes room. */
  function opensAt(now: number, tokens: number): number {
    const closedTo = Math.min(closedUntil, refusedAt + believed);
    if (now >= refusedAt && now < closedTo) return closedTo;
    if (probe !== 'none') return probe === 'due' ? now : Number.POSITIVE_INFINITY;
    if (spaced && now >= lastGo && now < lastGo + spacing()) return lastGo + spacing();
    if (!heard) return alive < unknownAtOnce ? now : Number.POSITIVE_INFINITY;
    return Math.max(now, ...[...rates.values()].map((rate) => roomAt(rate, now, tokens)));
  }

  function roomAt({ kind, limit, remaining, resetAt }: Known, now: number, tokens: number): number {
    const fullAt = Math.min(resetAt, seenAt + believed);
    const whole = now < seenAt || now >= fullAt;
    const sent = kind === 'requests' ? unheard.length : unheard.reduce((sum, each) => sum + each, 0);
    const [taken, need] = kind === 'output_tokens' ? [0, 1] : [sent, kind === 'requests' ? 1 : Math.min(tokens, limit)];
    if ((whole ? limit : remaining) - taken >= need) return now;
    if (!whole) return fullAt;
    return alive > 0 ? Number.POSITIVE_INFINITY : now;
  }

  /** What somebody is told who would have to wait until `at` for being let in. */
  function liftsAt(at: number): number {
    const used = [...rates.values()].filter(({ remaining }) => remaining === 0);
    return Math.max(at, closedUntil, ...used.map(({ resetAt }) => resetAt));
  }

  const tooLong = (at: number) => at < Number.POSITIVE_INFINITY && at - clock.now() > longest;

  function spacing(): number {
    const { limit = 0 } = rates.get('requests') ?? {};
    return limit > 0 ? 60_000 / limit : usualSpacing;
  }

  function take(tokens: number): Place {
    alive++;
    unheard.push(tokens);
    lastGo = clock.now();
    if (probe === 'due') probe = 'under_way';
    let left = false;
    return {
      leave() {
        if (left) return;
        left = true;
        alive--;
        unheard = unheard.slice(-alive || unheard.length);
        // It brought neither an answer nor a refusal: the next one tries.
        if (probe === 'under_way' && alive === 0) probe = 'due';
        look();
      },
    };
  }

  function look(): void {
    unlook();
    unlook = () => {};
    for (let [first] = queue; first; [first] = queue) {
      const now = clock.now();
      const at = opensAt(now, first.tokens);
      if (tooLong(at)) {
        queue.shift();
        first.stop(closed(liftsAt(at)));
        continue;
      }
      if (at > now) {
        if (at < Number.POSITIVE_INFINITY) unlook = clock.after(Math.min(at - now, lookAgain), look);
        return;
      }
      queue.shift();
      first.go(take(first.tokens));
    }
    spaced = false;
  }

  function learn(heardRates: readonly HeardRate[], first: boolean): void {
    const now = clock.now();
    heard = true;
    if (first) unheard.shift();
    for (const { kind, limit, remaining, resetInMs } of heardRates) {
      const fresh = { kind, limit, remaining, resetAt: now + Math.min(resetInMs, furthest) };
      const known = rates.get(kind);
      // Answers may overtake each other: of the same period, the one with less left is the newer one.
      const old = known && known.remaining < remaining && fresh.resetAt <= known.resetAt + sameInstant;
      if (old && known.limit === limit && now < known.resetAt) continue;
      rates.set(kind, fresh);
      seenAt = now;
    }
  }

  return {
    enter(tokens, signal) {
      if (signal.aborted) return Promise.reject(signal.reason);
      const now = clock.now();
      const at = opensAt(now, tokens);
      if (tooLong(at)) return Promise.reject(closed(liftsAt(at)));
      if (queue.length === 0 && at <= now) return Promise.resolve(take(tokens));
      return new Promise((resolve, reject) => {
        const abort = () => {
          queue = queue.filter((each) => each !== waiter);
          reject(signal.reason);
          look();
        };
        const settled = <T>(then: (value: T) => void) => {
          return (value: T) => {
            signal.removeEventListener('abort', abort);
            then(value);
          };
        };
        const waiter: Waiter = { tokens, go: settled(resolve), stop: settled(reject) };
        signal.addEventListener('abort', abort, { once: true });
        queue.push(waiter);
        look();
      });
    },
    hear(heardRates, first) {
      learn(heardRates, first);
      refusals = 0;
      // An answer after the refusal: the account is open again, whatever it had said.
      if (probe === 'under_way') closedUntil = Math.min(closedUntil, clock.now());
      if (probe === 'under_way') {
        probe = 'none';
        spaced = true;
      }
      look();
    },
    refused(heardRates, waitMs, first) {
      learn(heardRates, first);
      const now = clock.now();
      const wait = waitMs ?? Math.min(longestWait, firstWait * 2 ** refusals);
      refusals++;
      seenAt = now;
      refusedAt = now;
      closedUntil = Math.max(closedUntil > now + furthest ? 0 : closedUntil, now + Math.min(wait, furthest));
      probe = 'due';
      look();
    },
    state: () => ({ rates: [...rates.values()], seenAt, closedUntil, refusedAt, probe: probe !== 'none' }),
    waiting: () => queue.length,
  };
}
