/** Walks over the words of a schedule; a reader that does not find what it wants leaves the walk where it was. */

export interface Cursor {
  /** The next word, or '' at the end. */
  peek(): string;
  /** Takes the next words when they are these, each given as alternatives divided by `|`. */
  take(...words: string[]): boolean;
  /** Takes the next word when it is this one; what follows counts the same without it. */
  skip(word: string): Cursor;
  /** Takes the next word when it matches. */
  match(pattern: RegExp): RegExpExecArray | null;
  /** Tries a reader; on null nothing was taken. */
  attempt<T>(read: () => T | null): T | null;
  done(): boolean;
}

/** Commas are words of their own; a full stop at the end, and those of a.m., say nothing. */
export function cursorOver(text: string): Cursor {
  const words = text
    .replace(/([ap])\.m\.?/g, '$1m')
    .replace(/[.!]$/, '')
    .replace(/,/g, ' , ')
    .replace(/&/g, ' and ')
    .split(/\s+/)
    .filter(Boolean);
  let at = 0;
  const cursor: Cursor = {
    peek: () => words[at] ?? '',
    take(...wanted) {
      const found = wanted.every((word, index) => word.split('|').includes(words[at + index] ?? ''));
      if (found) at += wanted.length;
      return found;
    },
    match(pattern) {
      const found = pattern.exec(words[at] ?? '');
      if (found) at++;
      return found;
    },
    attempt(read) {
      const before = at;
      const found = read();
      if (found === null) at = before;
      return found;
    },
    skip(word) {
      if (words[at] === word) at++;
      return cursor;
    },
    done: () => at >= words.length,
  };
  return cursor;
}

/** One, or several divided by `and`, `or`, commas; null when not even one is there. */
export function several<T>(cursor: Cursor, read: () => T | null): T[] | null {
  const first = read();
  if (first === null) return null;
  const all = [first];
  for (;;) {
    const next = cursor.attempt(() => {
      const divided = cursor.take(',');
      return cursor.take('and|or') || divided ? read() : null;
    });
    if (next === null) return all;
    all.push(next);
  }
}
