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
  /** What was read may not be so any more: it was taken back, or somebody else wrote. */
  anew(): void;
}

export function createMoneyRecords(sql: Sql): MoneyRecords {
  const q = {
    reserve: sql.prepare('INSERT INTO reservations(run, routine, micros, purpose) VALUES (?, ?, ?, ?)'),
    release: sql.prepare('DELETE FROM reservations WHERE id = ?'),
    reserved: sql.prepare('SELECT id, run, routine, micros, purpose FROM reservations ORDER BY id'),
    spend: sql.prepare('INSERT INTO spending(at_ms, run, routine, micros, purpose) VALUES (?, ?, ?, ?, ?)'),
    spent: sql.prepare('SELECT COALESCE(SUM(micros), 0) FROM spending WHERE at_ms >= ?').pluck(),
    spentBy: sql.prepare('SELECT COALESCE(SUM(micros), 0) FROM spending WHERE at_ms >= ? AND routine = ?').pluck(),
    between: sql.prepare(
      'SELECT routine, purpose, SUM(micros) AS micros FROM spending WHERE at_ms >= ? AND at_ms < ? GROUP BY 1, 2',
    ),
    paidRuns: sql.prepare('SELECT routine, COUNT(DISTINCT run) AS runs FROM spending WHERE at_ms >= ? GROUP BY 1'),
    allow: sql.prepare('INSERT INTO allowances(at_ms, routine, micros) VALUES (?, ?, ?)'),
    allowed: sql.prepare('SELECT COALESCE(SUM(micros), 0) FROM allowances WHERE at_ms >= ? AND routine IS ?').pluck(),
  };
  // All of this is asked for before every call: what was read is kept in step with what is written.
  let held: Map<number, Reserved> | null = null;
  /** By routine; null: of all. */
  const spent = new Map<string | null, { from: number; micros: number }>();
  const allowed = new Map<string | null, { from: number; micros: number }>();

  function reserved(): Map<number, Reserved> {
    held ??= new Map((q.reserved.all() as Reserved[]).map((row) => [row.id, row]));
    return held;
  }
  function reservedMicros(of: Partial<Pick<Reserved, 'run' | 'routine'>>): number {
    let sum = 0;
    for (const { run, routine, micros } of reserved().values())
      if ((of.run ?? run) === run && (of.routine ?? routine) === routine) sum += micros;
    return sum;
  }
  function spentMicros(from: number, routine?: string): number {
    const known = spent.get(routine ?? null);
    if (known?.from === from) return known.micros;
    const micros = Number(routine === undefined ? q.spent.get(from) : q.spentBy.get(from, routine));
    spent.set(routine ?? null, { from, micros });
    return micros;
  }
  function allowedMicros(from: number, routine: string | null): number {
    const known = allowed.get(routine);
    if (known?.from === from) return known.micros;
    const micros = Number(q.allowed.get(from, routine));
    allowed.set(routine, { from, micros });
    return micros;
  }
  return {
    reserve(row) {
      const { run, routine, micros, purpose } = row;
      const id = Number(q.reserve.run(run, routine, micros, purpose).lastInsertRowid);
      held?.set(id, { ...row, id });
      return id;
    },
    release(reservation) {
      q.release.run(reservation);
      held?.delete(reservation);
    },
    reserved: () => [...reserved().values()].sort((a, b) => a.id - b.id),
    reservedMicros,
    addSpending({ at, run, routine, micros, purpose }) {
      q.spend.run(at, run, routine, micros, purpose);
      for (const known of [spent.get(routine), spent.get(null)]) if (known && at >= known.from) known.micros += micros;
    },
    spentMicros,
    standing: ({ run, routine }, from) => ({
      reserved: { run: reservedMicros({ run }), routine: reservedMicros({ routine }), all: reservedMicros({}) },
      spent: { routine: spentMicros(from, routine), all: spentMicros(from) },
      allowed: { routine: allowedMicros(from, routine), all: allowedMicros(from, null) },
    }),
    spentBetween: (from, to) => q.between.all(from, to) as { routine: string; purpose: string; micros: number }[],
    paidRuns: (from) =>
      new Map(
        (q.paidRuns.all(from) as { routine: string; runs: number }[]).map(({ routine, runs }) => [routine, runs]),
      ),
    addAllowance({ at, routine, micros }) {
      q.allow.run(at, routine, micros);
      allowed.delete(routine);
    },
    allowedMicros,
    anew() {
      held = null;
      spent.clear();
      allowed.clear();
    },
  };
}
