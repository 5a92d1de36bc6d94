/** Reads where a request wants to go, in one spelling only: whatever could be read in two ways is nowhere. */
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

export interface Target {
  /** Lower case, no trailing dot; an IPv6 address without brackets. */
  host: string;
  port: number;
  /** The host is an address, not a name. */
  literal: boolean;
}

/** As sent to the server, e.g. `/a?b`; always begins with a slash. */
export type Path = string;

const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** `host:port` of a CONNECT; null when it is anything else. */
export function connectTarget(text: string): Target | null {
  return authority(text, null);
}

/** `http://host[:port][/path]`; null when it is anything else: another scheme, user and password, backslash, blank. */
export function requestTarget(url: string): { target: Target; path: Path } | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what it is about
  if (/[\x00-\x20\x7f-\uffff\\#]/.test(url)) return null;
  const [, where = '', path = ''] = /^http:\/\/([^/?]*)(.*)$/i.exec(url) ?? [];
  const target = authority(where, 80);
  if (!target) return null;
  return { target, path: path.startsWith('/') ? path : `/${path}` };
}

function authority(text: string, usualPort: number | null): Target | null {
  const [, name = '', digits] = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = digits === undefined ? usualPort : Number(digits);
  if (port === null || port < 1 || port > 65_535) return null;
  const host = canonicalHost(name);
  return host && { ...host, port };
}

/**
 * One spelling of a host. Null for all that is none, and for addresses in disguise: decimal, octal, hexadecimal or
 * shortened ones, and IPv4 inside IPv6. Names must be ASCII.
 */
export function canonicalHost(name: string): Omit<Target, 'port'> | null {
  const lower = name.toLowerCase();
  if (lower.startsWith('[')) {
    const inner = lower.slice(1, -1);
    if (!isIPv6(inner) || inner.includes('%')) return null;
    const plain = ipaddr.process(inner);
    return plain.kind() === 'ipv6' ? { host: plain.toString(), literal: true } : null;
  }
  if (ipaddr.IPv4.isValidFourPartDecimal(lower)) {
    const plain = ipaddr.IPv4.parse(lower).toString();
    return plain === lower ? { host: plain, literal: true } : null;
  }
  const host = lower.endsWith('.') ? lower.slice(0, -1) : lower;
  const labels = host.split('.');
  if (host.length > 253 || !labels.every((part) => label.test(part))) return null;
  // A name that ends like a number would be taken for an address by one reader or another.
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) return null;
  return { host, literal: false };
}
