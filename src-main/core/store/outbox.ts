/** Work that must follow a commit, kept until it is done: found again after a crash, never lost, never doubled. */
import type { Sql } from './database.ts';

/**
 * `run`: a run that is not over; subject is the run id. `alarms`: the OS scheduler is to be brought in line; subject is
 * empty. `cancel`: a run whose place its routine's next occurrence took is to be stopped; subject is the run id. `cleanup`: the worktree, and for a pruned proposal the branch, are to go; subject is the proposal id. `forget`: the files that
 * were kept of the run's turns are to go some day; subject is the run id. `memory`: what a run has noted is to be kept or
 * offered; subject is the run id.
 */
export type Chore = 'run' | 'alarms' | 'cleanup' | 'cancel' | 'forget' | 'memory';

export interface Outbox {
  /** Idempotent. */
  add(kind: Chore, subject: string): void;
  done(kind: Chore, subject: string): void;
  pending(kind: Chore): string[];
}

export function createOutbox(sql: Sql): Outbox {
  const add = sql.prepare('INSERT INTO outbox(kind, subject) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const done = sql.prepare('DELETE FROM outbox WHERE kind = ? AND subject = ?');
  const pending = sql.prepare('SELECT subject FROM outbox WHERE kind = ? ORDER BY id').pluck();
  return {
    add: (kind, subject) => void add.run(kind, subject),
    done: (kind, subject) => void done.run(kind, subject),
    pending: (kind) => pending.all(kind) as string[],
  };
}
