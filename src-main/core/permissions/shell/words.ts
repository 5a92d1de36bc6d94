/** What one word of a shell command can become: known text, a pattern of file names, or something only the run will show. */
import type { Word, WordPart } from 'unbash';

/** One piece of a word, after quotes are taken off. */
export type Atom =
  | { kind: 'text'; text: string; quoted: boolean }
  | { kind: 'glob'; text: string }
  | { kind: 'brace'; text: string }
  | { kind: 'variable'; name: string; quoted: boolean }
  /** A pipe to or from commands that are looked at on their own. */
  | { kind: 'process' }
  /** A substitution or an expansion whose outcome is not known here. */
  | { kind: 'unknown'; quoted: boolean };

export interface ShellWord {
  /** As written. */
  raw: string;
  /** Quotes removed; expansions stay as they were written. */
  value: string;
  atoms: readonly Atom[];
}

export function readWord(word: Word): ShellWord {
  const atoms = word.parts ? word.parts.flatMap((part) => readPart(part, false)) : [plain(word)];
  return { raw: word.text, value: word.value, atoms };
}

export function textWord(text: string): ShellWord {
  return { raw: text, value: text, atoms: [{ kind: 'text', text, quoted: true }] };
}

function plain(word: Word): Atom {
  return { kind: 'text', text: word.value, quoted: word.text !== word.value };
}

function readPart(part: WordPart, quoted: boolean): Atom[] {
  switch (part.type) {
    case 'Literal':
      return [{ kind: 'text', text: part.value, quoted: quoted || part.text !== part.value }];
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [{ kind: 'text', text: part.value, quoted: true }];
    case 'DoubleQuoted':
      return part.parts.length > 0
        ? part.parts.flatMap((inner) => readPart(inner, true))
        : [{ kind: 'text', text: '', quoted: true }];
    // The message catalogue of the locale may say something else.
    case 'LocaleString':
      return [{ kind: 'unknown', quoted: true }];
    case 'SimpleExpansion':
      return [{ kind: 'variable', name: part.text.slice(1), quoted }];
    case 'ParameterExpansion':
      if (part.prefix || part.index || part.operation) return [{ kind: 'unknown', quoted }];
      return [{ kind: 'variable', name: part.parameter, quoted }];
    case 'Glob':
    case 'ExtendedGlob':
      return [{ kind: 'glob', text: part.type === 'Glob' ? part.text : '*' }];
    case 'BraceExpansion':
      return [{ kind: 'brace', text: part.text }];
    case 'CommandExpansion':
    case 'ArithmeticExpansion':
      return [{ kind: 'unknown', quoted }];
    case 'ProcessSubstitution':
      return [{ kind: 'process' }];
  }
}

export const isStatic = (word: ShellWord): boolean => word.atoms.every((atom) => atom.kind === 'text');

/** Text that is surely at the beginning, whatever the rest becomes; null when an unquoted expansion may split the word. */
export function surePrefix(word: ShellWord): string | null {
  let prefix = '';
  let open = false;
  for (const atom of word.atoms) {
    if (atom.kind === 'text') {
      if (!open) prefix += atom.text;
      continue;
    }
    if (atom.kind === 'process' && !open) prefix += '/dev/fd/';
    open = true;
    if ((atom.kind === 'variable' || atom.kind === 'unknown') && !atom.quoted) return null;
    if (atom.kind === 'brace') return null;
  }
  return prefix;
}

/** A name of a file, with the shell's wildcards in it where `glob` is set; `null` as a whole: nobody can say. */
export interface Candidate {
  text: string;
  glob: boolean;
}

/** Every text that the word can become, as far as variables are `known`. Null: something in it is not. */
export function possibleTexts(word: ShellWord, known: ReadonlyMap<string, readonly Candidate[]>): Candidate[] | null {
  let all: Candidate[] = [{ text: '', glob: false }];
  for (const atom of word.atoms) {
    const next = pieces(atom, known);
    if (!next) return null;
    all = all.flatMap((left) => next.map((right) => ({ text: left.text + right.text, glob: left.glob || right.glob })));
    if (all.length > 64) return null;
  }
  return all;
}

function pieces(atom: Atom, known: ReadonlyMap<string, readonly Candidate[]>): readonly Candidate[] | null {
  switch (atom.kind) {
    case 'text':
      return [{ text: atom.text, glob: false }];
    case 'glob':
      return [{ text: atom.text, glob: true }];
    case 'brace':
      return alternatives(atom.text);
    case 'variable':
      return known.get(atom.name) ?? null;
    // Its name is one of a pipe, which holds nothing that was there before.
    case 'process':
      return [{ text: '/dev/null', glob: false }];
    case 'unknown':
      return null;
  }
}

/** `{a,b}` without anything inside that would have to be expanded first. */
function alternatives(brace: string): Candidate[] | null {
  const inner = brace.slice(1, -1);
  if (!/^[\w./,@+-]*$/.test(inner) || !inner.includes(',')) return null;
  return inner.split(',').map((text) => ({ text, glob: false }));
}

/** Does an unquoted `~` begin it, so that the shell puts a home directory there? */
export function startsWithTilde(word: ShellWord): boolean {
  return word.raw.startsWith('~');
}
