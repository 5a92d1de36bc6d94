/** A cassette as text: JSON lines, what repeats in its requests written once. */
import { type Cassette, CassetteLine, cassetteVersion, type SentRequest } from '#contract/cassettes.ts';
import { lineFile } from '#host/line-file.ts';

type Line<K extends CassetteLine['kind']> = Extract<CassetteLine, { kind: K }>;

const { readHead, readLine, broken } = lineFile({
  line: CassetteLine,
  head: 'cassette',
  version: cassetteVersion,
  field: 'cassette',
  cures: {
    broken: 'Export the run again: `nightshift runs export <run> --cassette <file>`.',
    newer: 'Replay it with that version',
  },
});

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
