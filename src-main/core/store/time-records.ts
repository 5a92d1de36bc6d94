/** What was so and when: a routine's schedules, pauses of everything, the machine's presence. Facts only; core/ledger judges. */
import type { PresenceKind } from '#contract/ledger.ts';
import type { Sql } from './database.ts';

/** All instants here are milliseconds since the epoch. */
export interface Span {
  from: number;
  state: 'active' | 'paused' | 'removed';
  schedule: string;
  timeZone: string;
}

export interface Pause {
  from: number;
  /** Null: until it is lifted. */
  to: number | null;
}

export interface PresenceRow {
  id: number;
  from: number;
  to: number;
  boot: string | null;
  kind: PresenceKind;
  /** What is known beyond the kind, in words. */
  detail: string | null;
}

/**
 * `owner`: names the host that may write. `day_cap`: what all routines may spend in a day. `rate_limits`: what the accounts last said that
 * they allow, JSON. `audit_seq`: every event up to
 * it is in the audit log, or of a run that has not begun its own. `audit_keys`: public keys for its checkpoints, a JSON
 * list of PEM texts. `hooks_trusted:` and a repository: hashes of its hooks that a person said yes to, each with the
 * instant, as a JSON object.
 */
type FactName =
  | 'install_id'
  | 'last_sandbox'
  | 'last_beat'
  | 'owner'
  | 'day_cap'
  | 'rate_limits'
  | 'unforeseen'
  | 'audit_seq'
  | 'audit_keys'
  | 'telemetry_endpoint'
  | 'telemetry_through'
  | 'telemetry_last'
  | `hooks_trusted:${string}`;

export interface TimeRecords {
  /** From `span.from` on the routine was so. */
  addSpan(routine: string, span: Span): void;
  /** What was so at `at`; undefined before the first span. */
  spanAt(routine: string, at: number): Span | undefined;
  /** Oldest first. */
  spans(routine: string, from: number, to: number): Span[];
  setPause(pause: Pause): void;
  /** Every pause that touches [from, to], oldest first. */
  pauses(from: number, to: number): Pause[];
  addPresence(row: Omit<PresenceRow, 'id'>): number;
  extendPresence(id: number, to: number): void;
  /** Every row that touches [from, to], in the order of writing, at most 1,000. */
  presence(from: number, to: number): PresenceRow[];
  fact(name: FactName): string | undefined;
  setFact(name: FactName, value: string): void;
  /** What was read of facts may not be so any more: it was taken back, or somebody else wrote. */
  anew(): void;
}

export function createTimeRecords(sql: Sql): TimeRecords {
  const span = 'from_ms AS "from", state, schedule, time_zone AS timeZone';
  const row = 'id, from_ms AS "from", to_ms AS "to", boot, kind, detail';
  const q = {
    addSpan: sql.prepare('REPLACE INTO spans VALUES (?, ?, ?, ?, ?)'),
    spanAt: sql.prepare(`SELECT ${span} FROM spans WHERE routine = ? AND from_ms <= ? ORDER BY from_ms DESC LIMIT 1`),
    spans: sql.prepare(`SELECT ${span} FROM spans WHERE routine = ? AND from_ms BETWEEN ? AND ? ORDER BY from_ms`),
    setPause: sql.prepare('INSERT INTO pauses VALUES (?, ?) ON CONFLICT(from_ms) DO UPDATE SET to_ms = excluded.to_ms'),
    pauses: sql.prepare(
      'SELECT from_ms AS "from", to_ms AS "to" FROM pauses WHERE from_ms <= ? AND COALESCE(to_ms, ?) >= ? ORDER BY from_ms',
    ),
    addPresence: sql.prepare('INSERT INTO presence(from_ms, to_ms, boot, kind, detail) VALUES (?, ?, ?, ?, ?)'),
    extend: sql.prepare('UPDATE presence SET to_ms = ? WHERE id = ?'),
    presence: sql.prepare(`SELECT ${row} FROM presence WHERE to_ms >= ? AND from_ms <= ? ORDER BY id LIMIT 1000`),
    fact: sql.prepare('SELECT value FROM facts WHERE name = ?').pluck(),
    setFact: sql.prepare('INSERT INTO facts VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value'),
  };
  /** Some are asked for several times in a turn, and seldom change. */
  const facts = new Map<FactName, string | undefined>();
  return {
    addSpan: (routine, { from, state, schedule, timeZone }) =>
      void q.addSpan.run(routine, from, state, schedule, timeZone),
    spanAt: (routine, at) => q.spanAt.get(routine, at) as Span | undefined,
    spans: (routine, from, to) => q.spans.all(routine, from, to) as Span[],
    setPause: ({ from, to }) => void q.setPause.run(from, to),
    pauses: (from, to) => q.pauses.all(to, to, from) as Pause[],
    addPresence: ({ from, to, boot, kind, detail }) =>
      Number(q.addPresence.run(from, to, boot, kind, detail).lastInsertRowid),
    extendPresence: (id, to) => void q.extend.run(to, id),
    presence: (from, to) => q.presence.all(from, to) as PresenceRow[],
    fact(name) {
      if (!facts.has(name)) facts.set(name, q.fact.get(name) as string | undefined);
      return facts.get(name);
    },
    setFact(name, value) {
      q.setFact.run(name, value);
      facts.set(name, value);
    },
    anew: () => facts.clear(),
  };
}
