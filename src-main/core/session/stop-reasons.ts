/** What each stop reason of the API means for the session. One that is not listed is named and ends the run. */
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { Fault } from '#contract/faults.ts';
import type { History } from './conversation.ts';

/** With the words of the API, where it has any. */
export function refused(details?: Message['stop_details']): Fault {
  const { category, explanation } = details ?? {};
  const why = [explanation?.replace(/[.\s]+$/, '') || 'it gave no reason', category && `(${category})`];
  return new Fault('model.refused', `The model refused: ${why.filter(Boolean).join(' ')}.`, {
    cure: 'Reword the routine, choose another model for it, or name one that goes on: --fallback-model.',
  });
}

export type Verdict = { kind: 'ask' } | { kind: 'compact' } | { kind: 'finished' } | { kind: 'nudge'; text: string };

/** Answers that may be cut at the output limit in a row before the run gives up. */
const mostCuts = 3;
const cutNote = 'Your last answer was cut at the output limit. Go on from there, in smaller steps.';

const emptyNote = 'Your last answer was empty. Go on with the work, or end it as you were told.';

/** Call it when every tool call of the last answer has its result. Throws `model.refused`, `model.stopped_oddly`. */
export function afterStop(history: History): Verdict {
  switch (history.stopReason) {
    case null: // nothing asked yet, or something was added since
    case 'tool_use':
    case 'pause_turn': // the API wants the same history again, as it is
      return { kind: 'ask' };
    case 'end_turn':
    case 'stop_sequence':
      // Some servers end a turn that has tool calls in it: their results still want an answer.
      if (awaitsAnswer(history)) return { kind: 'ask' };
      return saidNothing(history) ? { kind: 'nudge', text: emptyNote } : { kind: 'finished' };
    case 'max_tokens':
      return cut(history);
    case 'model_context_window_exceeded':
      // Results of the calls in it are part of what is summarised.
      return { kind: 'compact' };
    case 'refusal':
      throw refused();
    default:
      throw new Fault(
        'model.stopped_oddly',
        `The model stopped for a reason that Nightshift does not handle: ${history.stopReason}.`,
        {
          cure: 'Run it again; if it stops like this every time, choose another model.',
        },
      );
  }
}

/** An answer to results of tool calls that has no word in it is more often a slip than an end; told once. */
function saidNothing({ emptyAnswers, messages }: History): boolean {
  const before = messages.at(-2);
  const results = Array.isArray(before?.content) && before.content[0]?.type === 'tool_result';
  return emptyAnswers === 1 && results;
}

/** The last message is ours: results of tool calls. */
function awaitsAnswer(history: History): boolean {
  return history.messages.at(-1)?.role === 'user';
}

function cut(history: History): Verdict {
  // A cut answer with tool calls gets their results first; the last of them says that it was cut.
  if (awaitsAnswer(history)) return { kind: 'ask' };
  if (history.cutAnswers <= mostCuts) return { kind: 'nudge', text: cutNote };
  throw new Fault('model.stopped_oddly', 'The model was cut at the output limit again and again.', {
    cure: 'Split the task, or raise limits.dollars if the cap made the answers short.',
  });
}
