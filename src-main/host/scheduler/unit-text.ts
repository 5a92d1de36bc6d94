/** Writes words into systemd unit files so that systemd reads back exactly the same words. */

/** One argument of `ExecStart=` after the first. NUL cannot be passed to a program at all: throws RangeError. */
export function quoteArgument(word: string): string {
  return quoteWord(word).replaceAll('$', '$$$$');
}

/** The program of `ExecStart=`: an absolute path, in which systemd does not read `$` as a variable. */
export function quoteProgram(path: string): string {
  return quoteWord(path);
}

/** The value of one `Environment=` line. */
export function quoteEnvironment(name: string, value: string): string {
  return quoteWord(`${name}=${value}`);
}

/** A `Description=` is for eyes: one line, no control characters, no continuation at its end. */
export function descriptionText(words: string): string {
  const line = words.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.replace(/\\+$/, '').replaceAll('%', '%%');
}

function quoteWord(word: string): string {
  if (word.includes('\0')) throw new RangeError('a unit file cannot hold a NUL character');
  const named: Record<string, string> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\t': '\\t', '\r': '\\r', '%': '%%' };
  const body = word.replace(/[\\"%\p{Cc}]/gu, (character) => named[character] ?? hexBytes(character));
  return `"${body}"`;
}

function hexBytes(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
