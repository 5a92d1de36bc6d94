/** A session as text: JSON lines with a seal at their end, read back only when every line is what it must be. */
import { createHash } from 'node:crypto';
import type { Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { type BundleHead, BundleLine, bundleVersion } from '#contract/session-bundle.ts';

export interface Bundle {
  head: BundleHead;
  /** Of the one run, oldest first. */
  events: Event[];
  /** A git bundle; empty: nothing beside what the repository has. */
  git: Uint8Array;
  /** The seal at its end. */
  sha256: string;
}

/** Nesting that no session has, and that whoever walks through it would not come to the end of. */
const deepest = 200;

/** Bytes of git bundle in one line. */
const pieceBytes = 1_000_000;

/** The same session is the same text for ever. */
export function writeBundle(
  head: Omit<BundleHead, 'kind' | 'version' | 'events' | 'pieces'>,
  events: readonly Event[],
  git: Uint8Array,
): { text: string; sha256: string } {
  const pieces: string[] = [];
  for (let at = 0; at < git.length; at += pieceBytes)
    pieces.push(Buffer.from(git.subarray(at, at + pieceBytes)).toString('base64'));
  const lines: BundleLine[] = [
    { kind: 'session', version: bundleVersion, ...head, events: events.length, pieces: pieces.length },
    ...events.map((event): BundleLine => ({ kind: 'event', event })),
    ...pieces.map((base64): BundleLine => ({ kind: 'piece', base64 })),
  ];
  const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const sha256 = sealOf(body);
  return { text: `${body}${JSON.stringify({ kind: 'end', sha256 })}\n`, sha256 };
}

const sealOf = (body: string): string => createHash('sha256').update(body).digest('hex');

/** Throws `input` naming the line, and `unsupported` for one of a later version. */
export function readBundle(text: string): Bundle {
  const lines = text.split('\n');
  const whole = lines.at(-1) === '';
  if (whole) lines.pop();
  const head = readHead(lines[0] ?? '');
  const last = lines.length - 1;
  const end = BundleLine.safeParse(parsed(lines[last] ?? '')).data;
  if (!whole || end?.kind !== 'end') throw broken(last, 'its last line is missing: the file was cut short');
  const body = text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1);
  if (sealOf(body) !== end.sha256) throw broken(lines.length, 'it was changed after it was written');
  const events: Event[] = [];
  const pieces: Buffer[] = [];
  for (let at = 1; at < last; at++) {
    const line = readLine(lines[at] ?? '', at);
    if (line.kind === 'event' && pieces.length === 0) events.push(line.event);
    else if (line.kind === 'piece') pieces.push(Buffer.from(line.base64, 'base64'));
    else throw broken(at, 'it stands where another line must be');
  }
  if (events.length !== head.events || pieces.length !== head.pieces)
    throw broken(last, 'it holds another number of lines than its first line says');
  const stranger = events.findIndex((event) => !('run' in event) || event.run !== head.run);
  if (stranger >= 0) throw broken(stranger + 1, 'the event is not of this run');
  return { head, events, git: Buffer.concat(pieces), sha256: end.sha256 };
}

function readHead(line: string): BundleHead {
  const value = parsed(line);
  const { kind, version } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (kind !== 'session') throw broken(0, 'it does not begin as a session does');
  if (typeof version === 'number' && version > bundleVersion)
    throw new Fault('unsupported', `The session was written by a newer Nightshift (format ${version}).`, {
      field: 'file',
      cure: `Take it with that version; this one reads format ${bundleVersion}.`,
    });
  const read = readLine(line, 0);
  if (read.kind !== 'session') throw broken(0, 'it does not begin as a session does');
  return read;
}

function readLine(line: string, at: number): BundleLine {
  const value = parsed(line);
  if (value === undefined) throw broken(at, 'it is no JSON');
  if (isDeep(value)) throw broken(at, `it is nested more than ${deepest} times`);
  const read = BundleLine.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw broken(at, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'it is not as it must be'}`);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
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

function broken(at: number, why: string): Fault {
  return new Fault('input', `The session cannot be read, line ${at + 1}: ${why.slice(0, 300)}.`, {
    field: 'file',
    cure: 'Write it again where it came from: `nightshift runs bundle <run> --out <file>`.',
  });
}
