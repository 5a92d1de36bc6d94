/** Where a history stood after each of its turns, so that it can be gone back to; what a turn adds is not copied. */
import type { Event } from '#contract/events.ts';
import type { History } from './conversation.ts';
import { hasOpenUse } from './web-use.ts';

interface Mark extends History {
  /** Lists only grow, so their length says what was in them. */
  lengths: { messages: number; said: number; instructions: number };
}

export interface Marks {
  /** Call it with every event before it is applied. */
  before(event: Event, history: Readonly<History>): void;
  /** Notes where the history stands, if a turn is whole and was not noted yet. */
  take(history: Readonly<History>): void;
  /** Null: there is no such turn, or it was never whole. */
  at(turn: number): History | null;
}

/** After these a turn that was whole has something behind it. */
const ends: ReadonlySet<Event['type']> = new Set([
  ...(['turn.started', 'message.added', 'run.ended', 'history.rewound', 'history.compacted'] as const),
  ...(['model.switched', 'thinking.dropped', 'person.said', 'skill.handed_over'] as const),
]);

export function createMarks(): Marks {
  const marks = new Map<number, Mark>();

  function take(history: Readonly<History>): void {
    const { turns, pending, messages, said, instructions, webUses } = history;
    if (turns === 0 || pending.length > 0 || marks.has(turns)) return;
    // What was looked up and nobody has looked through is not whole, nor is what is still being looked up.
    if (webUses.length > 0 || hasOpenUse(messages)) return;
    const lengths = { messages: messages.length, said: said.length, instructions: instructions.length };
    marks.set(turns, { ...copied(history), lengths });
  }

  return {
    before: (event, history) => void (ends.has(event.type) && take(history)),
    take,
    at(turn) {
      const mark = marks.get(turn);
      if (!mark) return null;
      const { lengths, ...history } = mark;
      return {
        ...copied(history),
        messages: history.messages.slice(0, lengths.messages),
        said: history.said.slice(0, lengths.said),
        instructions: history.instructions.slice(0, lengths.instructions),
      };
    },
  };
}

/** What is changed in place and does not only grow. */
const copied = (history: Readonly<History>): History => ({
  ...history,
  held: [...history.held],
  usedSkills: new Map(history.usedSkills),
  workedBy: new Set(history.workedBy),
});
