/** Which texts of skills stand beside a summary: the latest ones, each cut to what the context can bear. */

/** Tokens of one skill, and of all together, as the format's own documentation has it. */
const [ofOne, ofAll] = [5_000, 25_000];
/** Bytes of a token, on average. */
const bytesOfToken = 4;
/** Part of a context that they may fill together. */
const share = 0.2;

/** `used`: by name, the latest last; `window`: tokens of the context, where it is known. Oldest first. */
export function skillsAgain(used: ReadonlyMap<string, string>, window?: number): string[] {
  let left = Math.min(ofAll, Math.floor((window ?? Number.POSITIVE_INFINITY) * share)) * bytesOfToken;
  const kept: string[] = [];
  for (const text of [...used.values()].reverse()) {
    const part = cut(text, Math.min(left, ofOne * bytesOfToken));
    if (part === '') break;
    left -= Buffer.byteLength(part);
    kept.unshift(part);
  }
  return kept;
}

const note = '\n[… cut here: call Skill again for the rest]';

/** At most `bytes` long; empty where not even a beginning has room. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const room = bytes - Buffer.byteLength(note);
  if (room < 200) return '';
  // A character that is cut in two is left out.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, room)).replace(/\ufffd$/, '') + note;
}
