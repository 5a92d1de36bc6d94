/** What people did with a session, in lines for the terminal. */
import type { Event } from '#contract/events.ts';

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
