/** The fault drill: what is broken on purpose in a scratch profile, and whether the account stayed true. */
import { z } from 'zod';

export const DrillFault = z.enum([
  'runner_killed', // kill -9 in the middle of a run
  'host_frozen', // stopped while something fell due, then continued
  'clock_forwards',
  'clock_back',
  'slept', // a night's sleep of the machine
  'disk_full', // in the middle of a run
  'key_revoked', // in the middle of a run
  'units_broken', // the OS scheduler's files edited and deleted
  'two_hosts', // at once
]);
export type DrillFault = z.infer<typeof DrillFault>;

export const DrillResult = z.object({
  fault: DrillFault,
  /** `held`: all that was expected was found. `skipped`: it cannot be tried here; `happened` says why. */
  state: z.enum(['held', 'failed', 'skipped']),
  /** Each one sentence: what was broken, what must be true afterwards, what was found. */
  done: z.string(),
  expected: z.string(),
  happened: z.string(),
  /** What shows it, one phrase each: ledger rows, counts, answers. */
  evidence: z.array(z.string()),
  /** What was not as expected, one phrase each; empty unless it failed. */
  problems: z.array(z.string()),
  milliseconds: z.int().min(0),
});
export type DrillResult = z.infer<typeof DrillResult>;

export const DrillItem = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('began'), fault: DrillFault, done: z.string() }),
  z.object({ kind: z.literal('result'), result: DrillResult }),
]);
export type DrillItem = z.infer<typeof DrillItem>;
