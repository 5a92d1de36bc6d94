/** What became of an instant, from the rows on the stage; and rows of a hard month to ask about. */
import type { Occurrence, Why } from '#contract/ledger.ts';
import * as records from './records.ts';
import type { Stage } from './staged-host.ts';

const day = 86_400_000;
const iso = (at: number) => new Date(at).toISOString();

export function whyOf(rows: readonly Occurrence[], routine: string, at: string): Why {
  const mine = rows.filter((row) => row.routine === routine);
  const occurrence = mine.find((row) => at >= (row.from ?? row.dueAt) && at <= row.dueAt) ?? null;
  if (!occurrence) return { due: false, occurrence, sentence: 'Nothing was due then.', evidence: [] };
  const sentence = `Due then and ${occurrence.state}${occurrence.reason ? `: ${occurrence.reason}` : '.'}`;
  const claimed = { kind: 'ledger' as const, from: occurrence.claimedAt, to: null, text: 'The row was written.' };
  const slept = { kind: 'asleep' as const, from: occurrence.from ?? at, to: at, text: 'The machine was asleep' };
  return { due: true, occurrence, sentence, evidence: occurrence.cause === 'asleep' ? [slept, claimed] : [claimed] };
}

/** Ten due times slept through in one row, and one that the battery held back. Returns the newest instant of the ten. */
export function stageHardMonth(stage: Stage, routine: string, now = Date.now()): string {
  const two = Math.floor(now / day) * day + 2 * 3_600_000;
  const add = (row: Partial<Occurrence> & { dueAt: string }) =>
    stage.say({
      type: 'occurrence.claimed',
      routine,
      occurrence: records.occurrence({ routine, run: null, claimedAt: iso(now - 20 * day), ...row }),
    });
  const dueAt = iso(two - 21 * day);
  add({
    ...{ dueAt, from: iso(two - 30 * day), count: 10, state: 'coalesced', cause: 'asleep' },
    reason: 'The machine was asleep; a newer due time stands for these.',
  });
  add({
    ...{ dueAt: iso(two - 18 * day), state: 'skipped', cause: 'on_battery' },
    reason: 'The machine was on battery.',
  });
  return dueAt;
}
