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

/** Options of each wrapper: those with a value in the next word, and those without. */
const wrappers: Record<string, { takes: RegExp; plain: RegExp; operands: number }> = {
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
    if (name.value === 'xargs') {
      // Without a command it is echo; with options it is not looked through.
      if (rest.length > 1 && rest[1]?.value.startsWith('-')) return { words: rest, xargs: true, unclear: false };
      xargs = true;
      if (rest.length === 1) return { words: [textWord('echo')], xargs, unclear: false };
    }
    let at = 1;
    let operands = wrapper.operands;
    for (; at < rest.length; at++) {
      const word = rest[at] as ShellWord;
      if (!isStatic(word)) return { words: rest.slice(at), xargs, unclear: at === 1 ? false : operands > 0 };
      if (name.value === 'command' && /^-[pvV]*[vV]/.test(word.value)) return { words: [], xargs, unclear: false };
      if (word.value === '--') {
        at += 1;
        break;
      }
      if (wrapper.takes.test(word.value)) at += 1;
      else if (wrapper.plain.test(word.value)) continue;
      else if (word.value.startsWith('-')) return { words: rest.slice(at), xargs, unclear: true };
      else break;
    }
    for (; operands > 0; operands--, at++) {
      const operand = rest[at];
      if (!operand || !isStatic(operand) || !/^\d+(\.\d+)?[smhd]?$/.test(operand.value))
        return { words: rest.slice(at), xargs, unclear: true };
    }
    rest = rest.slice(at);
  }
}
