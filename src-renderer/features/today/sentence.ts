/** The first line of the day: what needs a person, counted once for all places that say it. */
import type { Question } from '#contract/questions.ts';
import { capital, spelled } from '#ui/words.ts';
import type { Needs } from './needs-you.tsx';

/** @param alerts how many nobody has put away */
export function sentenceOf({ proposals, questions, broken, unwoken, failed }: Needs, alerts: number): string {
  const waiting = new Set(questions.map(({ run }) => run)).size;
  const others = broken.length + unwoken.length + failed.length + waiting;
  const total = proposals.length + others;
  if (total === 0)
    return alerts === 0
      ? 'Nothing needs you.'
      : `${capital(spelled(alerts))} ${alerts === 1 ? 'alert' : 'alerts'} to look at.`;
  if (others === 0)
    return proposals.length === 1
      ? 'One proposal waits for you.'
      : `${capital(spelled(total))} proposals wait for you.`;
  if (waiting === total) return waitingWords(questions).trim();
  if (total > 1) return `${capital(spelled(total))} things need you.`;
  if (failed[0]) return 'One run failed.';
  return broken[0] ? 'One routine is broken.' : 'One routine will not be woken.';
}

export const workingWords = (working: number): string =>
  working === 0 ? '' : `${capital(spelled(working))} ${working === 1 ? 'run is' : 'runs are'} working. `;

/** Runs that stand still until a limit of their account lifts. */
export const heldWords = (held: number): string =>
  held === 0 ? '' : `${capital(spelled(held))} ${held === 1 ? 'run waits' : 'runs wait'} for a limit of the account. `;

/** Runs that stand still until a person answers. */
export function waitingWords(questions: readonly Question[]): string {
  const runs = new Set(questions.map(({ run }) => run)).size;
  return runs === 0
    ? ''
    : `${capital(spelled(runs))} ${runs === 1 ? 'run waits for your answer' : 'runs wait for your answers'}. `;
}
