/** Counts what one attempt moves, and reports each attempt once: when it is refused, or when it is over. */
import type { EgressCode, NetworkAttempt } from '#contract/egress.ts';

export type Report = (attempt: NetworkAttempt) => void;

export interface Entry {
  sent(bytes: number): void;
  received(bytes: number): void;
  /** Later calls change nothing. */
  end(decision: 'allow' | 'deny', code: EgressCode | null): void;
}

export function openEntry(report: Report, at: { host: string; port: number; method: string }): Entry {
  const { host, port, method } = at;
  const count = { sent: 0, received: 0 };
  let ended = false;
  return {
    sent: (bytes) => {
      count.sent += bytes;
    },
    received: (bytes) => {
      count.received += bytes;
    },
    end(decision, code) {
      if (ended) return;
      ended = true;
      report({ host, port, method, decision, code, ...count });
    },
  };
}
