/** Whether everybody who works for a run waits for the account, and its own agent for them: then none of its minutes pass. */
import type { AgentId } from '#contract/agents.ts';
import type { Event } from '#contract/events.ts';

/** Tools whose calls take as long as somebody else works. */
const hiring: ReadonlySet<string> = new Set(['Agent', 'SendMessage', 'TaskOutput']);

interface Speaker {
  /** An answer of it comes. */
  speaks: boolean;
  /** Names of its open calls. */
  calls: Map<string, string>;
  /** For the account; or to begin at all. */
  waits: 'no' | 'account' | 'begin';
}

export interface CrewTime {
  readonly allWait: boolean;
  apply(event: Event): void;
}

/** Folds all events of a run, oldest first. */
export function createCrewTime(): CrewTime {
  const own: Speaker = quiet('no');
  const agents = new Map<AgentId, Speaker>();

  return {
    get allWait() {
      const all = [...agents.values()];
      return all.some(({ waits }) => waits === 'account') && all.every(stands) && restsOnOthers(own);
    },
    apply(event) {
      switch (event.type) {
        case 'agent.started':
        case 'agent.continued':
          agents.set(event.agent, quiet('begin'));
          return;
        case 'agent.ended':
          agents.delete(event.agent);
          return;
        case 'run.resumed':
          // Whoever was in the middle of something begins it anew.
          for (const each of [own, ...agents.values()]) Object.assign(each, { speaks: false, waits: 'no' });
          return;
        case 'history.rewound':
          own.calls.clear();
          return;
      }
      const speaker = event.agent === undefined ? own : agents.get(event.agent);
      if (speaker) heard(speaker, event);
    },
  };
}

const quiet = (waits: Speaker['waits']): Speaker => ({ speaks: false, calls: new Map(), waits });
const restsOnOthers = ({ speaks, calls }: Speaker) => !speaks && [...calls.values()].every((name) => hiring.has(name));
const stands = (speaker: Speaker) => speaker.waits !== 'no' || (speaker.calls.size > 0 && restsOnOthers(speaker));

function heard(speaker: Speaker, event: Event): void {
  switch (event.type) {
    case 'turn.waiting':
      speaker.waits = 'account';
      break;
    case 'turn.started':
      Object.assign(speaker, { speaks: true, waits: 'no' });
      break;
    case 'message.finished':
    case 'answer.lost':
    case 'turn.interrupted':
      speaker.speaks = false;
      break;
    case 'tool.started':
      speaker.calls.set(event.call, event.name);
      speaker.waits = 'no';
      break;
    case 'tool.finished':
      speaker.calls.delete(event.call);
  }
}
