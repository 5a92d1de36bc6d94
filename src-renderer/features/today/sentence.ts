/** The first line of the day: what needs a person, counted once for all places that say it. */
import { capital, spelled } from '#ui/words.ts';
import type { Needs } from './needs-you.tsx';

export function sentenceOf({ proposals, broken, unwoken, failed }: Needs): string {
  const others = broken.length + unwoken.length + failed.length;
  const total = proposals.length + others;
  if (total === 0) return 'Nothing needs you.';
  if (others === 0)
    return proposals.length === 1
      ? 'One proposal waits for you.'
      : `${capital(spelled(total))} proposals wait for you.`;
  if (total > 1) return `${capital(spelled(total))} things need you.`;
  if (failed[0]) return 'One run failed.';
  return broken[0] ? 'One routine is broken.' : 'One routine will not be woken.';
}

export const workingWords = (working: number): string =>
  working === 0 ? '' : `${capital(spelled(working))} ${working === 1 ? 'run is' : 'runs are'} working. `;
