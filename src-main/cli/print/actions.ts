/** What a run asks to do, in one line. */
import type { Action } from '#contract/questions.ts';
import { money } from './words.ts';

export function actionLine(action: Action): string {
  switch (action.kind) {
    case 'tool_call':
      return action.command ?? `${action.tool} ${action.path ?? ''}`.trim();
    case 'host':
      return `reach ${action.host} for the rest of the run`;
    case 'budget':
      return `spend ${money(action.addMicros)} more, beyond ${money(action.capMicros)}`;
    case 'goal':
      return `go on towards its goal after ${action.rounds === 1 ? 'a round' : `${action.rounds} rounds`}: ${action.reason}`;
    case 'handover':
      return `go on after ${action.denials} denied calls (${action.codes.join(', ')})`;
  }
}

/** One line of at most 80 characters. */
export function clip(text: string): string {
  const [first = '', ...more] = text.split('\n');
  return more.length > 0 || first.length > 80 ? `${first.slice(0, 79)}…` : first;
}
