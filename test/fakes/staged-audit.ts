/** The audit log on the stage: records of one kind or the other, and whatever a check of them is to say. */
import type { Handlers } from '#contract/api.ts';
import type { AuditRecord, AuditVerdict } from '#contract/audit.ts';

export interface AuditOnStage {
  records: readonly AuditRecord[];
  verdict: AuditVerdict;
}

export const verdict: AuditVerdict = {
  ...{ ok: true, runs: 1, records: 1, signed: 0, unsigned: 1, pruned: 0, keys: [], first: null, breaks: [] },
};

export const noAudit: AuditOnStage = { records: [], verdict };

/** A record as the host writes it, with hashes of the right form only. */
export function auditRecord(run: string, seq: number, part: Partial<AuditRecord> = {}): AuditRecord {
  const hash = (n: number) => n.toString(16).padStart(64, '0');
  return {
    ...{ seq, ts: new Date(Date.now() - 3_600_000 + seq * 1000).toISOString(), run, event: seq, actor: 'agent' },
    ...{ what: 'permission.decided', tool: 'Bash', input_hash: null, input_redacted: null, decision: 'allow' },
    ...{ code: null, rule: null, policy_hash: null, sandbox_id: null, exit: null, bytes_in: null, bytes_out: null },
    ...{ hosts: null, files_changed_hash: null, checkpoint: null, prev: hash(seq - 1), hash: hash(seq) },
    ...part,
  };
}

export function stagedAudit(audit: () => AuditOnStage): Handlers['audit'] {
  return {
    verify: async () => audit().verdict,
    records: async ({ run, after, decision, limit }) =>
      audit()
        .records.filter((record) => record.run === run && record.seq > (after ?? 0))
        .filter((record) => decision === undefined || record.decision === decision)
        .slice(0, limit ?? 100),
    export: async () => (async function* () {})(),
    prune: async () => ({ pruned: [] }),
  };
}
