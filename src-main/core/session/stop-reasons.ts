/** What each stop reason of the API means for the session. One that is not listed is named and ends the run. */
import { Fault } from '#contract/faults.ts';
import type { History } from './history.ts';

export type Verdict = { kind: 'ask' } | { kind: 'finished' } | { kind: 'nudge'; text: string };

/** Answers that may be cut at the output limit in a row before the run gives up. */
const mostCuts = 3;
const cutNote = 'Your last answer was cut at the output limit. Go on from there, in smaller steps.';

/** Call it when every tool call of the last answer has its result. Throws `model.context_full`, `model.stopped_oddly`. */
export function afterStop(history: History): Verdict {
  switch (history.stopReason) {
    case null: // nothing asked yet, or something was added since
    case 'tool_use':
    case 'pause_turn': // the API wants the same history again, as it is
      return { kind: 'ask' };
    case 'end_turn':
    case 'stop_sequence':
      // Some servers end a turn that has tool calls in it: their results still want an answer.
      return awaitsAnswer(history) ? { kind: 'ask' } : { kind: 'finished' };
    case 'max_tokens':
      return cut(history);
    case 'model_context_window_exceeded':
      throw new Fault('model.context_full', 'The conversation has filled the context window of the model.', {
        cure: 'Give the routine a smaller task, or a model with a larger window.',
      });
    case 'refusal':
      throw new Fault('model.refused', 'The model refused to go on.', {
        cure: 'Reword the routine, or choose another model for it.',
      });
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
