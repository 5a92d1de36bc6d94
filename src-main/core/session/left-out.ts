/** An agent that proposes without a word on what it left out is asked for it, once; after that its silence is shown. */
import type { Event } from '#contract/events.ts';
import { Proposing } from '#core/tools/propose.ts';
import { failure, type ToolOutcome } from '#core/tools/tool.ts';

export const leftOutCode = 'tool.not_done_missing';

/** Null: nothing stands in the way of the proposal. `events`: of the run, oldest first. */
export function askForLeftOut(input: unknown, events: readonly Event[]): ToolOutcome | null {
  const read = Proposing.safeParse(input);
  if (!read.success || read.data.not_done.length > 0 || wasAsked(events)) return null;
  return failure(
    leftOutCode,
    'Not recorded yet: not_done is empty. Say what you did not do and what you did not verify: what you took on trust, ' +
      'could not run, or left as it was. If there is nothing, say in one item how you know. Then call Propose again; you are asked only this once.',
  );
}

/** Since a person, or the host, last wanted something of it. */
function wasAsked(events: readonly Event[]): boolean {
  const since = events.findLastIndex(({ type }) => type === 'message.added');
  return events.some((event, at) => at > since && event.type === 'tool.finished' && event.code === leftOutCode);
}
