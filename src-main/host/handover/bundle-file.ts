/** A session as text: JSON lines with a seal at their end, read back only when every line is what it must be. */
import { createHash } from 'node:crypto';
import type { Event } from '#contract/events.ts';
import { type BundleHead, BundleLine, bundleVersion } from '#contract/session-bundle.ts';
import { lineFile } from '#host/line-file.ts';

export interface Bundle {
  head: BundleHead;
  /** Of the one run, oldest first. */
  events: Event[];
  /** A git bundle; empty: nothing beside what the repository has. */
  git: Uint8Array;
  /** The seal at its end. */
  sha256: string;
}

const { readHead, readLine, broken } = lineFile({
  line: BundleLine,
  head: 'session',
  version: bundleVersion,
  field: 'file',
  cures: {
    broken: 'Write it again where it came from: `nightshift runs bundle <run> --out <file>`.',
    newer: 'Take it with that version',
  },
});

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
  const closes = whole && lines[last]?.startsWith('{"kind":"end"');
  const end = closes ? readLine(lines[last] ?? '', last) : null;
  if (end?.kind !== 'end') throw broken(last, 'its last line is missing: the file was cut short');
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
