/** A cassette as text: JSON lines, what repeats in its requests written once. */
import { z } from 'zod';
import {
  type Cassette,
  type CassetteHead,
  CassetteLine,
  cassetteVersion,
  type SentRequest,
} from '#contract/cassettes.ts';
import { Fault } from '#contract/faults.ts';

type Line<K extends CassetteLine['kind']> = Extract<CassetteLine, { kind: K }>;

/** Ends with a line break. The same cassette is the same text for ever. */
export function writeCassette({ head, events, requests, departs }: Cassette): string {
  /** By text, and by the very object, for most of a request stood in the one before. */
  const [texts, objects] = [new Map<string, number>(), new Map<unknown, number>()];
  const fresh: CassetteLine[] = [];
  const numberOf = (value: unknown): number => {
    const seen = objects.get(value);
    if (seen !== undefined) return seen;
    const text = JSON.stringify(value);
    const known = texts.get(text);
    const number = known ?? texts.size;
    if (known === undefined) fresh.push({ kind: 'part', value });
    texts.set(text, number);
    objects.set(value, number);
    return number;
  };
  const asked = requests.flatMap(({ system, tools, messages, ...rest }): CassetteLine[] => {
    const line: CassetteLine = {
      ...{ kind: 'request', ...rest },
      ...{ system: system === null ? null : numberOf(system), tools: tools.map(numberOf) },
      messages: messages.map(numberOf),
    };
    return [...fresh.splice(0), line];
  });
  const lines: CassetteLine[] = [
    head,
    ...events.map((event): CassetteLine => ({ kind: 'event', event })),
    ...asked,
    { kind: 'end', events: events.length, requests: requests.length, departs },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Throws `input` naming the line, and `unsupported` for one of a later version. */
export function readCassette(text: string): Cassette {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const head = readHead(lines[0] ?? '');
  const cassette: Cassette = { head, events: [], requests: [], departs: null };
  const parts: unknown[] = [];
  let end: Line<'end'> | null = null;
  for (const [at, line] of lines.entries()) {
    if (at === 0) continue;
    if (end) throw broken(at, 'something follows its last line');
    const read = readLine(line, at);
    if (read.kind === 'cassette') throw broken(at, 'a second cassette begins');
    if (read.kind === 'event') cassette.events.push(read.event);
    else if (read.kind === 'part') parts.push(read.value);
    else if (read.kind === 'request') cassette.requests.push(wholeRequest(read, parts, at));
    else end = read;
  }
  if (!end) throw broken(lines.length, 'its last line is missing: the file was cut short');
  if (end.events !== cassette.events.length || end.requests !== cassette.requests.length)
    throw broken(lines.length - 1, `it holds ${lines.length} lines, which is not what it was written with`);
  const stranger = cassette.events.findIndex((event) => !('run' in event) || event.run !== head.run);
  if (stranger >= 0) throw broken(stranger + 1, 'the event is not of this run');
  return { ...cassette, departs: end.departs };
}

function readHead(line: string): CassetteHead {
  const value = parsed(line);
  const { kind, version } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (kind !== 'cassette') throw broken(0, 'it does not begin as a cassette does');
  if (typeof version === 'number' && version > cassetteVersion)
    throw new Fault('unsupported', `The cassette was written by a newer Nightshift (format ${version}).`, {
      field: 'cassette',
      cure: `Replay it with that version; this one reads format ${cassetteVersion}.`,
    });
  const read = readLine(line, 0);
  if (read.kind !== 'cassette') throw broken(0, 'it does not begin as a cassette does');
  return read;
}

function readLine(line: string, at: number): CassetteLine {
  const value = parsed(line);
  if (value === undefined) throw broken(at, 'it is no JSON');
  const read = CassetteLine.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw broken(at, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? z.prettifyError(read.error)}`);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function wholeRequest(
  { kind: _, system, tools, messages, ...rest }: Line<'request'>,
  parts: readonly unknown[],
  at: number,
): SentRequest {
  const part = (number: number): unknown => {
    if (number >= parts.length) throw broken(at, `part ${number} is missing`);
    return parts[number];
  };
  const told = system === null ? null : part(system);
  if (told !== null && typeof told !== 'string') throw broken(at, 'system: it is no text');
  return { ...rest, system: told, tools: tools.map(part), messages: messages.map(part) };
}

function broken(at: number, why: string): Fault {
  return new Fault('input', `The cassette cannot be read, line ${at + 1}: ${why.slice(0, 300)}.`, {
    field: 'cassette',
    cure: 'Export the run again: `nightshift runs export <run> --cassette <file>`.',
  });
}
