/** Says no to a schedule: why, in which field, and what to write instead. */
import { Fault } from '#contract/faults.ts';

/** A few of each kind, for whoever wrote what is not understood. */
export const examples = 'Write e.g. "0 3 * * *", "every weekday at 7:30" or "first monday of the month at 9".';

/** `why` completes the sentence that begins with what was written. */
export function refused(written: string, why: string, cure: string = examples): Fault {
  return new Fault('input', `"${written}" ${why}`, { field: 'schedule', cure });
}
