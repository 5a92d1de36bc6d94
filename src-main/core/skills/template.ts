/** The text of a skill taken apart: words, and commands whose output stands in their place; and its values filled in. */

export interface Part {
  kind: 'text' | 'command';
  text: string;
}

export interface Values {
  /** As they were written behind the name. */
  arguments: string;
  /** Names of the arguments, in order. */
  names: readonly string[];
  /** What `${…}` stands for, by name. */
  places: Readonly<Record<string, string>>;
}

/** Whole lines: a block of commands, and code, in which nothing is a command. */
const fences = /^(```!?[^\n]*\n[\s\S]*?^```[ \t]*$|~~~[^\n]*\n[\s\S]*?^~~~[ \t]*$)/m;
const inline = /(?<=^|\s)!`([^`\n]+)`/m;

/** Before anything is filled in: what arguments hold is never a command of its own. */
export function readTemplate(body: string): Part[] {
  return body
    .split(fences)
    .flatMap((piece, index): Part[] => {
      const block = index % 2 === 1 ? /^```![^\n]*\n([\s\S]*?)```[ \t]*$/.exec(piece) : null;
      if (block) return [{ kind: 'command', text: (block[1] ?? '').trim() }];
      if (index % 2 === 1) return [{ kind: 'text', text: piece }];
      return piece.split(inline).map((text, at) => ({ kind: at % 2 === 1 ? 'command' : 'text', text }));
    })
    .filter(({ text }) => text !== '');
}

/**
 * Each placeholder once, from left to right: what is filled in is not looked at again. One for which there is no value
 * stays as it is written. Arguments that are asked for nowhere come last, by themselves.
 */
export function fill(parts: readonly Part[], { arguments: given, names, places }: Values): Part[] {
  const each = splitWords(given);
  let asked = false;
  const value = (whole: string, key: string | undefined): string => {
    const place = /^\{(\w+)\}$/.exec(key ?? '')?.[1];
    if (place !== undefined) return Object.hasOwn(places, place) ? (places[place] as string) : whole;
    if (key === 'ARGUMENTS') {
      asked = true;
      return given;
    }
    const position = /^(?:ARGUMENTS\[)?(\d+)\]?$/.exec(key ?? '')?.[1];
    const found = position === undefined ? each[names.indexOf(key ?? '')] : each[Number(position)];
    if (found === undefined) return whole;
    asked = true;
    return found;
  };
  const filled = parts.map(({ kind, text }) => ({
    kind,
    text: text.replace(/(?<!\\)\$(\{\w+\}|ARGUMENTS\[\d+\]|\d+|\w+)/g, value),
  }));
  if (asked || given.trim() === '') return filled;
  return [...filled, { kind: 'text', text: `\n\nARGUMENTS: ${given}` }];
}

/** As a shell would, without expanding anything: quotes hold words together, a backslash holds one character. */
function splitWords(text: string): string[] {
  const found = text.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+|["'\\]/gs) ?? [];
  return found.map((word) =>
    word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/gs, (_, double?: string, single?: string, one?: string) =>
      double === undefined ? (single ?? one ?? '') : double.replace(/\\(["\\$`])/g, '$1'),
    ),
  );
}
