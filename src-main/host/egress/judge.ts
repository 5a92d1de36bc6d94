/** Decides whether a target may be reached and at which addresses: asked once, and those very addresses are dialled. */
import { connect, type Socket } from 'node:net';
import type { EgressCode } from '#contract/egress.ts';
import type { Resolve } from './addresses.ts';
import { type Rule, ruleFor } from './allow-list.ts';
import type { Target } from './target.ts';

export interface Judge {
  rules: readonly Rule[];
  resolve: Resolve;
  /** May traffic go to this address? */
  admits: (address: string) => boolean;
}

export type Verdict = { addresses: string[]; code: null } | { addresses: null; code: EgressCode };

const no = (code: EgressCode): Verdict => ({ addresses: null, code });
/** What `localhost` means, whatever a hosts file says. */
const loopback = ['127.0.0.1', '::1'];
/** Milliseconds for one address to accept a connection. */
const dialWithin = 15_000;

export async function judge({ rules, resolve, admits }: Judge, target: Target): Promise<Verdict> {
  const rule = ruleFor(rules, target);
  if (!rule) return no('net.host_not_allowed');
  if (rule.byHand) return { addresses: target.literal ? [target.host] : loopback, code: null };
  const addresses = target.literal ? [target.host] : await resolve(target.host).catch(() => []);
  if (addresses.length === 0) return no('net.not_resolved');
  // One private address among public ones is no accident either.
  if (!addresses.every(admits)) return no('net.resolved_private');
  return { addresses, code: null };
}

/** The first address that accepts. Null when none does. */
export async function dial(addresses: readonly string[], port: number): Promise<Socket | null> {
  for (const host of addresses) {
    const socket = await new Promise<Socket | null>((resolve) => {
      const attempt = connect({ host, port, noDelay: true, timeout: dialWithin, allowHalfOpen: true });
      const fail = () => {
        attempt.destroy();
        resolve(null);
      };
      attempt.once('error', fail).once('timeout', fail);
      attempt.once('connect', () => {
        attempt.off('error', fail).off('timeout', fail).setTimeout(0);
        resolve(attempt);
      });
    });
    if (socket) return socket;
  }
  return null;
}
