/** Hosts as the URL standard reads them, and whether an address can be trusted to be what it looks like. */
import ipaddr from 'ipaddr.js';

export interface HostPattern {
  /** Canonical. Empty: every host. */
  host: string;
  /** Its subdomains, without the host itself. */
  subdomains: boolean;
}

/** Null: it is not written as `domain:host`. */
export function readHostPattern(spec: string): HostPattern | null {
  if (!spec.startsWith('domain:')) return null;
  const written = spec.slice('domain:'.length).trim();
  if (written === '*') return { host: '', subdomains: false };
  const subdomains = written.startsWith('*.');
  const name = subdomains ? written.slice(2) : written;
  if (name === '' || /[*/@:\\?#\s%]/.test(name.replace(/^\[[\da-f:.]+\]$/i, ''))) return null;
  const host = URL.canParse(`http://${name}/`) ? canonical(new URL(`http://${name}/`)) : '';
  return host === '' ? null : { host, subdomains };
}

export function matchesHost({ host, subdomains }: HostPattern, asked: string): boolean {
  if (host === '') return true;
  return subdomains ? asked.endsWith(`.${host}`) : asked === host;
}

export interface AskedHost {
  /** Canonical; null: there is none. */
  host: string | null;
  fault: { code: 'net.url_confusing' | 'net.resolved_private'; about: string } | null;
}

export function readUrl(written: string): AskedHost {
  const url = URL.canParse(written) ? new URL(written) : null;
  const host = url ? canonical(url) : null;
  if (!url || !host) return { host: null, fault: { code: 'net.url_confusing', about: 'it has no host' } };
  const about = confusion(written, url, host);
  if (about) return { host, fault: { code: 'net.url_confusing', about } };
  return { host, fault: isPublic(host) ? null : { code: 'net.resolved_private', about: host } };
}

const canonical = ({ hostname }: URL) => hostname.replace(/\.$/, '').toLowerCase();

/** Everything that one reader of addresses takes otherwise than another. */
function confusion(written: string, url: URL, host: string): string | null {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `the scheme ${url.protocol}`;
  if (url.username !== '' || url.password !== '') return 'a user name before the host';
  if (url.port !== '') return `port ${url.port}`;
  if (/[\\\s]|[^\x21-\x7e]/.test(written.split(/[?#]/)[0] ?? ''))
    return 'a character that is not read the same everywhere';
  if (/\p{Cc}|\p{Cf}|\s/u.test(written)) return 'an invisible character';
  const authority = /^https?:\/\/([^/?#]*)/i.exec(written)?.[1];
  if (authority === undefined) return 'it does not begin with http:// or https://';
  if (/[%@]/.test(authority)) return 'a percent sign or an @ in the host';
  if (host.split('.').some((label) => label.startsWith('xn--'))) return 'a host in another script';
  const asWritten = authority
    .replace(/:(80|443)?$/, '')
    .replace(/\.$/, '')
    .toLowerCase();
  return asWritten === host ? null : `the host is read as ${host}`;
}

function isPublic(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(bare)) return ipaddr.process(bare).range() === 'unicast';
  return host.includes('.') && !/(^|\.)(localhost|local|internal|onion|localdomain|arpa)$/.test(host);
}
