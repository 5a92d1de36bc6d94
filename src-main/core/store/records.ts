/** Small facts beside the events: what a run works on, how far the ledger has counted, one-off due instants. */
import { Fault } from '#contract/faults.ts';
import { RoutineSpec } from '#contract/routines.ts';
import type { Sql } from './database.ts';
import { createMoneyRecords, type MoneyRecords } from './money-records.ts';
import { createTimeRecords, type Span, type TimeRecords } from './time-records.ts';

/** Of one routine. Instants in milliseconds since the epoch. */
export interface Standing {
  accountedTo: number;
  /** What was so at `now`. */
  span: Span | undefined;
  /** A one-off instant between `accountedTo` and `to`, the latter included. */
  oneOff: boolean;
  /** The same of a trial run. */
  trial: boolean;
}

export interface Records extends TimeRecords, MoneyRecords {
  saveSpec(run: string, spec: RoutineSpec): void;
  /** Throws `unsupported` for one that another version wrote and this one cannot read. */
  spec(run: string): RoutineSpec | undefined;
  /** Every due instant up to this one (milliseconds since the epoch) has its row; undefined for an unknown routine. */
  accountedTo(routine: string): number | undefined;
  setAccountedTo(routine: string, instant: number): void;
  /**
   * Where every routine stands that is accounted for: all that were begun and not forgotten, or `only` that one. One
   * question for all, because asking for each of 500 takes longer than a due check may.
   */
  standings(now: number, to: number, only?: string): Map<string, Standing>;
  addOneOff(routine: string, dueAt: number): void;
  /** One-off instants after `after`, soonest first. */
  oneOffs(routine: string, after: number): number[];
  addTrial(routine: string, dueAt: number): void;
  /** Instants after `after` at which a trial run is due, soonest first; none of them is a one-off. */
  trials(routine: string, after: number): number[];
  forget(routine: string): void;
}

type StandingRow = [
  string,
  number,
  number,
  number,
  ...([number, Span['state'], string, string] | [null, null, null, null]),
];

const added = (trial: 0 | 1) =>
  `EXISTS (SELECT 1 FROM one_offs o WHERE o.routine = a.routine AND o.due_at > a.accounted_to AND o.due_at <= ? AND o.trial = ${trial})`;
const standings = `SELECT a.routine, a.accounted_to, ${added(0)}, ${added(1)}, s.from_ms, s.state, s.schedule, s.time_zone
  FROM accounts a LEFT JOIN spans s ON s.routine = a.routine
    AND s.from_ms = (SELECT MAX(from_ms) FROM spans WHERE routine = a.routine AND from_ms <= ?)`;

function standingOf([, accountedTo, oneOff, trial, from, state, schedule, timeZone]: StandingRow): Standing {
  const span = from === null ? undefined : { from, state, schedule, timeZone };
  return { accountedTo, span, oneOff: oneOff === 1, trial: trial === 1 };
}

export function createRecords(sql: Sql): Records {
  const q = {
    saveSpec: sql.prepare('INSERT INTO run_specs VALUES (?, ?) ON CONFLICT(run) DO NOTHING'),
    spec: sql.prepare('SELECT body FROM run_specs WHERE run = ?').pluck(),
    accounted: sql.prepare('SELECT accounted_to FROM accounts WHERE routine = ?').pluck(),
    setAccounted: sql.prepare(
      'INSERT INTO accounts VALUES (?, ?) ON CONFLICT(routine) DO UPDATE SET accounted_to = excluded.accounted_to',
    ),
    standings: sql.prepare(standings).raw(),
    standing: sql.prepare(`${standings} WHERE a.routine = ?`).raw(),
    addOneOff: sql.prepare('INSERT INTO one_offs(routine, due_at, trial) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    oneOffs: sql
      .prepare('SELECT due_at FROM one_offs WHERE routine = ? AND due_at > ? AND trial = ? ORDER BY due_at')
      .pluck(),
    dropOneOffs: sql.prepare('DELETE FROM one_offs WHERE routine = ?'),
    dropAccount: sql.prepare('DELETE FROM accounts WHERE routine = ?'),
  };
  const [time, money] = [createTimeRecords(sql), createMoneyRecords(sql)];
  return {
    ...time,
    ...money,
    anew() {
      time.anew();
      money.anew();
    },
    saveSpec: (run, spec) => void q.saveSpec.run(run, JSON.stringify(spec)),
    spec(run) {
      const body = q.spec.get(run);
      if (typeof body !== 'string') return undefined;
      const read = RoutineSpec.safeParse(JSON.parse(body));
      if (read.success) return read.data;
      const where = read.error.issues[0]?.path.join('.') || 'it';
      throw new Fault(
        'unsupported',
        `The run ${run} was begun by a version whose routines were other ones: ${where} cannot be read.`,
        {
          cure: 'Start the routine again.',
        },
      );
    },
    accountedTo: (routine) => q.accounted.get(routine) as number | undefined,
    setAccountedTo: (routine, instant) => void q.setAccounted.run(routine, instant),
    standings(now, to, only) {
      const rows = only === undefined ? q.standings.all(to, to, now) : q.standing.all(to, to, now, only);
      return new Map((rows as StandingRow[]).map((row) => [row[0], standingOf(row)]));
    },
    addOneOff: (routine, dueAt) => void q.addOneOff.run(routine, dueAt, 0),
    oneOffs: (routine, after) => q.oneOffs.all(routine, after, 0) as number[],
    addTrial: (routine, dueAt) => void q.addOneOff.run(routine, dueAt, 1),
    trials: (routine, after) => q.oneOffs.all(routine, after, 1) as number[],
    forget(routine) {
      q.dropOneOffs.run(routine);
      q.dropAccount.run(routine);
    },
  };
}
