/** Where a long text of a flag comes from: the flag itself, standard input, or a file. */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { Shell, Source } from './shell.ts';

/** Characters. Longer than any field takes, and short enough for one request to the host. */
const mostText = 4_000_000;

/** Text itself, `-` for standard input, `@path` for a file. Throws `input` naming the field when that cannot be read. */
export async function textFrom(
  value: string,
  shell: Pick<Shell, 'stdin' | 'cwd'>,
  { what, field }: { what: string; field: string },
): Promise<string> {
  const bounded = (text: string) => {
    if (text.length <= mostText) return text;
    throw new Fault('input', `The ${what} is larger than ${mostText / 1_000_000} MB.`, {
      field,
      cure: `Put what is long into a file of the repository, and name that file in the ${what}.`,
    });
  };
  if (value === '-') return bounded(await readAll(shell.stdin, mostText));
  if (!value.startsWith('@')) return value;
  const path = resolve(shell.cwd, value.slice(1));
  try {
    return bounded(await readAll(createReadStream(path), mostText));
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('input', `The ${what} file ${path} cannot be read (${reasonOf(cause)}).`, {
      field,
      cure: `Name a readable text file after @, or give the text itself; text that begins with @ can come from stdin with --${what} -.`,
      cause,
    });
  }
}

/** `most`: characters after which nothing more is read; all of it when left out. */
export async function readAll(source: Source, most = Number.POSITIVE_INFINITY): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of source) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    if (text.length > most) return text;
  }
  return text + decoder.decode();
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
}
