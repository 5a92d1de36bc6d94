/** Colour only where it is wanted, and no control character of foreign text ever reaches the terminal. */
import { stripVTControlCharacters, styleText } from 'node:util';
import { typed } from '#cli/typed.ts';

/** How text becomes what is seen on this terminal. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  /** Our commands in it as a person types them here. */
  typed(text: string): string;
}

/** Colour needs a terminal and no `NO_COLOR` (https://no-color.org: any value but the empty one). */
export function createPaint(sink: { isTTY?: boolean | undefined }, env: NodeJS.ProcessEnv): Paint {
  const on = sink.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  const style = (format: Exclude<keyof Paint, 'typed'>) => (text: string) =>
    on && text ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: style('bold'),
    dim: style('dim'),
    red: style('red'),
    green: style('green'),
    yellow: style('yellow'),
    cyan: style('cyan'),
    typed: (text) => typed(text, env),
  };
}

/**
 * The same value with every string, however deep, freed of escape sequences and of control characters other than
 * newline and tab: names, model text, tool output and diffs come from elsewhere and could steer the terminal.
 */
export function forTerminal<T>(value: T): T {
  return clean(value) as T;
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clean(inner)]));
  return value;
}

function cleanText(text: string): string {
  let cleaned = '';
  for (const char of stripVTControlCharacters(text)) cleaned += isControl(char) ? '' : char;
  return cleaned;
}

/** C0 without tab and newline, DEL, C1, and the marks that reorder text on screen. */
function isControl(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  if (code === 9 || code === 10) return false;
  if (code < 32 || (code >= 127 && code < 160)) return true;
  return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}
