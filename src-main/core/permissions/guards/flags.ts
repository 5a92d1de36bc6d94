/** Finds a program's dangerous options however they are spelled: bundled, glued to a value, shortened, or hidden in a variable. */
import { isStatic, type ShellWord, surePrefix } from '#core/permissions/shell/words.ts';

export interface FlagTable {
  /** Dangerous one-letter options. */
  short?: string;
  /** One-letter options with a value: what follows in the same word, or the next word, is not read as options. */
  takes?: string;
  /** Dangerous long options without dashes; unambiguous beginnings of them count. */
  long?: readonly string[];
  /** Long options with a value in the next word. */
  longTakes?: readonly string[];
  /** Long options that look like the beginning of a dangerous one, and are not. */
  fine?: readonly string[];
  /** Dangerous whole words, wherever they stand. */
  words?: RegExp;
  /** Long options also begin with one dash, and one-letter options do not exist. */
  singleDash?: boolean;
  /** The first word that is no option ends the options. */
  stopAtOperand?: boolean;
  /** Long options cannot be shortened. */
  exactLong?: boolean;
  /** What an expansion becomes is not feared as an option. */
  expansionsAreFine?: boolean;
  /** Values of `takes` and `longTakes` that are dangerous, glued or in the next word. */
  values?: RegExp;
  /** The values of options are looked at like words, and must be known. */
  valuesMatter?: boolean;
  /** Behind `--` stand options of another program, among which `words` count, too. */
  pastEnd?: boolean;
  /** A file name out of a wildcard is not feared as an option. */
  globsAreFine?: boolean;
}

export interface Scan {
  /** The option that is at fault, as written; null: none. */
  found: string | null;
  /** Words that are neither options nor their values. */
  operands: ShellWord[];
}

export function scanFlags(args: readonly ShellWord[], table: FlagTable): Scan {
  const operands: ShellWord[] = [];
  let found: string | null = null;
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as ShellWord;
    if (table.words && isStatic(word) && table.words.test(word.value)) found ??= word.raw;
    const prefix = surePrefix(word);
    const kind = kindOf(word, prefix, table);
    if (kind === 'dangerous') found ??= word.raw;
    if (kind === 'takes-next') found ??= valueFault(args[++i], table);
    if (kind === 'operand') operands.push(word);
    if (kind === 'end' && table.pastEnd)
      found ??= args.slice(i + 1).find((rest) => !isStatic(rest) || table.words?.test(rest.value))?.raw ?? null;
    if (kind === 'end' || (kind === 'operand' && table.stopAtOperand)) {
      operands.push(...args.slice(i + 1));
      break;
    }
  }
  return { found, operands };
}

function kindOf(word: ShellWord, prefix: string | null, table: FlagTable): FlagKind | 'operand' | 'end' {
  if (word.value === '--' && isStatic(word)) return 'end';
  if (mayBeFlag(word, prefix, table)) return 'dangerous';
  if (!prefix?.startsWith('-') || prefix === '-') return 'operand';
  return readFlag(prefix, isStatic(word), table);
}

function valueFault(value: ShellWord | undefined, { words, values, valuesMatter }: FlagTable): string | null {
  if (value && values && (!isStatic(value) || values.test(value.value))) return value.raw;
  if (!value || !valuesMatter) return null;
  const bad = isStatic(value) ? words?.test(value.value) : !surePrefix(value);
  return bad ? value.raw : null;
}

/** Could the run make an option of a word whose beginning is not known now? */
function mayBeFlag(word: ShellWord, prefix: string | null, table: FlagTable): boolean {
  if (isStatic(word) || (table.expansionsAreFine && !word.value.startsWith('-'))) return false;
  if (prefix === null) return !word.atoms.every((atom) => atom.kind === 'variable' && /^[?#$]$/.test(atom.name));
  if (prefix !== '') return false;
  const first = word.atoms.find((atom) => atom.kind !== 'text' || atom.text !== '');
  if (first?.kind === 'glob') return !table.globsAreFine;
  return !(first?.kind === 'variable' && /^([?#$]|HOME|PWD)$/.test(first.name));
}

type FlagKind = 'dangerous' | 'takes-next' | 'fine';

function readFlag(text: string, whole: boolean, table: FlagTable): FlagKind {
  if (text.startsWith('--') || table.singleDash) return readLong(text.replace(/^--?/, ''), whole, table);
  for (let i = 1; i < text.length; i++) {
    const letter = text.charAt(i);
    if (table.short?.includes(letter)) return 'dangerous';
    if (table.takes?.includes(letter)) {
      if (i === text.length - 1 && whole) return 'takes-next';
      return table.values?.test(text.slice(i + 1)) ? 'dangerous' : 'fine';
    }
  }
  // What an expansion adds to a bundle of options are options, too.
  return whole ? 'fine' : 'dangerous';
}

function readLong(text: string, whole: boolean, table: FlagTable): FlagKind {
  const [name = '', ...value] = text.split('=');
  if (!whole && value.length === 0) return 'dangerous';
  if (
    name !== '' &&
    !table.fine?.includes(name) &&
    table.long?.some((long) => (table.exactLong ? long === name : long.startsWith(name)))
  )
    return 'dangerous';
  if (!table.longTakes?.includes(name)) return 'fine';
  if (value.length === 0) return 'takes-next';
  return table.values?.test(value.join('=')) ? 'dangerous' : 'fine';
}
