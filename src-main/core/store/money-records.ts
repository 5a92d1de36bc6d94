/** Money: what was spent and when, what is reserved for calls under way, and what a person added. Facts only; core/budget judges. */
import type { Sql } from './database.ts';

/** Amounts in millionths of a US dollar, instants in milliseconds since the epoch. */
export interface Reserved {
  id: number;
  run: string;
  routine: string;
  micros: number;
  purpose: string;
}

/** Of a run, of its routine and of all. */
export interface MoneyStanding {
  reserved: { run: number; routine: number; all: number };
  /** Since `from`. */
  spent: { routine: number; all: number };
  allowed: { routine: number; all: number };
}

export interface MoneyRecords {
  reserve(row: Omit<Reserved, 'id'>): number;
  /** Idempotent. */
  release(reservation: number): void;
  /** Everything that is reserved, oldest first. */
  reserved(): Reserved[];
  /** Of one routine or of all. */
  reservedMicros(whose: { routine?: string }): number;
  /** What stands against a call of this run, in one look; `from`: midnight. */
  standing(whose: Pick<Reserved, 'run' | 'routine'>, from: number): MoneyStanding;
  addSpending(row: Omit<Reserved, 'id'> & { at: number }): void;
  /** Since `from`, of one routine or of all. */
  spentMicros(from: number, routine?: string): number;
  /** In [from, to), summed for each routine and purpose. */
  spentBetween(from: number, to: number): { routine: string; purpose: string; micros: number }[];
  /** How many runs of each routine were paid for since `from`. */
  paidRuns(from: number): Map<string, number>;
  /** `routine` null: to the cap of all. */
  addAllowance(row: { at: number; routine: string | null; micros: number }): void;
  allowedMicros(from: number, routine: string | null): number;
}

export function createMoneyRecords(sql: Sql): MoneyRecords {
  const q = {
    reserve: sql.prepare('INSERT INTO reservations(run, routine, micros, purpose) VALUES (?, ?, ?, ?)'),
    release: sql.prepare('DELETE FROM reservations WHERE id = ?'),
    reserved: sql.prepare('SELECT id, run, routine, micros, purpose FROM reservations ORDER BY id'),
    ofAll: sql.prepare('SELECT COALESCE(SUM(micros), 0) FROM reservations').pluck(),
    ofRoutine: sql.prepare('SELECT COALESCE(SUM(micros), 0) FROM reservations WHERE routine = ?').pluck(),
    held: sql
      .prepare(
        `SELECT COALESCE(SUM(micros) FILTER (WHERE run = ?), 0), COALESCE(SUM(micros) FILTER (WHERE routine = ?), 0),
          COALESCE(SUM(micros), 0) FROM reservations`,
      )
      .raw(),
    allowances: sql
      .prepare(
        `SELECT COALESCE(SUM(micros) FILTER (WHERE routine = ?), 0), COALESCE(SUM(micros) FILTER (WHERE routine IS NULL), 0)
          FROM allowances WHERE at_ms >= ?`,
      )
      .raw(),
    spend: sql.prepare('INSERT INTO spending(at_ms, run, routine, micros, purpose) VALUES (?, ?, ?, ?, ?)'),
    lastSpent: sql.prepare('SELECT COALESCE(MAX(id), 0) FROM spending').pluck(),
    spent: sql.prepare('SELECT COALESCE(SUM(micros), 0) FROM spending WHERE at_ms >= ? AND id <= ?').pluck(),
    spentBy: sql
      .prepare('SELECT COALESCE(SUM(micros), 0) FROM spending WHERE at_ms >= ? AND id <= ? AND routine = ?')
      .pluck(),
    // The plus keeps the index of times out of it, which would lead through the whole day again.
    more: sql.prepare('SELECT COALESCE(SUM(micros), 0) FROM spending WHERE +at_ms >= ? AND id > ? AND id <= ?').pluck(),
    moreBy: sql
      .prepare('SELECT COALESCE(SUM(micros), 0) FROM spending WHERE +at_ms >= ? AND id > ? AND id <= ? AND routine = ?')
      .pluck(),
    between: sql.prepare(
      'SELECT routine, purpose, SUM(micros) AS micros FROM spending WHERE at_ms >= ? AND at_ms < ? GROUP BY 1, 2',
    ),
    paidRuns: sql.prepare('SELECT routine, COUNT(DISTINCT run) AS runs FROM spending WHERE at_ms >= ? GROUP BY 1'),
    allow: sql.prepare('INSERT INTO allowances(at_ms, routine, micros) VALUES (?, ?, ?)'),
    allowed: sql.prepare('SELECT COALESCE(SUM(micros), 0) FROM allowances WHERE at_ms >= ? AND routine IS ?').pluck(),
  };
  /** Asked before every call, so only what was added since the last time is summed up. */
  const sums = new Map<string | null, { from: number; last: number; micros: number }>();
  function spentUpTo(last: number, from: number, routine?: string): number {
    const key = routine ?? null;
    const of = routine === undefined ? [] : [routine];
    const known = sums.get(key);
    const before = known?.from === from && known.last <= last ? known : null;
    if (before?.last === last) return before.micros;
    const all = before
      ? (routine === undefined ? q.more : q.moreBy).get(from, before.last, last, ...of)
      : (routine === undefined ? q.spent : q.spentBy).get(from, last, ...of);
    const micros = (before?.micros ?? 0) + Number(all);
    // What is added inside of a transaction may be taken back.
    if (!sql.inTransaction) sums.set(key, { from, last, micros });
    return micros;
  }
  const lastSpent = () => Number(q.lastSpent.get());
  return {
    reserve: ({ run, routine, micros, purpose }) =>
      Number(q.reserve.run(run, routine, micros, purpose).lastInsertRowid),
    release: (reservation) => void q.release.run(reservation),
    reserved: () => q.reserved.all() as Reserved[],
    reservedMicros: ({ routine }) => Number(routine === undefined ? q.ofAll.get() : q.ofRoutine.get(routine)),
    addSpending: ({ at, run, routine, micros, purpose }) => void q.spend.run(at, run, routine, micros, purpose),
    spentMicros: (from, routine) => spentUpTo(lastSpent(), from, routine),
    standing({ run, routine }, from) {
      const [ofRun, ofRoutine, ofAll] = q.held.get(run, routine) as [number, number, number];
      const [toRoutine, toAll] = q.allowances.get(routine, from) as [number, number];
      const last = lastSpent();
      return {
        reserved: { run: ofRun, routine: ofRoutine, all: ofAll },
        spent: { routine: spentUpTo(last, from, routine), all: spentUpTo(last, from) },
        allowed: { routine: toRoutine, all: toAll },
      };
    },
    spentBetween: (from, to) => q.between.all(from, to) as { routine: string; purpose: string; micros: number }[],
    paidRuns: (from) =>
      new Map(
        (q.paidRuns.all(from) as { routine: string; runs: number }[]).map(({ routine, runs }) => [routine, runs]),
      ),
    addAllowance: ({ at, routine, micros }) => void q.allow.run(at, routine, micros),
    allowedMicros: (from, routine) => Number(q.allowed.get(from, routine)),
  };
}
