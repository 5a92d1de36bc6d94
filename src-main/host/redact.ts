/** Cuts keys out of text and errors, so that neither a log nor a screen nor a record ever shows one. */

const mark = '[secret]';

/** As in an error of `Headers.append`, where the value stands in quotes and may hold spaces and line breaks. */
const quotedHeader = /(["'`])Bearer\s[\s\S]*?\1/gi;
const header = /\b(?:Bearer|Basic)\s+[^\s"'`]{6,}/gi;
const namedHeader = /\b((?:proxy-)?authorization|x-api-key|cookie|set-cookie)(["']?\s*[:=]\s*["']?)[^\r\n"'`]+/gi;
/** A whole private key, or as much of it as is there. */
const pem =
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY( BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY( BLOCK)?-----|$)/g;
const inAddress = /\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'`]{0,200}):[^\s/@"'`]{1,500}@/gi;

/** Prefixes under which vendors issue keys. Source: the vendors' public formats, as of November 2026. */
const vendorKeys = new RegExp(
  [
    'sk-ant-[^\\s"\'`]+',
    '\\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}',
    '\\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}',
    '\\bgh[pousr]_[A-Za-z0-9]{20,}',
    '\\bgithub_pat_[A-Za-z0-9_]{20,}',
    '\\bglpat-[A-Za-z0-9_-]{16,}',
    '\\bxox[abeoprs]-[A-Za-z0-9-]{10,}',
    '\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b',
    '\\bAIza[A-Za-z0-9_-]{30,}',
    '\\bnpm_[A-Za-z0-9]{30,}',
    '\\bpypi-[A-Za-z0-9_-]{30,}',
    '\\bhf_[A-Za-z0-9]{20,}',
    '\\bAGE-SECRET-KEY-1[A-Z0-9]{20,}',
    '\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}',
  ].join('|'),
  'g',
);

/** `name = value`, `"name": "value"`, `--name value`. */
const assignment =
  /(?<![A-Za-z0-9_.-])([A-Za-z0-9_.-]{1,80})(["']?\s{0,4}[:=]\s{0,4}|(?<=--[A-Za-z0-9_.-]{1,80})\s{1,4})(["'`]?)([^\s"'`,;&|)}\]]{8,})/g;
const tellingName = /pass(?:word|wd|phrase)|secret|credential|token|api[_-]?key|access[_-]?key|private[_-]?key|_key$/i;

/** Without whatever looks like a key or a bearer token, and without `key` in any place. */
export function redact(text: string, key = ''): string {
  return redactAll(text, key ? [key] : []);
}

/** As `redact`, for any number of known secrets. */
export function redactAll(text: string, secrets: readonly string[]): string {
  const parts = secrets.flatMap(partsOf).sort((a, b) => b.length - a.length);
  return parts
    .reduce((rest, part) => rest.replaceAll(part, mark), text)
    .replace(pem, mark)
    .replace(quotedHeader, `$1${mark}$1`)
    .replace(header, mark)
    .replace(namedHeader, `$1$2${mark}`)
    .replace(inAddress, `$1:${mark}@`)
    .replace(vendorKeys, mark)
    .replace(assignment, (whole, name: string, between: string, quote: string, value: string) =>
      isSecret(name, value) ? `${name}${between}${quote}${mark}` : whole,
    );
}

/** A variable, a placeholder, a call, a look into the environment. */
const programText = /^(?:[$<]|[A-Za-z_$][\w.$]*\(|process\.env\b|os\.environ\b|import\.meta\b)/;

/** Under a name that tells, a value that is no plain word; under any name, a long one that nobody would write by hand. */
function isSecret(name: string, value: string): boolean {
  if (value.includes(mark) || programText.test(value)) return false;
  if (tellingName.test(name)) return /\d|[^\w.-]/.test(value) || value.length >= 20;
  const mixed = /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value);
  return mixed && /^[\w+=~-]{24,}$/.test(value) && entropy(value) >= 3.5;
}

/** Bits for each character, by Shannon. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const each of text) counts.set(each, (counts.get(each) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** The same value, every text in it redacted; one under a name that tells goes whole. Strings come out well-formed. */
export function redactValue(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return redactAll(value.toWellFormed(), secrets);
  if (Array.isArray(value)) return value.map((each) => redactValue(each, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      const whole = typeof each === 'string' && each.length >= 8 && tellingName.test(name) && isSecret(name, each);
      return [redactAll(name.toWellFormed(), secrets), whole ? mark : redactValue(each, secrets)];
    }),
  );
}

/** The same error, its message and stack and those of its causes redacted; a text as `redact` gives it. */
export function redactError(error: unknown, key: string | readonly string[]): unknown {
  const secrets = typeof key === 'string' ? (key ? [key] : []) : key;
  const seen = new Set<Error>();
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at);
    clean(at, 'message', secrets);
    clean(at, 'stack', secrets);
    if (typeof at.cause === 'string') at.cause = redactAll(at.cause, secrets);
  }
  return typeof error === 'string' ? redactAll(error, secrets) : error;
}

/** Defined anew and not assigned: errors of the platform have getters in these places. */
function clean(error: Error, name: 'message' | 'stack', secrets: readonly string[]): void {
  const text = error[name];
  const value = text && redactAll(text, secrets);
  if (value !== text) Object.defineProperty(error, name, { value, configurable: true, writable: true });
}

/** The key, and its pieces where white space parts it: an error may show one line of a wrapped key alone. */
function partsOf(key: string): string[] {
  const pieces = key.split(/\s+/).filter((piece) => piece.length >= 8);
  return key ? [key, ...pieces] : [];
}
