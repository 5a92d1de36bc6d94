/** Which hosts a run may reach: entries as a person writes them, and whether one of them covers a target. */
import { Fault } from '#contract/faults.ts';
import { refusedByHand } from './addresses.ts';
import { canonicalHost, type Target } from './target.ts';

export interface Rule {
  host: string;
  port: number;
  /** Covers the hosts below `host`, not `host` itself. */
  below: boolean;
  /** An address written out by a person who may also name private ones; or `localhost`, which is one by its meaning. */
  byHand: boolean;
}

const usualPort = 443;

/**
 * @param entries `host`, `host:port`, `*.host`, `*.host:port`, an address or `[IPv6]:port`; port 443 without one.
 * @param allowPrivate an entry may be a loopback or private address, letter by letter, or `localhost`. No other name
 * leads to one.
 * Throws `input` naming the entry at fault.
 */
export function readAllowList(entries: readonly string[], allowPrivate = false): Rule[] {
  return entries.map((entry) => {
    const [, star, name = '', digits] = /^(\*\.)?(\[[^\]]*\]|[^:[\]]*)(?::(\d{1,5}))?$/.exec(entry.trim()) ?? [];
    const host = canonicalHost(name);
    const port = digits === undefined ? usualPort : Number(digits);
    if (!host || port < 1 || port > 65_535) throw wrong(entry, 'is no host, or host:port');
    if (star && (host.literal || !host.host.includes('.'))) throw wrong(entry, 'is too wide');
    if (host.literal && refusedByHand(host.host)) throw wrong(entry, 'is an address that nothing may be sent to');
    const byHand = allowPrivate && !star && (host.literal || host.host === 'localhost');
    return { host: host.host, port, below: star !== undefined, byHand };
  });
}

function wrong(entry: string, why: string): Fault {
  return new Fault('input', `'${entry}' ${why}.`, {
    field: 'network',
    cure: 'Write e.g. api.example.com, api.example.com:8443 or *.example.com.',
  });
}

export function ruleFor(rules: readonly Rule[], target: Target): Rule | null {
  const covers = ({ host, port, below }: Rule) =>
    port === target.port && (below ? !target.literal && target.host.endsWith(`.${host}`) : target.host === host);
  return rules.find(covers) ?? null;
}
