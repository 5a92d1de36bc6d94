/** Writes words into systemd unit files so that systemd reads back exactly the same words. */

/** The value of `ExecStart=`. `program` is an absolute path. NUL cannot be passed to a program at all: throws RangeError. */
export function commandLine(program: string, words: string[]): string {
  // systemd refuses these in a program's name, though not in an argument; a shell can start it all the same.
  if (/["'\\\p{Cc}]/u.test(program)) return commandLine('/bin/sh', ['-c', 'exec "$0" "$@"', program, ...words]);
  // In the program's own name systemd does not read `$` as a variable.
  return [quoteWord(program), ...words.map((word) => quoteWord(word).replaceAll('$', '$$$$'))].join(' ');
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
