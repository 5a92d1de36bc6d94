/** Reads a finished scratch profile and says every way in which its account is not the truth. Believes no summary: it counts again. */
import { isDeepStrictEqual } from 'node:util';
import type { Event } from '#contract/events.ts';
import type { Occurrence } from '#contract/ledger.ts';
import { reduceOccurrence } from '#contract/state.ts';
import { openStore, type Store } from '#core/store/event-log.ts';
import { systemClock } from '#host/clock.ts';

export interface Promised {
  routine: string;
  /** Every instant that has fallen due, as ISO instants, from the calculator or from whoever ordered it. */
  due: string[];
}

export interface Finding {
  /** One phrase for each row. */
  rows: string[];
  /** How long the log is. */
  log: string;
  /** What is not the truth; empty when all is well. */
  lies: string[];
}

const all = 1_000_000;

/** `heard`: events that a client was told of before the fault; each must still be there, unchanged. Call when no host runs. */
export function audit(database: string, promised: Promised[], heard: readonly Event[]): Finding {
  const store = openStore(database, systemClock);
  try {
    const events = store.events({ after: 0, limit: all });
    const rows = store.read.occurrences({ limit: all });
    const lies = [
      ...logLies(events, heard),
      ...replayLies(events, rows),
      ...rows.flatMap((row) => rowLies(store, row)),
      ...promised.flatMap((each) => dueLies(each, rows)),
      ...rows
        .filter((row) => !promised.some(({ routine }) => routine === row.routine))
        .map((row) => `${nameOf(row)} belongs to no routine that was to be due`),
    ];
    return { rows: rows.toReversed().map(rowWords), log: `${events.length} in the log`, lies };
  } finally {
    store.close();
  }
}

function logLies(events: Event[], heard: readonly Event[]): string[] {
  const gap = events.find((event, index) => event.seq !== index + 1);
  const lost = heard.filter((event) => !isDeepStrictEqual(events[event.seq - 1], event));
  return [
    ...(gap ? [`the log has a gap before event ${gap.seq}`] : []),
    ...lost.map((event) => `event ${event.seq} (${event.type}) was told and is not in the log as it was told`),
  ];
}

/** The table must be what the events make of it. */
function replayLies(events: Event[], rows: Occurrence[]): string[] {
  const replayed = new Map<string, Occurrence>();
  const lies: string[] = [];
  for (const event of events) {
    if (event.type !== 'occurrence.claimed' && event.type !== 'occurrence.settled') continue;
    const key = `${event.routine} ${event.type === 'occurrence.claimed' ? event.occurrence.dueAt : event.dueAt}`;
    if (event.type === 'occurrence.claimed' && replayed.has(key)) lies.push(`${key} was claimed twice`);
    const row = reduceOccurrence(replayed.get(key), event);
    if (row) replayed.set(key, row);
  }
  const shown = new Map(rows.map((row) => [nameOf(row), row]));
  for (const [key, row] of replayed) {
    if (!shown.has(key)) lies.push(`${key} was claimed, and its row is gone`);
    else if (!isDeepStrictEqual(shown.get(key), row)) lies.push(`the row of ${key} is not what its events say`);
  }
  for (const key of shown.keys()) if (!replayed.has(key)) lies.push(`the row of ${key} has no event`);
  return lies;
}

/** A row ends in a final state; what did not simply run says why; its run is over, with an outcome. */
function rowLies(store: Store, row: Occurrence): string[] {
  const lies: string[] = [];
  if (row.state === 'claimed' || row.state === 'running') lies.push(`${nameOf(row)} is still ${row.state}`);
  if (row.state !== 'ran' && !row.reason) lies.push(`${nameOf(row)} is ${row.state} without a reason`);
  if (row.run === null) return row.state.startsWith('ran') ? [...lies, `${nameOf(row)} ran without a run`] : lies;
  const run = store.read.run(row.run);
  if (run?.state !== 'ended') lies.push(`the run of ${nameOf(row)} is ${run?.state ?? 'unknown'}`);
  else if (run.outcome !== 'proposed' && !run.reason) lies.push(`the run of ${nameOf(row)} ended without a reason`);
  const events = store.events({ after: 0, run: row.run, limit: all });
  const ends = events.filter(({ type }) => type === 'run.ended').length;
  if (ends !== 1) lies.push(`the run of ${nameOf(row)} ended ${ends} times`);
  const calls = events.flatMap((event) =>
    event.type === 'tool.started' ? [`${event.agent ?? ''} ${event.call}`] : [],
  );
  if (new Set(calls).size !== calls.length) lies.push(`a call of the run of ${nameOf(row)} was made twice`);
  return lies;
}

/** Every instant lies in exactly one row, and the rows count no others. */
function dueLies({ routine, due }: Promised, all: Occurrence[]): string[] {
  const rows = all.filter((row) => row.routine === routine);
  const counted = rows.reduce((sum, row) => sum + row.count, 0);
  const lies = due.flatMap((at) => {
    const covering = rows.filter((row) => row.dueAt === at || (row.from !== null && row.from <= at && at < row.dueAt));
    return covering.length === 1 ? [] : [`${routine} was due at ${at} and has ${covering.length} rows for it`];
  });
  return counted === due.length
    ? lies
    : [...lies, `${routine} was due ${due.length} times and its rows say ${counted}`];
}

function nameOf(row: Pick<Occurrence, 'routine' | 'dueAt'>): string {
  return `${row.routine} ${row.dueAt}`;
}

function rowWords(row: Occurrence): string {
  const range = row.count > 1 ? ` (${row.count} instants since ${row.from})` : '';
  const cause = row.cause ? `, ${row.cause}` : '';
  return `${row.dueAt}${range} ${row.state}${cause}${row.reason ? `: ${row.reason}` : ''}`;
}
