/** Lines people can scan: aligned columns and labelled facts, whatever colours the cells carry. */
import { stripVTControlCharacters } from 'node:util';
import type { Paint } from './paint.ts';

/** Columns padded to their widest cell; the last one stays ragged. Rows may be shorter than the head. */
export function table(paint: Paint, head: string[], rows: string[][]): string[] {
  const widths = head.map((title, column) => Math.max(width(title), ...rows.map((row) => width(row[column] ?? ''))));
  const line = (cells: string[], style: (text: string) => string) =>
    cells
      .map((cell, column) => (column === head.length - 1 ? style(cell) : pad(style(cell), widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head, paint.dim), ...rows.map((row) => line(row, (text) => text))];
}

/** `label  value` lines, labels aligned; entries without a value are left out, further lines of a value are indented. */
export function facts(paint: Paint, entries: [label: string, value: string | false | null | undefined][]): string[] {
  const shown = entries.filter((entry): entry is [string, string] => Boolean(entry[1]));
  const labels = Math.max(0, ...shown.map(([label]) => width(label)));
  return shown.flatMap(([label, value]) => {
    const [first = '', ...more] = value.split('\n');
    return [`${paint.dim(pad(label, labels))}  ${first}`, ...more.map((line) => `${' '.repeat(labels + 2)}${line}`)];
  });
}

export function indent(text: string, by = '  '): string[] {
  return text.split('\n').map((line) => (line ? by + line : line));
}

function pad(text: string, to: number): string {
  return text + ' '.repeat(Math.max(0, to - width(text)));
}

function width(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
