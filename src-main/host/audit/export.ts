/** An audit log in one file that can be checked on any machine, without the host that wrote it. */
import { type AuditExportLine, type AuditHead, type AuditVerdict, AuditExportLine as Line } from '#contract/audit.ts';
import { Fault } from '#contract/faults.ts';
import type { Signature } from './signer.ts';
import { verdictOf } from './verdict.ts';
import { type Finding, holds, readKeys, verifyRun } from './verify.ts';

export const headText = ({ run, seq, hash, prunedAt }: AuditHead): string =>
  `nightshift-audit-head/1\n${run}\n${seq}\n${hash}\n${prunedAt ?? ''}\n`;

/** `log`: each run's head and the text of its file, read when its turn comes. */
export async function* exportLines(
  at: string,
  keys: string[],
  runs: Iterable<AuditHead>,
  textOf: (run: string) => Promise<string | null>,
  sign: (text: string) => Promise<Signature | null>,
): AsyncGenerator<{ line: string }> {
  const line = (value: AuditExportLine) => ({ line: JSON.stringify(value) });
  yield line({ kind: 'export', format: 'nightshift-audit/1', at, keys });
  for (const head of runs) {
    const signed = await sign(headText(head));
    yield line({ kind: 'head', head, signature: signed?.signature ?? null, key: signed?.key ?? null });
    if (head.prunedAt) continue;
    const lines = ((await textOf(head.run)) ?? '').split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const text of lines) yield line({ kind: 'record', run: head.run, text });
  }
}

/** The answer of `audit verify --file`. Throws `input` for a file that is no export. `run`: only this one. */
export function verifyExport(text: string, run?: string): AuditVerdict {
  const [first, ...lines] = text.split('\n').filter(Boolean).map(parse);
  if (first?.kind !== 'export') throw noExport('it does not begin with the head of one');
  const keys = readKeys(first.keys);
  const findings: (Finding & { pruned: boolean })[] = [];
  const heads = lines.flatMap((line) => (line.kind === 'head' ? [line] : []));
  for (const { head, signature, key } of heads) {
    if (run !== undefined && head.run !== run) continue;
    const texts = lines.flatMap((line) => (line.kind === 'record' && line.run === head.run ? [`${line.text}\n`] : []));
    const finding = verifyRun({ run: head.run, text: texts.length > 0 ? texts.join('') : null, head, keys });
    if (finding.broken === null && signature !== null && !holds(headText(head), signature, keys.get(key ?? '')))
      finding.broken = {
        ...{ run: head.run, kind: 'bad_signature' as const, seq: head.seq },
        detail: 'The signature of its head in the export does not hold.',
      };
    findings.push({ ...finding, pruned: head.prunedAt !== null });
  }
  const known = new Set(heads.map(({ head }) => head.run));
  for (const line of lines)
    if (line.kind === 'record' && !known.has(line.run) && (run === undefined || line.run === run)) {
      known.add(line.run);
      findings.push({ ...verifyRun({ run: line.run, text: '', head: null, keys }), pruned: false });
    }
  if (run !== undefined && findings.length === 0)
    throw new Fault('not_found', `The export holds no run "${run}".`, { field: 'run' });
  return verdictOf(findings, keys);
}

function parse(line: string): AuditExportLine {
  try {
    return Line.parse(JSON.parse(line));
  } catch {
    throw noExport('a line of it cannot be read');
  }
}

function noExport(why: string): Fault {
  return new Fault('input', `This is no audit export: ${why}.`, {
    field: 'file',
    cure: 'Make one with `nightshift audit export --to <file>`.',
  });
}
