/** Where each run's audit chain ends, kept apart from its file: a tail that was cut off or a file that is gone is seen. */
import type { AuditHead, AuditRecord } from '#contract/audit.ts';
import type { Sql } from './database.ts';

export interface AuditMark extends AuditHead {
  /** Sequence number of the last event that is in the file. */
  event: number;
  /** Size of the file, in bytes. */
  bytes: number;
}

export interface AuditHeads {
  put(mark: AuditMark): void;
  get(run: string): AuditMark | undefined;
  /** By run id, which is the order of creation. */
  all(): AuditMark[];
  /** Runs with events after `seq`, oldest first. */
  behind(seq: number): string[];
}

interface Row extends Omit<AuditMark, 'checkpoint'> {
  checkpoint: string | null;
}

export function createAuditHeads(sql: Sql): AuditHeads {
  const columns = 'run, seq, hash, event, bytes, checkpoint, pruned_at AS prunedAt';
  const q = {
    put: sql.prepare('REPLACE INTO audit_heads VALUES (?, ?, ?, ?, ?, ?, ?)'),
    get: sql.prepare(`SELECT ${columns} FROM audit_heads WHERE run = ?`),
    all: sql.prepare(`SELECT ${columns} FROM audit_heads ORDER BY run`),
    behind: sql
      .prepare('SELECT run FROM events WHERE run IS NOT NULL AND seq > ? GROUP BY run ORDER BY MIN(seq)')
      .pluck(),
  };
  const revive = (row: Row): AuditMark => ({
    ...row,
    checkpoint: row.checkpoint === null ? null : (JSON.parse(row.checkpoint) as AuditRecord),
  });
  return {
    put: ({ run, seq, hash, event, bytes, checkpoint, prunedAt }) =>
      void q.put.run(run, seq, hash, event, bytes, checkpoint && JSON.stringify(checkpoint), prunedAt),
    get(run) {
      const row = q.get.get(run) as Row | undefined;
      return row && revive(row);
    },
    all: () => (q.all.all() as Row[]).map(revive),
    behind: (seq) => q.behind.all(seq) as string[],
  };
}
