/** Tells what the loops of a session do, one line each. */
import type { Event } from '#contract/events.ts';
import type { LoopEnd } from '#contract/loops.ts';

type LoopEvent = Extract<Event, { type: `loop.${string}` | 'run.waiting' }>;

const endings: Record<LoopEnd, string> = {
  done: 'it has fired once, as asked',
  deleted: 'the agent deleted it',
  stopped: 'the agent stopped it',
  expired: 'its seven days leave no further firing',
  unpaced: 'the agent chose no further wake-up',
  session_ended: 'the session is over',
  left_behind: 'the run went back to a turn before it',
};

/** No line for what another line says already. */
export function loopLine(event: LoopEvent): string[] {
  switch (event.type) {
    case 'loop.created':
      return [`Loop ${event.loop}: ${event.words}${event.dueAt ? `, next ${event.dueAt}` : ''}`];
    case 'loop.scheduled':
      return [`Loop ${event.loop} wakes at ${event.dueAt}: ${event.reason}`];
    case 'loop.fired':
      return [`Loop ${event.loop} fires, due ${event.dueAt}${event.missed ? `, for ${event.missed} missed, too` : ''}`];
    case 'loop.ended':
      return [`Loop ${event.loop} is over: ${endings[event.why]}`];
    case 'run.waiting':
      return [`Waiting until ${event.until}`];
  }
}
