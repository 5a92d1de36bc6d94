/** Patterns of `Bash(…)`: exact text, or text with `*`, with a word boundary where the pattern ends in one. */

export interface BashPattern {
  /** No wildcard in it: it speaks of one whole command. */
  exact: boolean;
  /** Text between the wildcards. */
  parts: readonly string[];
  /** Ends in ` *` or `:*`: the text ends here, or a space follows. */
  boundary: boolean;
}

export function readBashPattern(spec: string): BashPattern {
  const trimmed = spec.trim();
  const boundary = trimmed.endsWith(':*') || (trimmed.endsWith(' *') && !trimmed.endsWith('\\ *'));
  const body = boundary ? trimmed.slice(0, -2).trimEnd() : trimmed;
  const parts: string[] = [''];
  for (let i = 0; i < body.length; i++) {
    const letter = body.charAt(i);
    // A colon and a star are only special at the end.
    if (letter === '*' && body[i - 1] !== ':') parts.push('');
    else if (letter === '\\' && (body[i + 1] === '*' || body[i + 1] === '\\'))
      parts[parts.length - 1] += body.charAt(++i);
    else parts[parts.length - 1] += letter;
  }
  return { exact: parts.length === 1 && !boundary, parts, boundary };
}

/** The first word that a text must begin with to match; null: any. */
export function firstWord({ parts, boundary, exact }: BashPattern): string | null {
  const head = parts[0] ?? '';
  const space = head.search(/\s/);
  if (space > 0) return head.slice(0, space);
  return head !== '' && parts.length === 1 && (boundary || exact) ? head : null;
}

export function matchesPattern({ parts, boundary }: BashPattern, text: string): boolean {
  if (!boundary) return matchesParts(parts, text, false);
  if (parts.length === 1 && parts[0] === '') return true;
  return matchesParts(parts, text, false) || matchesParts([...parts.slice(0, -1), `${parts.at(-1)} `], text, true);
}

/** Greedy from the left is enough, because a wildcard takes anything. `open`: whatever may follow. */
function matchesParts(parts: readonly string[], text: string, open: boolean): boolean {
  const first = parts[0] ?? '';
  if (!text.startsWith(first)) return false;
  if (parts.length === 1) return open || text.length === first.length;
  let at = first.length;
  const last = parts.length - 1;
  for (let i = 1; i < last; i++) {
    const found = text.indexOf(parts[i] as string, at);
    if (found < 0) return false;
    at = found + (parts[i] as string).length;
  }
  const end = parts[last] as string;
  return open ? text.indexOf(end, at) >= 0 : text.length - end.length >= at && text.endsWith(end);
}
