/** Transactions of one connection: each is committed at once, or small ones together with the next. */
import type { Sql } from './database.ts';

export interface Transactions {
  /** Runs `work` in one transaction with all that waits, and commits it: all of `work` or nothing. Throws what it throws. */
  commit<T>(work: () => T): T;
  /** Runs `work`, whose effect is seen at once on this connection only, and leaves it to wait. `again` does the same once more. */
  hold<T>(work: () => T, again: () => void): T;
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
}

export function createTransactions(sql: Sql, { begun, ending, takenBack }: Heard): Transactions {
  const begin = sql.prepare('BEGIN IMMEDIATE');
  const commit = sql.prepare('COMMIT');
  const rollBack = sql.prepare('ROLLBACK');
  /** Others have gone on from it: where it was taken back, it is done again before anything else is. */
  const held: (() => void)[] = [];
  /** Somebody's work is being done: what it asks for in passing belongs to it. */
  let busy = false;

  function open(): void {
    if (sql.inTransaction) return;
    begin.run();
    begun();
    for (const again of held) within(again);
  }

  function within<T>(work: () => T): T {
    busy = true;
    try {
      return work();
    } finally {
      busy = false;
    }
  }

  /** Nothing of a transaction that could not be opened or committed stays. */
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
    ending();
    commit.run();
    held.length = 0;
  }

  /** What waits is not lost with work that fails: all is taken back, and that done again. Cheaper than a savepoint each time. */
  function beside<T>(work: () => T): T {
    whole(open);
    try {
      return whole(() => within(work));
    } catch (error) {
      if (held.length > 0) {
        whole(open);
        whole(close);
      }
      throw error;
    }
  }

  return {
    commit<T>(work: () => T): T {
      if (busy) throw new Error('A commit was asked for in the middle of another one.');
      const result = beside(work);
      whole(close);
      return result;
    },
    hold<T>(work: () => T, again: () => void): T {
      const result = beside(work);
      held.push(again);
      return result;
    },
    settle() {
      whole(() => {
        open();
        close();
      });
    },
    get holds() {
      return held.length > 0 && !busy;
    },
  };
}
