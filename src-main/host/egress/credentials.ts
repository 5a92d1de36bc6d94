/** Puts a secret into one named header of requests to one host, one path and some methods; it is never anywhere else. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { Credential } from '#core/ports.ts';
import { createScrub, type Scrub } from './scrub.ts';
import type { Path, Target } from './target.ts';

/** Headers to set; empty when no credential fits. */
export function inject(
  credentials: readonly Credential[],
  { target, method, path }: { target: Target; method: string; path: Path },
): OutgoingHttpHeaders {
  const plain = plainPath(path);
  const fitting = credentials.filter(
    (each) => serves(each, target) && each.methods.includes(method) && plain !== null && below(plain, each.pathPrefix),
  );
  return Object.fromEntries(fitting.map(({ header, value }) => [header.toLowerCase(), value]));
}

/** Looks for the secrets of every credential in whatever the host answers: it may have kept one from before. */
export function scrubFor(credentials: readonly Credential[], target: Target): Scrub | null {
  const known = credentials.filter((each) => serves(each, target));
  return known.length === 0 ? null : createScrub(known.map(({ value }) => value));
}

export function serves({ host, port = 443 }: Credential, target: Target): boolean {
  return host.toLowerCase() === target.host && port === target.port;
}

/** The path if every server reads it alike: no dots to climb, nothing encoded that could be a slash or a dot. */
function plainPath(path: Path): string | null {
  const plain = path.split('?')[0] ?? '';
  const climbing = plain.split('/').some((part) => part === '.' || part === '..');
  return climbing || /%(2e|2f|5c|00|25)|\\|\/\//i.test(plain) ? null : plain;
}

function below(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}
