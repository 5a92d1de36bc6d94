/** Many findings as one answer. */
import type { AuditVerdict } from '#contract/audit.ts';
import type { Finding, Keys } from './verify.ts';

export function verdictOf(findings: readonly (Finding & { pruned: boolean })[], keys: Keys): AuditVerdict {
  const sum = (of: (finding: Finding) => number) => findings.reduce((total, finding) => total + of(finding), 0);
  const breaks = findings.flatMap(({ broken }) => broken ?? []);
  return {
    ok: breaks.length === 0,
    runs: findings.length,
    records: sum(({ records }) => records),
    signed: sum(({ signed }) => signed),
    unsigned: sum(({ unsigned }) => unsigned),
    pruned: findings.filter(({ pruned }) => pruned).length,
    keys: [...keys.keys()],
    first: breaks[0] ?? null,
    breaks,
  };
}
