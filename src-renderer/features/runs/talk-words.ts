/** What people did with a session, in the words of a note. */
import { ArrowRightFromLine, GitFork, HandGrab, History, Undo2 } from 'lucide-react';
import type { NoteOf } from '#state/transcript.ts';
import { plural } from '#ui/words.ts';
import type { Words } from './note-row.tsx';

type Talk = Extract<
  NoteOf,
  {
    type:
      | 'turn.interrupted'
      | 'files.saved'
      | 'history.rewound'
      | 'history.inherited'
      | 'run.forked'
      | 'run.handed_over';
  }
>;

export function talkWords(event: Talk): Words {
  switch (event.type) {
    case 'turn.interrupted':
      return { icon: HandGrab, words: 'You cut in; what it was doing is stopped', tone: 'waiting' };
    case 'files.saved':
      return { icon: History, words: `The files of turn ${event.turn} were not kept`, more: event.why ?? undefined };
    case 'history.rewound':
      return {
        icon: Undo2,
        words: `Back at turn ${event.turn}, with the files of then`,
        more: 'What is marked above is left behind: the agent does not know of it any more.',
        tone: 'waiting',
      };
    case 'history.inherited': {
      const { from, messages } = event;
      const { run, turn, how } = from;
      const more = `${plural(messages.length, 'message')} without the agent's thinking, and the files of then.`;
      if (how === 'bundle')
        return { icon: GitFork, words: `Goes on from turn ${turn} of ${run}, which was elsewhere`, more };
      return { icon: GitFork, words: `Goes on from turn ${turn} of another run`, more, run };
    }
    case 'run.forked':
      return { icon: GitFork, words: `Another run goes on from turn ${event.turn}`, run: event.to };
    case 'run.handed_over':
      return {
        icon: ArrowRightFromLine,
        words: `Handed over after turn ${event.turn}`,
        more: 'It goes on elsewhere, and never here again.',
      };
  }
}
