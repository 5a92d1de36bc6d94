/** Whether a sed script can only print and change the stream: no file is written or read, no program is run. */

/** False also for whatever is not understood. */
export function isHarmlessSed(script: string): boolean {
  let at = 0;
  const rest = () => script.slice(at);
  const skip = (pattern: RegExp): boolean => {
    const found = pattern.exec(rest());
    if (found?.index !== 0) return false;
    at += found[0].length;
    return true;
  };
  /** Behind the delimiter that closes it. */
  const delimited = (delimiter: string): boolean => {
    for (; at < script.length; at++) {
      const letter = script[at];
      if (letter === '\n') return false;
      if (letter === '\\') at++;
      else if (letter === delimiter) {
        at++;
        return true;
      } else if (letter === '[' && !isPlainBracket(script.slice(at + 1), delimiter)) return false;
    }
    return false;
  };
  const address = (): boolean => {
    if (skip(/^(\d+(~\d+)?|\$)/)) return true;
    const opening = rest();
    if (opening.startsWith('/')) at += 1;
    else return false;
    return delimited('/') && skip(/^[IM]*/);
  };
  const substitution = (command: string): boolean => {
    const delimiter = script[at++];
    if (!delimiter || /[\s\\\w;]/.test(delimiter)) return false;
    if (!delimited(delimiter) || !delimited(delimiter)) return false;
    return command === 'y' || skip(/^[gpiImM0-9]*/);
  };
  const statement = (): boolean => {
    const begun = at;
    if (address() && skip(/^\s*,\s*([+~]\d+)?/) && !/^,\s*[+~]/.test(script.slice(begun))) address();
    skip(/^[\s!]*/);
    const command = script[at++] ?? '';
    if (command === 's' || command === 'y') return substitution(command);
    if (/[{}=dDgGhHlnNpPxzFqQ]/.test(command)) return skip(/^[ \t]*\d*/);
    if (/[btT:]/.test(command)) return skip(/^[ \t]*[\w.-]*/);
    if (/[aic]/.test(command)) return skip(/^[^\n\\]*$/) || skip(/^[^\n\\]*(?=\n)/);
    return false;
  };
  while (at < script.length) {
    if (skip(/^[\s;}]+/)) continue;
    if (skip(/^#[^\n]*/)) continue;
    const before = at;
    if (!statement()) return false;
    if (!skip(/^[ \t]*([;\n}]|$)/) && !/[{]/.test(script[at - 1] ?? '')) return false;
    if (at === before) return false;
  }
  return true;
}

/** Some read a delimiter in brackets as a letter, some as the end; where there is none, all agree. */
function isPlainBracket(text: string, delimiter: string): boolean {
  const inner = /^\^?\]?[^\]]*\]/.exec(text)?.[0];
  return inner !== undefined && !inner.includes(delimiter) && !/\\\]|\n/.test(inner);
}
