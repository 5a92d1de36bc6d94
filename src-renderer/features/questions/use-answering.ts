/** Sends answers as this page's door; each names what was seen. */
import type { Question } from '#contract/questions.ts';
import { ownDoor } from '#link/door.ts';
import { type Action, useAction } from '#state/use.ts';

/** `always`: approved, and from now on without asking. */
export type Decision = 'approve' | 'deny' | 'always';

/** As many as one call takes. */
const atOnce = 100;

export function useAnswering(): Action<[questions: readonly Question[], decision: Decision, note: string], true> {
  return useAction(async (client, questions: readonly Question[], decision: Decision, note: string) => {
    const more = note.trim() === '' ? {} : { note: note.trim() };
    const said =
      decision === 'always' ? { decision: 'approve' as const, always: true, ...more } : { decision, ...more };
    const answers = questions.map(({ id: question, bind }) => ({ question, bind, ...said }));
    for (let from = 0; from < answers.length; from += atOnce)
      await client.questions.answer({ answers: answers.slice(from, from + atOnce), door: ownDoor() });
    return true as const;
  });
}
