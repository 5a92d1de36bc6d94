/** The answer to "why did nothing happen then?" for people: one sentence, then what it rests on. */
import type { Why } from '#contract/ledger.ts';
import type { Paint } from './paint.ts';
import { indent, table } from './table.ts';
import { when } from './words.ts';

export function whyLines(paint: Paint, zone: string, { sentence, evidence }: Why): string[] {
  if (evidence.length === 0) return [sentence];
  const rows = evidence.map(({ kind, from, to, text }) => [
    when(from, zone),
    to === null ? '' : when(to, zone),
    kind.replaceAll('_', ' '),
    text,
  ]);
  return [sentence, '', ...indent(table(paint, ['FROM', 'TO', 'WHAT', 'EVIDENCE'], rows).join('\n'))];
}
