/** What a routine's policies ask for beyond the usual, a sentence each. */
import type { Policies } from '#contract/policies.ts';
import { clock, day, span } from '#ui/words.ts';
import { usualPolicies } from './policy-draft.ts';

const minute = 60_000;
const late: Record<Policies['catchUp']['mode'], string> = {
  skip: 'What was missed is not run later.',
  latest: 'Of what was missed, the newest is run once.',
  each: 'Everything that was missed is run, oldest first.',
};
const overlaps: Record<Policies['overlap'], string> = {
  skip: 'While a run is open, a due time is skipped.',
  queue_one: 'While a run is open, one due time waits.',
  queue_all: 'While a run is open, every due time waits.',
  cancel_old: 'A new due time ends the run that is open.',
  parallel: 'Runs may go side by side.',
};

export function policyWords(policies: Policies, now: number): string[] {
  const { catchUp, jitter, minimumDistance, activeHours, pausedUntil, priority } = policies;
  const usual = usualPolicies;
  return [
    catchUp.mode !== usual.catchUp.mode && late[catchUp.mode],
    catchUp.mode !== 'skip' &&
      catchUp.within !== usual.catchUp.within &&
      `What is later than ${span(catchUp.within * minute)} is not run.`,
    catchUp.mode !== 'skip' && catchUp.sameDay && 'What was missed is run on the same day only.',
    policies.overlap !== usual.overlap && overlaps[policies.overlap],
    jitter > 0 && `Its start is put off by up to ${span(jitter * minute)}.`,
    minimumDistance > 0 && `At least ${span(minimumDistance * minute)} between two starts.`,
    activeHours && `Only from ${activeHours.from} to ${activeHours.to}.`,
    policies.onMains && 'Only on mains power.',
    policies.unmetered && 'Only on a network that is not metered.',
    !policies.keepAwake && 'The machine may go to sleep while it runs.',
    policies.wake && 'The machine is to be woken for it.',
    pausedUntil &&
      Date.parse(pausedUntil) > now &&
      `Paused until ${day(pausedUntil, now)} ${clock(pausedUntil)}, your time.`,
    priority !== 0 && `Priority ${priority}.`,
  ].filter((words) => typeof words === 'string');
}
