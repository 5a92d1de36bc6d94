/** One way to answer: the contract's own shape as one JSON document, or lines made for people from cleaned text. */
import { forTerminal } from '#cli/print/paint.ts';
import type { Context } from './shell.ts';

/** `render` gets the value freed of control characters and returns finished lines. */
export function answer<T>(ctx: Context, value: T, render: (value: T) => string[]): void {
  if (ctx.json) ctx.out.write(`${JSON.stringify(value, null, 2)}\n`);
  else ctx.out.write(lines(render(forTerminal(value))));
}

export function lines(all: string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
