/** What a key looks like, whoever issued it: printable ASCII without spaces, as an HTTP header can carry it. */
import { Fault } from '#contract/faults.ts';

/** The key without white space around it. Throws `model.key_rejected`, which never shows a part of the key. */
export function toKey(text: string, from: string): string {
  const key = text.trim();
  const odd = key.match(/[\r\n]/)?.[0] ?? key.match(/[^\x21-\x7e]/u)?.[0];
  if (odd === undefined) return key;
  throw new Fault('model.key_rejected', `The API key ${from} cannot be one: it holds ${nameOf(odd)}.`, {
    field: 'key',
    cure: 'Copy it anew, whole and on one line, and store it with `nightshift model key`, or set ANTHROPIC_API_KEY.',
  });
}

function nameOf(character: string): string {
  if (character === '\n' || character === '\r') return 'a line break';
  if (character === ' ' || character === '\t') return 'a space';
  const number = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `a character that no key has (U+${number})`;
}
