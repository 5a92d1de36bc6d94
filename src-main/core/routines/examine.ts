/** What the doctor says of the clock and of the folders of routines. */
import type { DoctorCheck } from '#contract/host.ts';
import { earliestNow } from '#core/ledger/account.ts';

/** Nothing to say about a clock that may be right. */
export function examineClock(now: number): DoctorCheck[] {
  if (now >= earliestNow) return [];
  const detail = `The system clock says ${new Date(now).toISOString()}: until it is set, nothing is due.`;
  return [{ name: 'Clock', state: 'failed', detail, cure: 'Set the date and time of this machine.' }];
}

export function examineFolders(strays: string[]): DoctorCheck[] {
  if (strays.length === 0) return [];
  const detail = `Never due, because a routine's folder has a name of lower-case letters, digits and inner hyphens: ${strays.map((name) => JSON.stringify(name)).join(', ')}.`;
  return [{ name: 'Routine folders', state: 'warning', detail, cure: 'Rename them, or move them away.' }];
}
