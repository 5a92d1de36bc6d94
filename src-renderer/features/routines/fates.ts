/** What a row of the ledger comes to, in the four kinds that plots tell apart. */
import type { Occurrence } from '#contract/ledger.ts';
import type { Run } from '#contract/runs.ts';

export const fates = ['ran', 'late', 'skipped', 'failed'] as const;
export type Fate = (typeof fates)[number];
/** And what has not been yet. */
export const kinds = [...fates, 'planned'] as const;
export type Kind = (typeof kinds)[number];

/** Null while it is open. */
export function fateOf(row: Occurrence, run: Run | undefined): Fate | null {
  if (row.state === 'claimed' || row.state === 'running') return null;
  if (row.state === 'blocked' || row.state === 'lost' || run?.outcome === 'failed') return 'failed';
  if (row.state === 'ran') return 'ran';
  return row.state === 'ran_late' ? 'late' : 'skipped';
}
