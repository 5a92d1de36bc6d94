/** What the working run on the stage says, numbered, so that a lost or doubled sentence is seen. */
import type { Stage } from '../fakes/staged-host.ts';
import { workingRun } from '../fakes/staged-night.ts';

/** One call with one sentence, and what else is to be read with it. */
export function speak(stage: Stage, number: number, more = ''): void {
  const content = [{ type: 'text', text: `sentence number ${number}.${more}` }];
  const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
  stage.say({
    type: 'message.finished',
    run: workingRun,
    turn: number + 1,
    content,
    stopReason: 'end_turn',
    usage,
    costMicros: 10,
  });
}
