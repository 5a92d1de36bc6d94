/** Brings one routine's account up to now, inside a transaction: its schedule as it was, then its policies, then the rows. */
import { Fault } from '#contract/faults.ts';
import type { Cause, ClaimedBy, Occurrence } from '#contract/ledger.ts';
import { isTrial, type Run } from '#contract/runs.ts';
import { type Calendar, readSchedule } from '#core/calendar/calendar.ts';
import type { Clock, Conditions } from '#core/ports.ts';
import type { RoutineEntry } from '#core/routines/routines.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import type { Span } from '#core/store/time-records.ts';
import { type DueSource, dueSource } from './due-source.ts';
import type { Ledger } from './ledger.ts';
import { type Absence, type Decision, decide, type OpenRun } from './policies.ts';
import { reasonOf } from './reasons.ts';

/** An OS timer may fire a moment early by its own clock; an instant this near counts as due (scheduling.md §7.4). */
const earlyBy = 2_000;
/** Nightshift did not exist before: a clock that says so is wrong, and nothing can be due by it. */
export const earliestNow = Date.parse('2020-01-01T00:00:00.000Z');
/** An account this far ahead of now was kept by a clock that was wrong. */
const wrongBy = 86_400_000;
/** A run that is late by more has its absence looked up. */
const lateAfter = 60_000;

/** Nobody looked at a trial run's instant for so long: it has to be asked for again. */
const trialWaits = 3_600_000;
const trialTooLate = 'Nothing noticed the trial run within an hour, so it was left out; ask for it again.';

type Spec = NonNullable<RoutineEntry['spec']>;

interface Parts {
  store: Store;
  clock: Clock;
  queueRun(
    writer: Writer,
    routine: string,
    spec: Spec,
    trigger: { kind: 'schedule'; dueAt: string; trial?: true },
  ): string;
  settle: Ledger['settle'];
  jitter: Ledger['jitter'];
}

export function createAccountant({ store, clock, queueRun, settle, jitter }: Parts) {
  const calendarOf = rememberCalendars();
  /** The first planned instant after what is accounted for: it stays the same until the account moves. */
  const upcoming = new Map<string, { since: number; span: string; at: number }>();

  /** The schedule that counts until now: the one on record, or the file's when there is none yet. */
  function inForce(entry: RoutineEntry, known: Span | undefined): Span | undefined {
    if (known && known.state !== 'removed') return known;
    return entry.spec ? fromFile(entry.spec, clock.now()) : undefined;
  }

  /** False when nothing is to be written for it: the common case, answered without a transaction. */
  function hasWork(entry: RoutineEntry): boolean {
    const since = store.records.accountedTo(entry.id);
    const known = store.records.spanAt(entry.id, clock.now());
    const span = inForce(entry, known);
    if (since === undefined) return span !== undefined;
    if (since > clock.now() + wrongBy || changedByHand(entry, known)) return true;
    const to = clock.now() + earlyBy;
    const [tried] = store.records.trials(entry.id, since);
    if (tried !== undefined && tried <= to) return true;
    if (!span || span.state === 'paused') return false;
    const calendar = calendarOf(span);
    if (!calendar) return false;
    const [added] = store.records.oneOffs(entry.id, since);
    return (added !== undefined && added <= to) || firstPlanned(entry.id, span, calendar, since) <= to;
  }

  function firstPlanned(routine: string, span: Span, calendar: Calendar, since: number): number {
    const key = `${span.timeZone}\n${span.schedule}`;
    const before = upcoming.get(routine);
    if (before?.since === since && before.span === key) return before.at;
    const at = calendar.next(since, 1)[0] ?? Number.POSITIVE_INFINITY;
    upcoming.set(routine, { since, span: key, at });
    return at;
  }

  /** The file says something else than what is on record: somebody edited it by hand. */
  function changedByHand(entry: RoutineEntry, known: Span | undefined): boolean {
    if (!entry.spec) return false;
    if (!known) return true;
    const now = fromFile(entry.spec, known.from);
    return known.state !== now.state || known.schedule !== now.schedule || known.timeZone !== now.timeZone;
  }

  function accountOne(writer: Writer, entry: RoutineEntry, by: ClaimedBy, conditions: Conditions): Occurrence[] {
    const now = clock.now();
    const { records } = writer;
    const accounted = records.accountedTo(entry.id);
    const known = records.spanAt(entry.id, now);
    if (accounted === undefined) {
      // A folder that appeared by hand: it counts from now on.
      records.setAccountedTo(entry.id, now);
      if (entry.spec) records.addSpan(entry.id, fromFile(entry.spec, now));
      return [];
    }
    const since = honest(writer, entry.id, accounted);
    const span = inForce(entry, known);
    if (span && !calendarOf(span)) return [];
    const to = Math.max(since, now + earlyBy);
    const rows = [
      ...(span?.state === 'active' ? due(writer, entry, span, since, to, by, conditions) : []),
      ...trials(writer, entry, since, to, by),
    ];
    // An instant that was claimed a moment early is behind us, too.
    records.setAccountedTo(entry.id, Math.max(since, now, ...rows.map(({ dueAt }) => Date.parse(dueAt))));
    if (entry.spec && changedByHand(entry, known)) noteEdit(writer, entry.id, known, fromFile(entry.spec, now));
    return rows;
  }

  /** Where the account goes on: a clock that was wrong when it was last kept does not hold it back, nor make it owe years. */
  function honest(writer: Writer, routine: string, accounted: number): number {
    const now = clock.now();
    // Begun under a clock that stood at 1970: it counts from now on.
    if (accounted < earliestNow) return now;
    if (accounted <= now + wrongBy) return accounted;
    const text = `The account of ${routine} had been kept up to ${iso(accounted)}, by a clock that was wrong; it goes on from ${iso(now)}.`;
    writer.append({ type: 'alert.raised', about: null, routine, text });
    writer.records.addPresence({ from: now, to: now, boot: null, kind: 'clock_changed', detail: text });
    writer.records.setAccountedTo(routine, now);
    return now;
  }

  function noteEdit(writer: Writer, routine: string, known: Span | undefined, fresh: Span): void {
    const what = fresh.state === known?.state ? 'edited' : fresh.state === 'paused' ? 'paused' : 'resumed';
    if (known) writer.append({ type: 'routine.changed', routine, what });
    writer.records.addSpan(routine, fresh);
  }

  function due(
    writer: Writer,
    entry: RoutineEntry,
    span: Span,
    since: number,
    to: number,
    by: ClaimedBy,
    conditions: Conditions,
  ): Occurrence[] {
    const now = clock.now();
    const taken = (at: number) => store.read.occurrence(entry.id, iso(at)) !== undefined;
    const calendar = calendarOf(span);
    if (!calendar) return [];
    const source = dueSource(calendar, writer.records.oneOffs(entry.id, since), taken);
    if (!entry.spec) return blocked(writer, entry, source, since, to, by);
    const spec = entry.spec;
    const absences = writer.records
      .presence(since, now)
      .flatMap(({ from, to: end, kind }): Absence[] => (kind === 'up' ? [] : [{ from, to: end, cause: kind }]));
    const decisions = decide(source, spec.policies, {
      ...{ since, to, now, conditions, absences },
      timeZone: span.timeZone,
      jitterMs: jitter(entry.id, spec),
      open: working(entry.id).map(openRun),
      lastStart: lastStart(entry.id),
      pauses: writer.records.pauses(since, to),
    });
    const absentAt = (at: number) => absences.findLast((each) => at >= each.from && at < each.to)?.cause ?? null;
    return decisions.map((row) => {
      const absence = now - row.dueAt > lateAfter ? absentAt(row.dueAt) : null;
      const reason = reasonOf(row, { policies: spec.policies, now, timeZone: span.timeZone, absence });
      for (const run of row.replace) replaced(writer, run);
      for (const run of row.cancel) writer.outbox.add('cancel', run);
      const missed = row.missed > 0 ? { missed: row.missed } : {};
      const run =
        row.state === 'claimed'
          ? queueRun(writer, entry.id, spec, { kind: 'schedule', dueAt: iso(row.dueAt), ...missed })
          : null;
      return claim(writer, entry.id, by, row, reason, run ? absence : row.cause, run);
    });
  }

  /** A person waits for it, so no policy holds it back; hours later nobody waits any more. */
  function trials(writer: Writer, entry: RoutineEntry, since: number, to: number, by: ClaimedBy): Occurrence[] {
    const { id, spec } = entry;
    const due = writer.records.trials(id, since).filter((at) => at <= to && !store.read.occurrence(id, iso(at)));
    return due.map((dueAt) => {
      const one = { dueAt, from: null, count: 1 };
      if (!spec) return claim(writer, id, by, { ...one, state: 'blocked' }, brokenWords(entry), 'blocked', null);
      if (clock.now() - dueAt > trialWaits)
        return claim(writer, id, by, { ...one, state: 'skipped' }, trialTooLate, 'too_late', null);
      const run = queueRun(writer, id, spec, { kind: 'schedule', dueAt: iso(dueAt), trial: true });
      return claim(writer, id, by, { ...one, state: 'claimed' }, 'A trial run that a person asked for.', null, run);
    });
  }

  /** The folder cannot be read: what falls due by the last schedule that could is blocked, and says where to mend. */
  function blocked(
    writer: Writer,
    entry: RoutineEntry,
    source: DueSource,
    since: number,
    to: number,
    by: ClaimedBy,
  ): Occurrence[] {
    const [dueAt] = source.newest(since, to, 1);
    if (dueAt === undefined) return [];
    const first = source.first(since, dueAt) ?? dueAt;
    const range = { dueAt, from: first === dueAt ? null : first, count: source.count(since, dueAt) };
    return [claim(writer, entry.id, by, { ...range, state: 'blocked' }, brokenWords(entry), 'blocked', null)];
  }

  function claim(
    writer: Writer,
    routine: string,
    by: ClaimedBy,
    row: Pick<Decision, 'dueAt' | 'from' | 'count'> & { state: Occurrence['state'] },
    reason: string | null,
    cause: Cause | null,
    run: string | null,
  ): Occurrence {
    const occurrence: Occurrence = {
      ...{ routine, reason, cause, run, state: row.state, count: row.count, claimedBy: by },
      dueAt: iso(row.dueAt),
      from: row.from === null ? null : iso(row.from),
      claimedAt: iso(clock.now()),
    };
    writer.append({ type: 'occurrence.claimed', routine, occurrence });
    return occurrence;
  }

  /** A run that still waits gives its place to a newer one. */
  function replaced(writer: Writer, id: string): void {
    const run = store.read.run(id);
    if (!run) return;
    const message = 'A newer occurrence took its place in the queue.';
    const reason = { code: 'run.stopped' as const, message };
    writer.append({ type: 'run.ended', run: id, outcome: 'stopped', reason, proposal: run.proposal });
    writer.outbox.done('run', id);
    settle(writer, run, 'coalesced', message, 'coalesced');
  }

  /** A run that waits for a person may wait for days: it holds no later occurrence up. */
  function working(routine: string): Run[] {
    return store.read.runs({ routine, state: 'open', limit: 1000 }).filter(({ parkedOn }) => parkedOn === null);
  }

  function lastStart(routine: string): number | null {
    const last = store.read.runs({ routine, limit: 20 }).find((run) => !isTrial(run));
    return last ? Date.parse(last.startedAt ?? last.queuedAt) : null;
  }

  return { hasWork, accountOne };
}

function brokenWords({ problem, folder }: RoutineEntry): string {
  const { file, line, message } = problem ?? { file: folder, line: undefined, message: 'unreadable' };
  return `The routine is broken: ${file}${line ? `, line ${line}` : ''}: ${message}`;
}

function openRun(run: { id: string; state: string; dispatchedAt: string | null; queuedAt: string }): OpenRun {
  const waiting = run.state === 'queued' && run.dispatchedAt === null;
  return { run: run.id, waiting, queuedAt: run.queuedAt };
}

function fromFile({ schedule, timeZone, paused }: Spec, from: number): Span {
  return { from, state: paused ? 'paused' : 'active', schedule, timeZone };
}

/**
 * Reading a schedule costs more than asking it; 500 routines are asked every half minute. Undefined for one that cannot
 * be read any more, because the system lost its time zone: its account waits until it can.
 */
function rememberCalendars(): (span: Pick<Span, 'schedule' | 'timeZone'>) => Calendar | undefined {
  const known = new Map<string, Calendar>();
  return ({ schedule, timeZone }) => {
    const key = `${timeZone}\n${schedule}`;
    const found = known.get(key) ?? readable(schedule, timeZone);
    if (known.size > 2000) known.clear();
    if (found) known.set(key, found);
    return found;
  };
}

function readable(schedule: string, timeZone: string): Calendar | undefined {
  try {
    return readSchedule(schedule, timeZone);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
