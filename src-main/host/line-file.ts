/** Reads a file of JSON lines strictly: a first line that says what it is, and a refusal that names the line at fault. */
import type { z } from 'zod';
import { Fault } from '#contract/faults.ts';

/** Nesting that no line has, and that whoever walks through it would not come to the end of. */
const deepest = 200;

/** What is said of such a file when it is refused. */
interface Kind<L extends { kind: string }, H extends L['kind']> {
  line: z.ZodType<L>;
  /** The first line's kind, which is also what a person calls the file. */
  head: H;
  /** The newest format that is read. */
  version: number;
  /** The input field that the file came in. */
  field: string;
  /** The next step for a file that is no such file or is damaged, and for one of a newer Nightshift. */
  cures: { broken: string; newer: string };
}

/** Lines count from 0 in, and from 1 in words. */
export interface LineFile<L extends { kind: string }, H extends L['kind']> {
  /** Throws `input`, and `unsupported` for a later version. */
  readHead(text: string): Extract<L, { kind: H }>;
  /** Throws `input`. */
  readLine(text: string, at: number): L;
  /** The refusal of the file for what is wrong with that line. */
  broken(at: number, why: string): Fault;
}

export function lineFile<L extends { kind: string }, H extends L['kind']>(kind: Kind<L, H>): LineFile<L, H> {
  const broken = (at: number, why: string): Fault =>
    new Fault('input', `The ${kind.head} cannot be read, line ${at + 1}: ${why.slice(0, 300)}.`, {
      field: kind.field,
      cure: kind.cures.broken,
    });
  const readLine = (text: string, at: number): L => {
    const value = parsed(text);
    if (value === undefined) throw broken(at, 'it is no JSON');
    if (isDeep(value)) throw broken(at, `it is nested more than ${deepest} times`);
    const read = kind.line.safeParse(value);
    if (read.success) return read.data;
    const issue = read.error.issues[0];
    throw broken(at, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'it is not as it must be'}`);
  };
  const readHead = (text: string): Extract<L, { kind: H }> => {
    const value = parsed(text);
    const first = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
    if (first.kind !== kind.head) throw broken(0, `it does not begin as a ${kind.head} does`);
    if (typeof first.version === 'number' && first.version > kind.version)
      throw new Fault('unsupported', `The ${kind.head} was written by a newer Nightshift (format ${first.version}).`, {
        field: kind.field,
        cure: `${kind.cures.newer}; this one reads format ${kind.version}.`,
      });
    return readLine(text, 0) as Extract<L, { kind: H }>;
  };
  return { readHead, readLine, broken };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Without calling itself: it may be as deep as the file is long. */
function isDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return true;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return false;
}
