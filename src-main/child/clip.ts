/** Keeps texts within a bound, losing the middle first and saying how much was lost. */
import { stripVTControlCharacters } from 'node:util';

/** At most `limit` characters, well-formed Unicode. */
export function cutMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text.toWellFormed();
  const half = Math.floor((limit - 120) / 2);
  const note = `\n[… ${text.length - 2 * half} of ${text.length} characters left out …]\n`;
  return (start(text, half) + note + end(text, half)).toWellFormed();
}

/** Neither end ever consists of half a character. */
const start = (text: string, length: number): string => text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
const end = (text: string, length: number): string => text.slice(-length).replace(/^[\udc00-\udfff]/, '');

/** What a terminal would obey is taken out; other unprintable characters become U+FFFD. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what it is about
  return stripVTControlCharacters(text).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '\uFFFD');
}

/** Takes any number of bytes and remembers the first and the last of them, in bounded memory. */
export class Collector {
  total = 0;
  readonly #keep: number;
  readonly #head: Buffer[] = [];
  #headSize = 0;
  #tail: Buffer[] = [];
  #tailSize = 0;

  /** Remembers `keep` bytes at either end. */
  constructor(keep: number) {
    this.#keep = keep;
  }

  push(chunk: Buffer): void {
    this.total += chunk.length;
    const room = this.#keep - this.#headSize;
    if (room > 0) {
      this.#head.push(Buffer.from(chunk.subarray(0, room)));
      this.#headSize += Math.min(room, chunk.length);
    }
    if (chunk.length <= room) return;
    const rest = chunk.subarray(Math.max(0, room, chunk.length - this.#keep));
    this.#tail.push(Buffer.from(rest));
    this.#tailSize += rest.length;
    if (this.#tailSize > 2 * this.#keep || this.#tail.length > 1024) this.#shorten();
  }

  #shorten(): void {
    this.#tail = [Buffer.from(Buffer.concat(this.#tail).subarray(-this.#keep))];
    this.#tailSize = this.#tail[0]?.length ?? 0;
  }

  /** What a person or a model can read of it, within `limit` characters. */
  text(limit: number): string {
    const head = Buffer.concat(this.#head);
    const tail = Buffer.concat(this.#tail);
    if (head.includes(0) || tail.includes(0)) {
      return `[binary output, ${this.total} bytes, not shown; send it through a filter such as xxd or file]`;
    }
    const lost = this.total - head.length - tail.length;
    if (lost === 0) return cutMiddle(plain(Buffer.concat([head, tail]).toString('utf8')), limit);
    const half = Math.floor((limit - 160) / 2);
    const first = start(plain(new TextDecoder().decode(head, { stream: true })), half);
    const whole = tail.subarray(tail.findIndex((byte) => (byte & 0xc0) !== 0x80));
    const last = end(plain(whole.toString('utf8')), half);
    return `${first}\n[… about ${this.total - first.length - last.length} of ${this.total} bytes left out …]\n${last}`.toWellFormed();
  }
}
