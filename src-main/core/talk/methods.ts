/** Talking to sessions as the doors ask for it. */
import type { Handlers } from '#contract/api.ts';
import type { Run } from '#contract/runs.ts';
import type { Talk } from './talk.ts';

/** `stated`: the run with its session's state of now. */
export function sessionMethods(
  talk: Talk,
  stated: (run: Run) => Run,
): Pick<Handlers['runs'], 'say' | 'fork' | 'rewind'> {
  return {
    say: async ({ run, text, interrupt, door }) => stated(talk.say(run, text, { interrupt, door })),
    fork: async ({ run, atTurn, prompt }) => ({ run: await talk.fork(run, { atTurn, prompt }) }),
    rewind: async ({ run, toTurn, prompt, door }) => stated(await talk.rewind(run, { toTurn, prompt, door })),
  };
}
