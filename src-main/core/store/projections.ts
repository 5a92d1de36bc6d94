/** Keeps the tables that screens read equal to what the shared reducers make of the events. */
import type { Event } from '#contract/events.ts';
import type { Occurrence } from '#contract/ledger.ts';
import type { Proposal } from '#contract/proposals.ts';
import type { Run } from '#contract/runs.ts';
import { reduceOccurrence, reduceProposal, reduceRun, runOf } from '#contract/state.ts';
import { type AlertReads, createAlertTable } from './alert-table.ts';
import type { Sql } from './database.ts';
import { createGrantTable, type GrantReads } from './grant-table.ts';
import { createQuestionTable, type QuestionReads } from './question-table.ts';

interface OccurrenceFilter {
  routine?: string | undefined;
  state?: string | undefined;
  since?: string | undefined;
  limit: number;
}

export interface Projections extends QuestionReads, GrantReads, AlertReads {
  /** In a transaction, which ends with `writeOut`. */
  apply(event: Event): void;
  /** Writes the rows of runs, which change several times in a transaction and are written once. */
  writeOut(): void;
  /** What was read of the tables may not be so any more: it was taken back, or somebody else wrote. */
  anew(): void;
  run(id: string): Run | undefined;
  runs(filter: { routine?: string; state?: 'open'; limit: number }): Run[];
  proposal(id: string): Proposal | undefined;
  proposals(filter: { state?: string; limit: number }): Proposal[];
  /** Rejected proposals whose branch may go by now. `now` as an ISO instant. */
  prunable(now: string): Proposal[];
  occurrence(routine: string, dueAt: string): Occurrence | undefined;
  occurrenceOf(run: string): Occurrence | undefined;
  /** Latest first. `since`: only what was due at or after it, as an ISO instant. */
  occurrences(filter: OccurrenceFilter): Occurrence[];
  /** The row of the instant itself, or the missed range that it lies in. `at` as an ISO instant. */
  occurrenceAt(routine: string, at: string): Occurrence | undefined;
}

export function createProjections(sql: Sql): Projections {
  const get = {
    run: sql.prepare('SELECT body FROM runs WHERE id = ?').pluck(),
    proposal: sql.prepare('SELECT body FROM proposals WHERE id = ?').pluck(),
    occurrence: sql.prepare('SELECT body FROM occurrences WHERE routine = ? AND due_at = ?').pluck(),
    occurrenceOf: sql.prepare('SELECT body FROM occurrences WHERE run = ? ORDER BY due_at DESC').pluck(),
    occurrenceAt: sql
      .prepare('SELECT body FROM occurrences WHERE routine = ? AND due_at >= ? ORDER BY due_at LIMIT 20')
      .pluck(),
    prunable: sql.prepare("SELECT body FROM proposals WHERE state = 'rejected' AND prune_at <= ?").pluck(),
  };
  const put = {
    run: sql.prepare(
      'INSERT INTO runs VALUES (?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET state = excluded.state, body = excluded.body',
    ),
    // An index that is named is written anew even when nothing in it changes.
    runBody: sql.prepare('UPDATE runs SET body = ? WHERE id = ?'),
    proposal: sql.prepare(
      `INSERT INTO proposals VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT(id) DO UPDATE SET state = excluded.state, prune_at = excluded.prune_at, body = excluded.body`,
    ),
    // A second claim of the same instant must fail, so the first insert is a plain one.
    claim: sql.prepare('INSERT INTO occurrences VALUES (?, ?, ?, ?, ?)'),
    occurrence: sql.prepare('UPDATE occurrences SET state = ?, body = ? WHERE routine = ? AND due_at = ?'),
  };
  const questions = createQuestionTable(sql);
  const grants = createGrantTable(sql);
  const alerts = createAlertTable(sql);
  const one = <T>(body: unknown, young = {}): T | undefined =>
    typeof body === 'string' ? ({ ...young, ...JSON.parse(body) } as T) : undefined;
  const many = <T>(bodies: unknown[], young = {}): T[] => bodies.map((body) => one<T>(body, young) as T);
  const list = <T>(text: string, young: object, ...values: (string | number)[]): T[] => {
    writeOut();
    return many<T>(
      sql
        .prepare(text)
        .pluck()
        .all(...values),
      young,
    );
  };

  /** A run is looked at several times in a turn: as it is in the table, it is read and taken apart once. */
  const seen = new Map<string, Run>();
  function known(id: string): Run | undefined {
    const run = seen.get(id);
    if (run) return run;
    const body = get.run.get(id);
    return typeof body === 'string' ? remember({ ...youngRun, ...JSON.parse(body) }) : undefined;
  }
  function remember(run: Run): Run {
    if (seen.size >= mostSeen) {
      writeOut();
      seen.clear();
    }
    seen.set(run.id, run);
    return run;
  }
  /** In mind, and not in the table yet. */
  const unwritten = new Set<string>();
  function writeOut(): void {
    for (const id of unwritten) put.runBody.run(JSON.stringify(seen.get(id)), id);
    unwritten.clear();
  }
  function run(id: string): Run | undefined {
    const found = known(id);
    return found && { ...found };
  }
  const proposal = (id: string) => one<Proposal>(get.proposal.get(id));
  const occurrence = (routine: string, dueAt: string) => one<Occurrence>(get.occurrence.get(routine, dueAt), youngRow);

  function applyToRun(event: Event): void {
    const id = runOf(event);
    if (!id) return;
    const before = known(id);
    const after = reduceRun(before, event);
    if (!after || after === before) return;
    remember(after);
    if (after.state === before?.state) unwritten.add(after.id);
    else put.run.run(after.id, after.routine, after.state, after.queuedAt, JSON.stringify(after));
  }

  function applyToProposal(event: Event): void {
    if (!('proposal' in event) || event.proposal === null) return;
    const id = typeof event.proposal === 'string' ? event.proposal : event.proposal.id;
    const before = proposal(id);
    const p = reduceProposal(before, event);
    if (p && p !== before) put.proposal.run(p.id, p.run, p.routine, p.state, p.openedAt, p.pruneAt, JSON.stringify(p));
  }

  function applyToOccurrence(event: Event): void {
    if (event.type === 'occurrence.claimed') {
      const row = event.occurrence;
      put.claim.run(row.routine, row.dueAt, row.state, row.run, JSON.stringify(row));
    } else if (event.type === 'occurrence.settled') {
      const row = reduceOccurrence(occurrence(event.routine, event.dueAt), event);
      if (row) put.occurrence.run(row.state, JSON.stringify(row), row.routine, row.dueAt);
    }
  }

  return {
    apply(event) {
      applyToRun(event);
      applyToProposal(event);
      applyToOccurrence(event);
      questions.apply(event);
      grants.apply(event);
      alerts.apply(event);
    },
    writeOut,
    anew() {
      seen.clear();
      unwritten.clear();
    },
    ...questions.read,
    ...grants.read,
    ...alerts.read,
    run,
    runs({ routine, state, limit }) {
      if (state === 'open' && routine)
        return list(
          "SELECT body FROM runs WHERE state <> 'ended' AND routine = ? ORDER BY queued_at LIMIT ?",
          ...[youngRun, routine, limit],
        );
      if (state === 'open')
        return list("SELECT body FROM runs WHERE state <> 'ended' ORDER BY queued_at LIMIT ?", youngRun, limit);
      if (routine)
        return list(
          'SELECT body FROM runs WHERE routine = ? ORDER BY queued_at DESC LIMIT ?',
          youngRun,
          routine,
          limit,
        );
      return list('SELECT body FROM runs ORDER BY queued_at DESC LIMIT ?', youngRun, limit);
    },
    proposal,
    proposals({ state, limit }) {
      if (state)
        return list('SELECT body FROM proposals WHERE state = ? ORDER BY opened_at DESC LIMIT ?', {}, state, limit);
      return list('SELECT body FROM proposals ORDER BY opened_at DESC LIMIT ?', {}, limit);
    },
    prunable: (now) => many<Proposal>(get.prunable.all(now)),
    occurrence,
    occurrenceOf: (id) => one<Occurrence>(get.occurrenceOf.get(id), youngRow),
    occurrences({ routine, state, since, limit }) {
      const conditions = { 'routine = ?': routine, 'state = ?': state, 'due_at >= ?': since };
      const named = Object.entries(conditions).flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value }]));
      const where = named.length > 0 ? `WHERE ${named.map((each) => each.sql).join(' AND ')}` : '';
      return list(
        `SELECT body FROM occurrences ${where} ORDER BY due_at DESC LIMIT ?`,
        ...[youngRow, ...named.map((each) => each.value), limit],
      );
    },
    occurrenceAt(routine, at) {
      const rows = many<Occurrence>(get.occurrenceAt.all(routine, at), youngRow);
      return rows.find((row) => row.dueAt === at) ?? rows.find((row) => row.from !== null && row.from <= at);
    },
  };
}

/** Runs that are kept taken apart: more than are at work at a time. */
const mostSeen = 500;

/** Fields that rows of earlier versions do not have. */
const youngRow: Partial<Occurrence> = { cause: null, from: null };
const youngRun: Partial<Run> = {
  ...{ dispatchedAt: null, processSeenAt: null, firstByteAt: null },
  ...{ loops: 0, waitingUntil: null, parkedOn: null, denials: 0, goal: null, grading: null },
};
