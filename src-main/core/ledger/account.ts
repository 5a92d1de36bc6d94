/** Brings one routine's account up to now, inside a transaction: its schedule as it was, then its policies, then the rows. */
import type { Cause, ClaimedBy, Occurrence } from '#contract/ledger.ts';
import { isTrial, type Run } from '#contract/runs.ts';
import type { Calendar } from '#core/calendar/calendar.ts';
import type { Clock, Conditions } from '#core/ports.ts';
import type { RoutineEntry } from '#core/routines/routines.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import type { Standing } from '#core/store/records.ts';
import type { Span } from '#core/store/time-records.ts';
import { rememberCalendars } from './calendars.ts';
import { type DueSource, dueSource } from './due-source.ts';
import type { Ledger } from './ledger.ts';
import { type Absence, type Decision, decide, type OpenRun } from './policies.ts';
import { reasonOf } from './reasons.ts';

/** An OS timer may fire a moment early by its own clock; an instant this near counts as due (scheduling.md §7.4). */
export const earlyBy = 2_000;
/** Nightshift did not exist before: a clock that says so is wrong, and nothing can be due by it. */
export const earliestNow = Date.parse('2020-01-01T00:00:00.000Z');
/** An account this far ahead of now was kept by a clock that was wrong. */
const wrongBy = 86_400_000;
/** A run that is late by more has its absence looked up. */
const lateAfter = 60_000;

/** Nobody looked at a trial run's instant for so long: it has to be asked for again. */
const trialWaits = 3_600_000;
const trialRemoved = 'The routine was removed before its trial run began.';
const trialTooLate = 'Nothing noticed the trial run within an hour, so it was left out; ask for it again.';

type Spec = NonNullable<RoutineEntry['spec']>;

/** One look at a routine. Instants in milliseconds since the epoch. */
export interface Look {
  by: ClaimedBy;
  conditions: Conditions;
  now: number;
  /** Nothing of the routine may run any more. */
  removing?: boolean;
  /** The routine changes at `now`: not even an instant just ahead is claimed by what it was. */
  changing?: boolean;
}

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
  function hasWork(entry: RoutineEntry, standing: Standing | undefined, now: number): boolean {
    const known = standing ? standing.span : store.records.spanAt(entry.id, now);
    const span = inForce(entry, known);
    if (!standing) return span !== undefined;
    const { accountedTo, oneOff, trial } = standing;
    if (accountedTo > now + wrongBy || changedByHand(entry, known) || trial) return true;
    if (!span || span.state === 'paused') return false;
    const calendar = calendarOf(span);
    if (!calendar) return false;
    return oneOff || firstPlanned(entry.id, span, calendar, accountedTo) <= now + earlyBy;
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

  /** `entry`: the routine as it was until now. */
  function accountOne(writer: Writer, entry: RoutineEntry, look: Look): Occurrence[] {
    const { now } = look;
    const { records } = writer;
    const accounted = records.accountedTo(entry.id);
    const known = records.spanAt(entry.id, now);
    if (accounted === undefined) {
      // A folder that appeared by hand: it counts from now on.
      records.setAccountedTo(entry.id, now);
      if (entry.spec) records.addSpan(entry.id, fromFile(entry.spec, now));
      writer.append({ type: 'routine.changed', routine: entry.id, what: 'added' });
      writer.outbox.add('alarms', '');
      return [];
    }
    const since = honest(writer, entry.id, accounted, now);
    const span = inForce(entry, known);
    const changed = changedByHand(entry, known);
    // What cannot be read any more waits until it can, or until somebody writes what can.
    if (span && !calendarOf(span) && !changed) return [];
    const to = Math.max(since, look.changing ? now : now + earlyBy);
    const rows = [
      ...(span?.state === 'active' ? due(writer, entry, span, since, to, look) : []),
      ...trials(writer, entry, since, to, look),
    ];
    // An instant that was claimed a moment early is behind us, too.
    records.setAccountedTo(entry.id, Math.max(since, now, ...rows.map(({ dueAt }) => Date.parse(dueAt))));
    if (entry.spec && changed) noteEdit(writer, entry.id, known, fromFile(entry.spec, now));
    return rows;
  }

  /** The folder was deleted by hand: what was due until now can never run, and from now on nothing is. */
  function bury(writer: Writer, routine: string, { by, now }: Look): Occurrence[] {
    const { records } = writer;
    const since = honest(writer, routine, records.accountedTo(routine) ?? now, now);
    const span = records.spanAt(routine, now);
    const calendar = span?.state === 'active' ? calendarOf(span) : undefined;
    const source = calendar && sourceOf(writer, routine, calendar, since);
    const reason = (many: string) => `The routine's folder was gone before anybody had looked at ${many}.`;
    const rows = source
      ? oneRow(writer, { routine, source, since, to: now, by, now }, 'skipped', 'removed', reason)
      : [];
    writer.append({ type: 'routine.changed', routine, what: 'removed' });
    writer.outbox.add('alarms', '');
    end(writer, routine, now);
    return rows;
  }

  /** The routine is no more; what is known of it stays. */
  function end(writer: Writer, routine: string, now: number): void {
    const last = writer.records.spanAt(routine, now);
    if (last) writer.records.addSpan(routine, { ...last, from: now, state: 'removed' });
    writer.records.forget(routine);
  }

  /** Where the account goes on: a clock that was wrong when it was last kept does not hold it back, nor make it owe years. */
  function honest(writer: Writer, routine: string, accounted: number, now: number): number {
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
    writer.outbox.add('alarms', '');
  }

  function sourceOf(writer: Writer, routine: string, calendar: Calendar, since: number): DueSource {
    const rows = store.read.occurrences({ routine, since: iso(since + 1), limit: 100_000 });
    const taken = new Set(rows.map((row) => Date.parse(row.dueAt)));
    return dueSource(calendar, writer.records.oneOffs(routine, since), taken);
  }

  function due(writer: Writer, entry: RoutineEntry, span: Span, since: number, to: number, look: Look): Occurrence[] {
    const { by, conditions, now, removing = false } = look;
    const calendar = calendarOf(span);
    if (!calendar) return [];
    const source = sourceOf(writer, entry.id, calendar, since);
    const { spec } = entry;
    if (!spec) {
      // It goes by the last schedule that could be read, and says where to mend.
      const reason = () => brokenWords(entry);
      return oneRow(writer, { routine: entry.id, source, since, to, by, now }, 'blocked', 'blocked', reason);
    }
    const absences = writer.records
      .presence(since, now)
      .flatMap(({ from, to: end, kind }): Absence[] => (kind === 'up' ? [] : [{ from, to: end, cause: kind }]));
    const decisions = decide(source, spec.policies, {
      ...{ since, to, now, conditions, absences, removing },
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
      return claim(writer, { routine: entry.id, by, now }, row, reason, run ? absence : row.cause, run);
    });
  }

  /** A person waits for it, so no policy holds it back; hours later nobody waits any more. */
  function trials(writer: Writer, entry: RoutineEntry, since: number, to: number, look: Look): Occurrence[] {
    const { id, spec } = entry;
    const of = { routine: id, by: look.by, now: look.now };
    const due = writer.records.trials(id, since).filter((at) => at <= to && !store.read.occurrence(id, iso(at)));
    return due.map((dueAt) => {
      const one = { dueAt, from: null, count: 1 };
      if (!spec) return claim(writer, of, { ...one, state: 'blocked' }, brokenWords(entry), 'blocked', null);
      if (look.removing) return claim(writer, of, { ...one, state: 'skipped' }, trialRemoved, 'removed', null);
      if (look.now - dueAt > trialWaits)
        return claim(writer, of, { ...one, state: 'skipped' }, trialTooLate, 'too_late', null);
      const run = queueRun(writer, id, spec, { kind: 'schedule', dueAt: iso(dueAt), trial: true });
      return claim(writer, of, { ...one, state: 'claimed' }, 'A trial run that a person asked for.', null, run);
    });
  }

  /** All that was due in (since, to] as one row; none when nothing was. `reason` is told which, in words. */
  function oneRow(
    writer: Writer,
    what: { routine: string; source: DueSource; since: number; to: number; by: ClaimedBy; now: number },
    state: Occurrence['state'],
    cause: Cause,
    reason: (many: string) => string,
  ): Occurrence[] {
    const { source, since, to } = what;
    const [dueAt] = source.newest(since, to, 1);
    if (dueAt === undefined) return [];
    const first = source.first(since, dueAt) ?? dueAt;
    const count = source.count(since, dueAt);
    const row = { dueAt, from: first === dueAt ? null : first, count, state };
    return [claim(writer, what, row, reason(count > 1 ? `these ${count} instants` : 'this instant'), cause, null)];
  }

  function claim(
    writer: Writer,
    { routine, by, now }: { routine: string; by: ClaimedBy; now: number },
    row: Pick<Decision, 'dueAt' | 'from' | 'count'> & { state: Occurrence['state'] },
    reason: string | null,
    cause: Cause | null,
    run: string | null,
  ): Occurrence {
    const occurrence: Occurrence = {
      ...{ routine, reason, cause, run, state: row.state, count: row.count, claimedBy: by },
      dueAt: iso(row.dueAt),
      from: row.from === null ? null : iso(row.from),
      claimedAt: iso(now),
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

  return { hasWork, accountOne, bury, end };
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

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
