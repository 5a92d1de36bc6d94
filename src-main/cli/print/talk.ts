/** What people did with a session, in lines for the terminal. */
import type { Event } from '#contract/events.ts';
import type { Run } from '#contract/runs.ts';
import { type SessionState, sessionState, sessionStateWords } from '#contract/session-state.ts';
import type { Paint } from './paint.ts';
import { counted, when } from './words.ts';

/** As of the answer, or of `now` where the run came with events. */
export function sessionWords(paint: Paint, run: Run, now = Date.now()): string {
  const state = run.session ?? sessionState(run, now);
  return painted(paint, state)(sessionStateWords[state]);
}

function painted(paint: Paint, state: SessionState): (text: string) => string {
  if (state === 'working') return paint.cyan;
  if (state === 'needs_input') return paint.yellow;
  if (state === 'failed') return paint.red;
  return state === 'completed' ? paint.green : paint.dim;
}

/** Where it comes from and who goes on from it, and what can still be said to it. */
export function talkFacts(run: Run, zone: string): string[] {
  const { origin, forks = [], unheard = 0, talkableUntil, handedOver } = run;
  return [
    ...(origin ? [`goes on from turn ${origin.turn} of ${origin.run}`] : []),
    ...(forks.length > 0 ? [`${forks.join(', ')} ${forks.length === 1 ? 'goes' : 'go'} on from it`] : []),
    ...(unheard > 0 ? [`${counted(unheard, 'message')} of yours not told yet`] : []),
    ...(talkableUntil && run.session !== 'completed' ? [`can be talked to until ${when(talkableUntil, zone)}`] : []),
    ...(handedOver ? [`handed over ${when(handedOver, zone)}`] : []),
  ];
}

/** Nothing for every other event. */
export function talkLines(event: Event): string[] {
  switch (event.type) {
    case 'person.said':
      return [`You${event.interrupt ? ', cutting in' : ''}: ${event.text}`];
    case 'turn.interrupted':
      return ['Interrupted; it goes on with what you said'];
    case 'files.saved':
      return event.why ? [`The files of turn ${event.turn} could not be kept: ${event.why}`] : [];
    case 'files.restored':
      return ['The files are those of then again'];
    case 'history.rewound':
      return [`Back at turn ${event.turn}; what came after it is left behind`];
    case 'history.inherited':
      return [`Goes on from turn ${event.from.turn} of ${event.from.run}`];
    case 'run.forked':
      return [`${event.to} goes on from turn ${event.turn}`];
    case 'run.handed_over':
      return [`Handed over after turn ${event.turn}; it goes on elsewhere`];
    default:
      return [];
  }
}
