/** Exchanges a one-time code for a cookie, and knows its own cookies again. Keeps hashes only. */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '#core/ports.ts';

export interface SignIn {
  /** A new code: works once, for five minutes. */
  mint(): string;
  /** The value for a Set-Cookie header, or null for a code that is unknown, used or too old. */
  exchange(code: string): string | null;
  /** Whether a request's Cookie header carries a session. */
  knows(cookieHeader: string | undefined): boolean;
}

const codeLifeMs = 5 * 60_000;
/** A page that stays open for a week is opened anew. */
const sessionLifeMs = 7 * 24 * 60 * 60_000;
/** Old ones make room, so that neither list can be made to grow. */
const atMost = 100;

/** Hashes of sessions, each with the instant at which it ends. */
export type Sessions = [hash: string, until: number][];

/**
 * `name`: the cookie's. Browsers share cookies between the ports of one address, so it must differ between hosts.
 * `known`: sessions of an earlier host at the same address; `keep` hears of every change.
 */
export function createSignIn(
  clock: Clock,
  name: string,
  known: Sessions = [],
  keep: (sessions: Sessions) => void = () => {},
): SignIn {
  const codes = new Map<string, number>();
  const sessions = new Map<string, number>(known);
  return {
    mint() {
      const code = randomBytes(32).toString('base64url');
      bounded(codes);
      codes.set(digest(code), clock.now() + codeLifeMs);
      return code;
    },
    exchange(code) {
      const key = digest(code);
      const until = codes.get(key);
      codes.delete(key);
      if (until === undefined || clock.now() >= until) return null;
      const session = randomBytes(32).toString('base64url');
      bounded(sessions);
      sessions.set(digest(session), clock.now() + sessionLifeMs);
      keep([...sessions]);
      return `${name}=${session}; Path=/; HttpOnly; SameSite=Strict`;
    },
    knows: (header) =>
      (header ?? '').split(';').some((pair) => {
        const [key, value] = pair.trim().split('=', 2);
        return key === name && value !== undefined && clock.now() < (sessions.get(digest(value)) ?? 0);
      }),
  };
}

function bounded(list: Map<string, number>): void {
  for (const oldest of list.keys()) {
    if (list.size < atMost) return;
    list.delete(oldest);
  }
}

/** Looking up a hash takes the same time however much of a guess is right. */
function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
