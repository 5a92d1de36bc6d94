/** Transactions of one connection: each is committed at once, or small ones together with the next. */
import { diskFailed } from './data-faults.ts';
import type { Sql } from './database.ts';

export interface Transactions {
  /** Runs `work` in one transaction with all that waits, and commits it: all of `work` or nothing. Throws what it throws. */
  commit<T>(work: () => T): T;
  /** Runs `work`, whose effect is seen at once on this connection only, and leaves it to wait. Done once more, it does the same. */
  hold<T>(work: () => T): T;
  /** Commits what waits. */
  settle(): void;
  /** Something waits, and nobody is at work on more. */
  readonly holds: boolean;
}

interface Heard {
  /** In each transaction before anything is done in it; what it throws ends that transaction. */
  begun(): void;
  /** When all is done in it, before it is committed. */
  ending(): void;
  /** What was seen of a transaction was never so. */
  takenBack(): void;
  /** What waited is committed by now, though what should have been committed with it is not. */
  kept(): void;
  /** What waited could not be committed. */
  lost(error: unknown): void;
}

export function createTransactions(sql: Sql, { begun, ending, takenBack, kept, lost }: Heard): Transactions {
  const begin = sql.prepare('BEGIN IMMEDIATE');
  const commit = sql.prepare('COMMIT');
  const rollBack = sql.prepare('ROLLBACK');
  /** What waits in the open transaction, to be done again where that is taken back because of something else. */
  const held: (() => unknown)[] = [];
  /** Somebody's work is being done: what it asks for in passing belongs to it. */
  let busy = false;

  /** SQLite takes a whole transaction back by itself where the disk fails in the middle of it, whoever was reading. */
  function whatWaitsIsThere(): void {
    if (held.length === 0 || sql.inTransaction) return;
    const error = diskFailed('it was taken back in the middle');
    takenBack();
    lose(error);
    throw error;
  }

  function open(): void {
    if (sql.inTransaction) return;
    begin.run();
    begun();
  }

  function within<T>(work: () => T): T {
    busy = true;
    try {
      return work();
    } finally {
      busy = false;
    }
  }

  /** Nothing of a transaction in which anything failed stays. */
  function whole<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      if (sql.inTransaction) rollBack.run();
      takenBack();
      throw error;
    }
  }

  function close(): void {
    whatWaitsIsThere();
    try {
      whole(() => {
        ending();
        commit.run();
      });
      held.length = 0;
    } catch (error) {
      lose(error);
      throw error;
    }
  }

  function lose(error: unknown): void {
    if (held.length === 0) return;
    held.length = 0;
    lost(error);
  }

  /** What waits is not lost with work that fails: all is taken back, and that done again. Cheaper than a savepoint each time. */
  function beside<T>(work: () => T): T {
    if (busy) throw new Error('A commit was asked for in the middle of another one.');
    whatWaitsIsThere();
    try {
      return whole(() => {
        open();
        return within(work);
      });
    } catch (error) {
      if (held.length > 0) restore();
      throw error;
    }
  }

  function restore(): void {
    try {
      whole(() => {
        open();
        for (const work of held) within(work);
      });
    } catch (error) {
      lose(error);
    }
    if (held.length === 0) return;
    close();
    kept();
  }

  return {
    commit<T>(work: () => T): T {
      const result = beside(work);
      close();
      return result;
    },
    hold<T>(work: () => T): T {
      const result = beside(work);
      held.push(work);
      return result;
    },
    settle: close,
    get holds() {
      return held.length > 0 && !busy;
    },
  };
}
