/** Programs that only start another one: which of them are looked through, and where the other one begins. */
import { isStatic, type ShellWord, textWord } from './words.ts';

export interface Unwrapped {
  /** The command that really runs; empty when there is none, as in `command -v x`. */
  words: ShellWord[];
  /** More arguments come from standard input. */
  xargs: boolean;
  /** A wrapper is written in a way that is not understood. */
  unclear: boolean;
}

/** Options with a value in the next word, those without, and how many words follow before the command. */
interface Wrapper {
  takes: RegExp;
  plain: RegExp;
  operands: number;
}

const wrappers: Record<string, Wrapper> = {
  timeout: {
    takes: /^(-s|-k|--signal|--kill-after)$/,
    plain: /^(-v|--verbose|--foreground|--preserve-status|-[sk].+|--(signal|kill-after)=.+)$/,
    operands: 1,
  },
  nice: { takes: /^(-n|--adjustment)$/, plain: /^(-n?-?\d+|--adjustment=-?\d+)$/, operands: 0 },
  nohup: { takes: /^$/, plain: /^$/, operands: 0 },
  stdbuf: { takes: /^(-[ioe]|--(input|output|error))$/, plain: /^(-[ioe].+|--(input|output|error)=.+)$/, operands: 0 },
  time: { takes: /^$/, plain: /^-p$/, operands: 0 },
  command: { takes: /^$/, plain: /^-p$/, operands: 0 },
  builtin: { takes: /^$/, plain: /^$/, operands: 0 },
  xargs: { takes: /^$/, plain: /^$/, operands: 0 },
};

export function unwrap(words: readonly ShellWord[]): Unwrapped {
  let rest = [...words];
  let xargs = false;
  for (;;) {
    const name = rest[0];
    const wrapper = name && isStatic(name) && Object.hasOwn(wrappers, name.value) ? wrappers[name.value] : undefined;
    if (!name || !wrapper) return { words: rest, xargs, unclear: false };
    xargs ||= name.value === 'xargs';
    // With options it is not looked through; without a command it is echo.
    if (name.value === 'xargs' && (rest.length === 1 || rest[1]?.value.startsWith('-')))
      return { words: rest.length === 1 ? [textWord('echo')] : rest, xargs, unclear: false };
    if (name.value === 'command' && isQuery(rest[1])) return { words: [], xargs, unclear: false };
    const begin = behindOptions(rest, wrapper);
    if (begin === null || !rest.slice(begin - wrapper.operands, begin).every(isDuration))
      return { words: rest, xargs, unclear: true };
    rest = rest.slice(begin);
  }
}

/** `command -v x` only says what x is. */
function isQuery(option: ShellWord | undefined): boolean {
  return option !== undefined && isStatic(option) && /^-[pvV]*[vV]$/.test(option.value);
}

/** Index of the inner command, behind options and operands; null: the options are not understood. */
function behindOptions(words: readonly ShellWord[], { takes, plain, operands }: Wrapper): number | null {
  let at = 1;
  for (; at < words.length; at++) {
    const word = words[at] as ShellWord;
    if (!isStatic(word) || !word.value.startsWith('-')) break;
    if (word.value === '--') {
      at += 1;
      break;
    }
    if (takes.test(word.value)) at += 1;
    else if (!plain.test(word.value)) return null;
  }
  return at + operands <= words.length ? at + operands : null;
}

const isDuration = (word: ShellWord) => isStatic(word) && /^\d+(\.\d+)?[smhd]?$/.test(word.value);
