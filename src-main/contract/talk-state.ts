/** What talking to a session changes of its run. */
import type { Event } from './events.ts';
import type { Run } from './runs.ts';

/** The run as it is after `event`, which is of this run. */
export function reduceTalk(run: Run, event: Event): Run {
  switch (event.type) {
    case 'person.said':
      return { ...run, unheard: (run.unheard ?? 0) + 1 };
    case 'message.added': {
      const heard = event.said === undefined ? run : { ...run, unheard: Math.max(0, (run.unheard ?? 0) - 1) };
      return heard.waitingUntil ? { ...heard, waitingUntil: null, activity: 'Told something' } : heard;
    }
    case 'turn.interrupted':
      return { ...run, activity: 'Interrupted' };
    case 'history.rewound':
      return { ...run, activity: `Back at turn ${event.turn}` };
    case 'run.forked':
      return { ...run, forks: [...(run.forks ?? []), event.to] };
    case 'run.handed_over':
      return { ...run, handedOver: event.at, talkableUntil: undefined };
    // A person has decided, so there is nothing left to go on with.
    case 'proposal.approved':
    case 'proposal.rejected':
      return run.talkableUntil ? { ...run, talkableUntil: undefined } : run;
    default:
      return run;
  }
}
