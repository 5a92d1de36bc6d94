/** Cuts keys out of text and errors, so that neither a log nor a screen ever shows one. */

const mark = '[secret]';
/** As in an error of `Headers.append`, where the value stands in quotes and may hold spaces and line breaks. */
const quotedHeader = /(["'`])Bearer\s[\s\S]*?\1/gi;
const header = /\bBearer\s+[^\s"'`]+/gi;
const vendorKey = /sk-ant-[^\s"'`]+/g;

/** Without whatever looks like a key or a bearer token, and without `key` in any place. */
export function redact(text: string, key = ''): string {
  const plain = partsOf(key).reduce((rest, part) => rest.replaceAll(part, mark), text);
  return plain.replace(quotedHeader, `$1${mark}$1`).replace(header, mark).replace(vendorKey, mark);
}

/** The same error, its message and stack and those of its causes redacted; a text as `redact` gives it. */
export function redactError(error: unknown, key: string): unknown {
  const seen = new Set<Error>();
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at);
    clean(at, 'message', key);
    clean(at, 'stack', key);
    if (typeof at.cause === 'string') at.cause = redact(at.cause, key);
  }
  return typeof error === 'string' ? redact(error, key) : error;
}

/** Defined anew and not assigned: errors of the platform have getters in these places. */
function clean(error: Error, name: 'message' | 'stack', key: string): void {
  const text = error[name];
  const value = text && redact(text, key);
  if (value !== text) Object.defineProperty(error, name, { value, configurable: true, writable: true });
}

/** The key, and its pieces where white space parts it: an error may show one line of a wrapped key alone. */
function partsOf(key: string): string[] {
  const pieces = key.split(/\s+/).filter((piece) => piece.length >= 8);
  return key ? [key, ...pieces] : [];
}
