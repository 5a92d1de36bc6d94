/** Questions about the same action, so that one answer covers them all. */
import type { Action, Question } from '#contract/questions.ts';

export interface QuestionGroup {
  key: string;
  /** Never empty; who waited longest comes first. */
  questions: readonly [Question, ...Question[]];
}

/** In the order of `questions`: a group stands where its first question does. */
export function groupsOf(questions: readonly Question[]): QuestionGroup[] {
  return [...Map.groupBy(questions, ({ action }) => sameAs(action))].map(([key, members]) => ({
    key,
    questions: members as [Question, ...Question[]],
  }));
}

export const openIn = ({ questions }: Pick<QuestionGroup, 'questions'>): Question[] =>
  questions.filter(({ state }) => state === 'open');

/** Same tool and input with the same effect; the same host; else the same kind of thing. */
function sameAs(action: Action): string {
  switch (action.kind) {
    case 'tool_call':
      return JSON.stringify([action.tool, action.command ?? action.input, action.cwd, action.patch]);
    case 'host':
      return `host ${action.host}`;
    case 'budget':
      return `budget ${action.scope}`;
    case 'goal':
      return JSON.stringify(['goal', action.why, action.condition, action.reason]);
    case 'handover':
      return 'handover';
  }
}
