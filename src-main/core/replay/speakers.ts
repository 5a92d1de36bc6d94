/** The models of a recorded run: each answers what it answered then, in that order, the ones beside the conversation among them. */
import { Fault } from '#contract/faults.ts';
import type { ModelChunk, ResolvedModel } from '#core/ports.ts';
import type { RecordedAnswer, SidePurpose } from './answers.ts';
import type { Tape } from './tape.ts';

export interface SpeakerParts {
  tape: Tape;
  /** Oldest first. */
  answers: readonly RecordedAnswer[];
  /** Answers over the wire with whatever was offered last. Costs nothing. */
  model(id: string): ResolvedModel;
  offer(answer: RecordedAnswer): void;
}

export interface Speakers {
  conversation(id: string): ResolvedModel;
  /** Null: what comes next on the tape, up to its present, is no answer of this purpose. */
  side(purpose: SidePurpose): ResolvedModel | null;
}

/** The engine wants an answer that was never given. `turn` null: in the middle of a tool call. */
export class TapeEnded extends Error {
  readonly turn: number | null;

  constructor(turn: number | null) {
    super('the recording ends here');
    this.turn = turn;
  }
}

export function createSpeakers({ tape, answers, model, offer }: SpeakerParts): Speakers {
  let next = 0;

  function speaker(id: string, choose: (turn: number) => RecordedAnswer): ResolvedModel {
    const own = model(id);
    return {
      ...own,
      async *stream(request, signal): AsyncIterable<ModelChunk> {
        const answer = choose(request.messages.filter(({ role }) => role === 'assistant').length + 1);
        next++;
        tape.passed(answer.at);
        offer(answer);
        const maxTokens = (answer.kind === 'message' && answer.longest) || request.maxTokens;
        yield* own.stream({ ...request, maxTokens }, signal);
      },
    };
  }

  const sideAnswer = (purpose: SidePurpose) => {
    const answer = answers[next];
    return answer?.kind === 'message' && answer.side?.purpose === purpose ? { answer, side: answer.side } : null;
  };

  return {
    conversation: (id) =>
      speaker(id, (turn) => {
        // Verdicts that nobody asks for any more are passed by.
        while (isSide(answers[next])) next++;
        const answer = answers[next];
        if (!answer) throw new TapeEnded(turn);
        return answer;
      }),
    side(purpose) {
      const first = sideAnswer(purpose);
      if (!first) return null;
      return speaker(first.side.model, () => {
        const found = sideAnswer(purpose);
        if (!found) throw new Fault('model.unreachable', 'The recording has no answer to this question.');
        return found.answer;
      });
    },
  };
}

const isSide = (answer: RecordedAnswer | undefined) => answer?.kind === 'message' && answer.side !== null;
