/** Where a long text of a flag comes from: the flag itself, standard input, or a file. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { Shell, Source } from './shell.ts';

/** Characters. Longer than any field takes, and short enough for one request to the host. */
const mostText = 4_000_000;
/** At most, in UTF-8. */
const bytesOfCharacter = 3;
const newline = 10;

/**
 * Text itself, `-` for standard input, `@path` for a file. `most`: characters that the field may have, for whoever gives
 * far more; the contract counts the rest. Throws `input` naming the field when that cannot be read or is no text.
 */
export async function textFrom(
  value: string,
  shell: Pick<Shell, 'stdin' | 'cwd'>,
  { what, field, most }: { what: string; field: string; most: number },
): Promise<string> {
  const read = async (source: Source, from: string) => {
    const bytes = await bytesOf(source, mostText * bytesOfCharacter);
    const text = bytes && textOf(bytes, { what, field, from });
    if (text !== null && text.length <= mostText) return text;
    throw new Fault('input', `The ${what} has more than ${most.toLocaleString('en-US')} characters.`, {
      field,
      cure: `Put what is long into a file of the repository, and name that file in the ${what}.`,
    });
  };
  if (value === '-') return await read(shell.stdin, 'standard input');
  if (!value.startsWith('@')) return value;
  const path = resolve(shell.cwd, value.slice(1));
  try {
    return await read(createReadStream(path), path);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('input', `The ${what} file ${path} cannot be read (${reasonOf(cause)}).`, {
      field,
      cure: `Name a readable text file after @, or give the text itself; text that begins with @ can come from stdin with --${what} -.`,
      cause,
    });
  }
}

/** Null: there are more than `most`. */
async function bytesOf(source: Source, most: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk);
    length += bytes.length;
    if (length > most) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** What is no text would reach the model as something else than what the file holds, and nobody would see it. */
function textOf(bytes: Buffer, { what, field, from }: { what: string; field: string; from: string }): string {
  const nul = bytes.indexOf(0);
  const broken = isUtf8(bytes) ? -1 : firstBroken(bytes);
  if (nul < 0 && broken < 0) return new TextDecoder().decode(bytes);
  const isNul = nul >= 0 && (broken < 0 || nul < broken);
  const at = isNul ? nul : broken;
  const line = bytes.subarray(0, at).reduce((lines, byte) => lines + (byte === newline ? 1 : 0), 1);
  const why = isNul ? 'holds a NUL byte' : 'is not UTF-8';
  throw new Fault('input', `The ${what} ${why}: line ${line} of ${from}, byte ${at + 1}.`, {
    field,
    cure: 'Save it as plain text in UTF-8.',
  });
}

/** The index of the first byte in the first line that is not UTF-8; no character of UTF-8 holds a line break. */
function firstBroken(bytes: Buffer): number {
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(newline, start);
    const line = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (!isUtf8(line)) {
      const sound = Buffer.from(line.toString());
      const at = sound.findIndex((byte, index) => byte !== line[index]);
      return start + (at < 0 ? line.length : at);
    }
    if (end < 0) return -1;
    start = end + 1;
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
