/** An audit log in one file that can be checked on any machine, without the host that wrote it. */
import { type AuditExportLine, type AuditHead, type AuditVerdict, AuditExportLine as Line } from '#contract/audit.ts';
import { Fault } from '#contract/faults.ts';
import type { Signature } from './signer.ts';
import { verdictOf } from './verdict.ts';
import { type Finding, holds, type Keys, readKeys, verifyRun } from './verify.ts';

/** `at`: of the export that the head is signed for, so that none can be carried into another one. */
const headText = ({ run, seq, hash, prunedAt }: AuditHead, at?: string): string =>
  `nightshift-audit-head/1\n${run}\n${seq}\n${hash}\n${prunedAt ?? ''}\n${at === undefined ? '' : `${at}\n`}`;

const listText = (at: string, runs: readonly string[]): string =>
  `nightshift-audit-export/1\n${at}\n${runs.join('\n')}\n`;

/** `log`: each run's head and the text of its file, read when its turn comes. */
export async function* exportLines(
  at: string,
  keys: string[],
  heads: readonly AuditHead[],
  textOf: (run: string) => Promise<string | null>,
  sign: (text: string) => Promise<Signature | null>,
): AsyncGenerator<{ line: string }> {
  const line = (value: AuditExportLine) => ({ line: JSON.stringify(value) });
  const runs = heads.map(({ run }) => run);
  const { signature = null, key = null } = (await sign(listText(at, runs))) ?? {};
  yield line({ kind: 'export', format: 'nightshift-audit/1', at, keys, runs, signature, key });
  for (const head of heads) {
    const signed = await sign(headText(head, at));
    yield line({ kind: 'head', head, signature: signed?.signature ?? null, key: signed?.key ?? null });
    if (head.prunedAt) continue;
    const lines = ((await textOf(head.run)) ?? '').split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const text of lines) yield line({ kind: 'record', run: head.run, text });
  }
}

type LineOf<K extends AuditExportLine['kind']> = Extract<AuditExportLine, { kind: K }>;

/** The answer of `audit verify --file`. Throws `input` for a file that is no export. `run`: only this one. */
export function verifyExport(text: string, run?: string): AuditVerdict {
  const [first, ...lines] = text.split('\n').filter(Boolean).map(parse);
  if (first?.kind !== 'export') throw noExport('it does not begin with the head of one');
  const keys = readKeys(first.keys);
  const heads = lines.flatMap((line) => (line.kind === 'head' ? [line] : []));
  const records = lines.flatMap((line) => (line.kind === 'record' ? [line] : []));
  const listed = listedRuns(first, heads, keys);
  const wanted = (each: string) => run === undefined || each === run;
  const findings: (Finding & { pruned: boolean })[] = [];
  for (const line of heads.filter(({ head }) => wanted(head.run)))
    findings.push({ ...findingOf(line, records, first, keys), pruned: line.head.prunedAt !== null });
  const known = new Set(heads.map(({ head }) => head.run));
  const strays = new Set(records.map((record) => record.run).filter((each) => wanted(each) && !known.has(each)));
  for (const each of strays) findings.push({ ...verifyRun({ run: each, text: '', head: null, keys }), pruned: false });
  for (const each of listed.filter((one) => wanted(one) && !known.has(one) && !strays.has(one)))
    findings.push({ ...verifyRun({ run: each, text: null, head: null, keys }), pruned: false });
  if (run !== undefined && findings.length === 0)
    throw new Fault('not_found', `The export holds no run "${run}".`, { field: 'run' });
  return verdictOf(findings, keys);
}

function findingOf(
  { head, signature, key }: LineOf<'head'>,
  records: readonly LineOf<'record'>[],
  { runs, at }: LineOf<'export'>,
  keys: Keys,
): Finding {
  const texts = records.filter(({ run }) => run === head.run).map(({ text }) => `${text}\n`);
  const finding = verifyRun({ run: head.run, text: texts.length > 0 ? texts.join('') : null, head, keys });
  const signed = headText(head, runs && at);
  if (finding.broken === null && signature !== null && !holds(signed, signature, keys.get(key ?? '')))
    finding.broken = {
      ...{ run: head.run, kind: 'bad_signature' as const, seq: head.seq },
      detail: 'The signature of its head in the export does not hold.',
    };
  return finding;
}

/** The runs that the export was made with; none is known of earlier versions. Throws `input` when the list was changed. */
function listedRuns(
  { at, runs, signature, key }: LineOf<'export'>,
  heads: readonly LineOf<'head'>[],
  keys: Keys,
): string[] {
  if (!runs) return [];
  // Where the heads could be signed the list could be, too.
  const stripped = !signature && heads.some((line) => line.signature !== null);
  if (stripped || (signature && !holds(listText(at, runs), signature, keys.get(key ?? ''))))
    throw noExport('the list of its runs was changed after it was signed');
  return runs;
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
