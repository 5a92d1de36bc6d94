/** Small facts beside the events: what a run works on, how far the ledger has counted, one-off due instants. */
import { RoutineSpec } from '#contract/routines.ts';
import type { Sql } from './database.ts';

export interface Account {
  /** Every due instant up to this one (milliseconds since the epoch) has its row. */
  to: number;
  /** Schedule, zone and pause by which was counted; another one counts from its own beginning. */
  plan: string;
}

export interface Records {
  saveSpec(run: string, spec: RoutineSpec): void;
  spec(run: string): RoutineSpec | undefined;
  /** Undefined for an unknown routine. */
  account(routine: string): Account | undefined;
  setAccount(routine: string, account: Account): void;
  addOneOff(routine: string, dueAt: number): void;
  /** One-off instants after `after`, soonest first. */
  oneOffs(routine: string, after: number): number[];
  forget(routine: string): void;
}

export function createRecords(sql: Sql): Records {
  const q = {
    saveSpec: sql.prepare('INSERT INTO run_specs VALUES (?, ?) ON CONFLICT(run) DO NOTHING'),
    spec: sql.prepare('SELECT body FROM run_specs WHERE run = ?').pluck(),
    account: sql.prepare('SELECT accounted_to AS "to", plan FROM accounts WHERE routine = ?'),
    setAccount: sql.prepare(
      `INSERT INTO accounts VALUES (?, ?, ?)
       ON CONFLICT(routine) DO UPDATE SET accounted_to = excluded.accounted_to, plan = excluded.plan`,
    ),
    addOneOff: sql.prepare('INSERT INTO one_offs VALUES (?, ?) ON CONFLICT DO NOTHING'),
    oneOffs: sql.prepare('SELECT due_at FROM one_offs WHERE routine = ? AND due_at > ? ORDER BY due_at').pluck(),
    dropOneOffs: sql.prepare('DELETE FROM one_offs WHERE routine = ?'),
    dropAccount: sql.prepare('DELETE FROM accounts WHERE routine = ?'),
  };
  return {
    saveSpec: (run, spec) => void q.saveSpec.run(run, JSON.stringify(spec)),
    spec(run) {
      const body = q.spec.get(run);
      return typeof body === 'string' ? RoutineSpec.parse(JSON.parse(body)) : undefined;
    },
    account: (routine) => q.account.get(routine) as Account | undefined,
    setAccount: (routine, { to, plan }) => void q.setAccount.run(routine, to, plan),
    addOneOff: (routine, dueAt) => void q.addOneOff.run(routine, dueAt),
    oneOffs: (routine, after) => q.oneOffs.all(routine, after) as number[],
    forget(routine) {
      q.dropOneOffs.run(routine);
      q.dropAccount.run(routine);
    },
  };
}
