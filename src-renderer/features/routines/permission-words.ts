/** What a routine may do by itself and what happens with the rest, in words. */
import type { PermissionMode, RoutineSpec } from '#contract/routines.ts';
import { plural, span } from '#ui/words.ts';

export const modeWords: Record<PermissionMode, string> = {
  default: 'Asks for what no rule allows',
  acceptEdits: 'May edit, inside the sandbox',
  dontAsk: 'Only what its rules allow',
  auto: 'A classifier decides what no rule speaks of',
  plan: 'Read only: it reports, it changes nothing',
};

export const networkWords = (hosts: readonly string[]): string =>
  hosts.length === 0 ? 'no network' : plural(hosts.length, 'host');

const minute = 60_000;

export function askedWords({ whenAsked, answerWithin }: Pick<RoutineSpec, 'whenAsked' | 'answerWithin'>): string {
  return whenAsked === 'deny'
    ? 'What must be asked is denied, and it goes on without it'
    : `What must be asked waits for you, at most ${span(answerWithin * minute)}`;
}
