/** What each stop reason of the API means for the session. One that is not listed is named and ends the run. */
import { Fault } from '#contract/faults.ts';
import type { History } from './history.ts';

export type Verdict = { kind: 'ask' } | { kind: 'finished' } | { kind: 'nudge'; text: string };

/** Answers that may be cut at the output limit in a row before the run gives up. */
const cutAnswers = 3;
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
      return { kind: 'finished' };
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

function cut(history: History): Verdict {
  const notes = history.messages.filter((message) => {
    const block = Array.isArray(message.content) ? message.content[0] : undefined;
    return message.role === 'user' && block?.type === 'text' && block.text === cutNote;
  }).length;
  // A cut answer with tool calls gets their results first, and those say that it was cut.
  const last = history.messages.at(-1);
  if (last?.role === 'user') return { kind: 'ask' };
  if (notes < cutAnswers) return { kind: 'nudge', text: cutNote };
  throw new Fault('model.stopped_oddly', 'The model was cut at the output limit again and again.', {
    cure: 'Split the task, or raise limits.dollars if the cap made the answers short.',
  });
}
