/** What a text says once its disguises are taken off: odd letters, unseen characters, entities, encodings. Pure. */

export interface Layer {
  text: string;
  /** What had to be undone to read it; null for the text as anybody sees it. */
  disguise: string | null;
  /** What anybody sees: what stands in it, too, is not disguised. Empty for the plain layer. */
  seen: string;
}

/** Characters that are looked at; what reaches a model is shorter. */
const longest = 400_000;
/** Encoded pieces that are opened in one text. */
const mostPieces = 200;

/** The plain text first. Every layer is well-formed, composed (NFKC) and without characters of no width. */
export function unveil(raw: string): Layer[] {
  const text = raw.slice(0, longest).toWellFormed();
  // Most of what tools bring back is plain, and has none of the disguises that take other letters.
  const ascii = !beyondAscii.test(text);
  const tags = ascii ? null : tagLetters(text);
  const plain = ascii ? text : settle(text);
  const layers: Layer[] = [{ text: plain, disguise: null, seen: '' }];
  const add = (found: string, disguise: string, seen = plain) => {
    if (found.trim() !== '' && found !== seen) layers.push({ text: settle(found), disguise, seen });
  };
  // A sentence goes on across the lines of a comment, a quotation, or a file shown with line numbers.
  const joined = plain.includes('\n') ? plain.replace(linePrefix, '\n') : plain;
  if (joined !== plain) layers.push({ text: joined, disguise: null, seen: '' });
  if (tags) add(tags, 'unseen tag characters');
  if (!ascii && unseen.test(text.replace(ordinaryUnseen, ''))) add(plain, 'characters without width', text);
  if (!ascii) add(foldLookalikes(plain), 'letters of another script');
  add(foldDigits(plain), 'digits for letters');
  add(closeGaps(plain), 'letters set apart');
  if (plain.includes('&') && /&(#\d|#x|[a-z]+;)/i.test(plain)) add(decodeEntities(plain), 'HTML entities');
  if (plain.includes('\\') && /\\(u\{?[0-9a-f]|x[0-9a-f]{2})/i.test(plain)) add(decodeEscapes(plain), 'escapes');
  if (plain.includes('%') && /(?:%[0-9a-f]{2}[^%\s]{0,20}){3}/i.test(plain))
    add(decodePercent(plain), 'percent encoding');
  for (const piece of encodedPieces(plain)) add(piece.text, piece.how);
  return layers;
}

const beyondAscii = /[^\0-\x7f]/;
const linePrefix = /\n[ \t]*(?:\d{1,6}[ \t]*[\t→|:][ \t]*)?(?:(?:\/\/+|#+|\*+|>+|--|;+|["'] *\+? *["'])[ \t]*)?/g;

/** Characters that are not seen, but for what joined and right-to-left scripts and emoji need. */
const unseen = /[\p{Cf}--[\u{200c}-\u{200f}\u{e0020}-\u{e007f}]]/v;
const ordinaryUnseen = /^\ufeff/;
const unseenAll = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

function settle(text: string): string {
  return text.normalize('NFKC').replace(unseenAll, '');
}

/** Tag characters spell ASCII that nobody sees; flags of regions use a few of them after a black flag. */
function tagLetters(text: string): string | null {
  let found = '';
  for (const [run] of text.replace(/\u{1f3f4}[\u{e0020}-\u{e007f}]{2,8}/gu, '').matchAll(/[\u{e0020}-\u{e007e}]{3,}/gu))
    found += ` ${[...run].map((char) => String.fromCodePoint((char.codePointAt(0) ?? 0) - 0xe0000)).join('')}`;
  return found === '' ? null : found;
}

const lookalikes: Record<string, string> = {
  ...{ а: 'a', е: 'e', о: 'o', р: 'p', с: 'c', у: 'y', х: 'x', і: 'i', ј: 'j', ѕ: 's', ԁ: 'd', һ: 'h', ӏ: 'l', к: 'k' },
  ...{ м: 'm', т: 't', в: 'b', н: 'h', г: 'r', п: 'n', ԛ: 'q', ԝ: 'w', ь: 'b', ɡ: 'g', ı: 'i' },
  ...{ А: 'A', В: 'B', Е: 'E', К: 'K', М: 'M', Н: 'H', О: 'O', Р: 'P', С: 'C', Т: 'T', Х: 'X', І: 'I', Ѕ: 'S', Ј: 'J' },
  ...{ α: 'a', ε: 'e', ι: 'i', ο: 'o', ρ: 'p', υ: 'u', ν: 'v', τ: 't', κ: 'k', Ι: 'I', Ο: 'O', Α: 'A', Ε: 'E', Τ: 'T' },
};

/** Only in words that mix scripts: a Russian sentence stays Russian. */
function foldLookalikes(text: string): string {
  return text.replace(/[\p{L}]+/gu, (word) =>
    /[a-z]/i.test(word) && /[^\p{Script=Latin}]/u.test(word)
      ? [...word].map((char) => lookalikes[char] ?? char).join('')
      : word,
  );
}

const digits: Record<string, string> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's' };

function foldDigits(text: string): string {
  return text.replace(/[A-Za-z013457@$]{4,24}/g, (word) =>
    /[a-z]{2}/i.test(word) && /[013457@$]/.test(word)
      ? word.replace(/[013457@$]/g, (char) => digits[char] ?? char)
      : word,
  );
}

/** `i g n o r e   t h i s` and `i.g.n.o.r.e`: single letters with one separator between, words apart by more. */
function closeGaps(text: string): string {
  return text
    .replace(/(?<![A-Za-z])(?:[A-Za-z][ ._*-]){5,}[A-Za-z](?![A-Za-z])/g, (found) => found.replace(/[ ._*-]/g, ''))
    .replace(/(?<![A-Za-z])(?:[A-Za-z] ){2,}[A-Za-z](?:(?: {2,})(?:[A-Za-z] )*[A-Za-z](?![A-Za-z])){2,}/g, (found) =>
      found
        .split(/ {2,}/)
        .map((word) => word.replaceAll(' ', ''))
        .join(' '),
    );
}

const named: Record<string, string> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  colon: ':',
  sol: '/',
};

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name) return named[String(name).toLowerCase()] ?? whole;
    return codePoint(Number.parseInt(decimal ?? hex, decimal ? 10 : 16)) ?? whole;
  });
}

function decodeEscapes(text: string): string {
  return text.replace(
    /\\u\{([0-9a-f]{1,6})\}|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})/gi,
    (whole, braced, four, two) => codePoint(Number.parseInt(braced ?? four ?? two, 16)) ?? whole,
  );
}

function codePoint(value: number): string | null {
  return value > 0 && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff) ? String.fromCodePoint(value) : null;
}

function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => asText(Buffer.from(run.replaceAll('%', ''), 'hex')) ?? run);
}

/** Base64 and hexadecimal runs that decode to a sentence; keys, hashes and pictures do not. */
function encodedPieces(text: string): { text: string; how: string }[] {
  const found: { text: string; how: string }[] = [];
  let tried = 0;
  for (const [run] of text.matchAll(/(?:[A-Za-z0-9+/_-]{20,}(?:\r?\n(?=[A-Za-z0-9+/_-]))?)+={0,2}/g)) {
    if (++tried > mostPieces) break;
    const joined = run.replace(/\s/g, '').slice(0, 40_000);
    const hex = /^[0-9a-f]+$/i.test(joined) && joined.length % 2 === 0;
    const decoded = asText(Buffer.from(joined, hex ? 'hex' : 'base64'));
    if (decoded && isProse(decoded)) found.push({ text: decoded, how: hex ? 'hexadecimal' : 'base64' });
  }
  return found;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function asText(bytes: Uint8Array): string | null {
  try {
    const text = utf8.decode(bytes);
    return /[\p{Cc}]/u.test(text.replace(/[\n\r\t]/g, '')) ? null : text;
  } catch {
    return null;
  }
}

const isProse = (text: string) => text.length >= 12 && (/\p{L}{2,}\s+\p{L}{2,}/u.test(text) || /\p{Lo}{6}/u.test(text));
