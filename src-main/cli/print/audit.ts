/** The audit log for people. */
import type { AuditRecord, AuditVerdict } from '#contract/audit.ts';
import type { Paint } from './paint.ts';
import { facts, table } from './table.ts';

export function verdictLines(paint: Paint, verdict: AuditVerdict): string[] {
  const { first, breaks, unsigned, keys } = verdict;
  const state = first
    ? paint.red(`broken: ${first.kind.replace('_', ' ')} at record ${first.seq} of ${first.run}`)
    : paint.green('as it was written');
  return [
    ...facts(paint, [
      ['audit log', state],
      ['detail', first?.detail],
      [
        'runs',
        `${verdict.runs}${verdict.pruned > 0 ? `, of which ${verdict.pruned} without their records (retention)` : ''}`,
      ],
      ['records', String(verdict.records)],
      [
        'checkpoints',
        `${verdict.signed} signed${unsigned > 0 ? `, ${unsigned} unsigned: no keychain gave a key` : ''}`,
      ],
      ['signed with', keys.join('\n')],
    ]),
    ...breaks
      .slice(1)
      .map(({ run, seq, kind, detail }) => paint.red(`${run} ${seq}: ${kind.replace('_', ' ')}. ${detail}`)),
  ];
}

const widest = 100;

export function recordTable(paint: Paint, zone: string, records: AuditRecord[]): string[] {
  if (records.length === 0) return ['No record of this run is like that.'];
  const time = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  const rows = records.map((record) => [
    String(record.seq),
    time.format(new Date(record.ts)),
    record.actor,
    record.tool ? `${record.what} ${record.tool}` : record.what,
    [record.decision, record.code, record.exit === null ? null : `exit ${record.exit}`].filter(Boolean).join(' '),
    shorten(record.input_redacted ?? (record.checkpoint ? checkpointWords(record) : '')),
  ]);
  return table(paint, ['#', 'when', 'who', 'what', 'outcome', 'input'], rows);
}

function checkpointWords({ checkpoint }: AuditRecord): string {
  return checkpoint?.key ? `signed with ${checkpoint.key.slice(0, 16)}…` : 'not signed: no keychain gave a key';
}

function shorten(text: string): string {
  return text.length > widest ? `${text.slice(0, widest)}…` : text;
}
