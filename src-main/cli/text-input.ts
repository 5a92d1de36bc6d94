/** Where a long text of a flag comes from: the flag itself, standard input, or a file. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { Shell, Source } from './shell.ts';

/** Text itself, `-` for standard input, `@path` for a file. Throws `input` naming the field when that cannot be read. */
export async function textFrom(
  value: string,
  shell: Pick<Shell, 'stdin' | 'cwd'>,
  { what, field }: { what: string; field: string },
): Promise<string> {
  if (value === '-') return await readAll(shell.stdin);
  if (!value.startsWith('@')) return value;
  const path = resolve(shell.cwd, value.slice(1));
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Fault('input', `The ${what} file ${path} cannot be read (${reasonOf(cause)}).`, {
      field,
      cure: `Name a readable text file after @, or give the text itself; text that begins with @ can come from stdin with --${what} -.`,
      cause,
    });
  }
}

export async function readAll(source: Source): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of source) text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
}
