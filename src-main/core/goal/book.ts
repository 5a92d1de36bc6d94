/** What the log says of a run's goal and rubric in its present go, so that after a restart nothing is judged twice. */
import { createHash } from 'node:crypto';
import type { Event } from '#contract/events.ts';
import type { Question } from '#contract/questions.ts';
import type { CheckRound } from '#contract/runs.ts';
import { reduceQuestion } from '#contract/state.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

export interface Book {
  rounds: number;
  gradings: number;
  /** Of the result as it is: null as soon as the agent has said something since. */
  judged: Of<'goal.judged'> | null;
  graded: Of<'outcome.graded'> | null;
  /** What a person was asked about `judged`. */
  question: Question | null;
  /** Rounds without progress up to the last one. */
  stalls: number;
  fingerprints: ReadonlySet<string>;
  /** The last that were run, of whatever commit. */
  checks: CheckRound | null;
}

/** Folds a run's committed events, oldest first. `book` is alive: each `apply` changes it. */
export function createBook(): { book: Readonly<Book>; apply(event: Event): void } {
  const fingerprints = new Set<string>();
  const book: Book = {
    ...{ rounds: 0, gradings: 0, judged: null, graded: null, question: null, stalls: 0, checks: null },
    fingerprints,
  };
  /** A person wants something else: everything counts from there. */
  function anew(): void {
    fingerprints.clear();
    Object.assign(book, { rounds: 0, gradings: 0, judged: null, graded: null, question: null, stalls: 0 });
  }
  return {
    book,
    apply(event) {
      if (event.type === 'message.added' && event.from === 'person') anew();
      else if (event.type === 'message.finished') Object.assign(book, { judged: null, graded: null, question: null });
      else if (event.type === 'goal.judged') {
        const { round: rounds, progress, checks } = event;
        fingerprints.add(event.fingerprint);
        const stalls = progress ? 0 : book.stalls + 1;
        Object.assign(book, { rounds, judged: event, question: null, stalls, checks: checks ?? book.checks });
      } else if (event.type === 'outcome.graded') {
        const { iteration: gradings, checks } = event;
        Object.assign(book, { gradings, graded: event, checks: checks ?? book.checks });
      } else if (event.type === 'question.asked' && event.question.action.kind === 'goal')
        book.question = event.question;
      else if (event.type === 'question.used') {
        // A person wants it to go on: what stood still so far is forgiven.
        if (book.question?.id === event.question) book.stalls = 0;
        book.question = reduceQuestion(book.question ?? undefined, event) ?? null;
      } else if (event.type === 'question.answered')
        book.question = reduceQuestion(book.question ?? undefined, event) ?? null;
    },
  };
}

/** The same work with the same checks passing is the same state, however it was come by. */
export function fingerprintOf(patch: string, checks: CheckRound | null): string {
  const passing = (checks?.results ?? []).map(({ passed }) => (passed ? '1' : '0')).join('');
  return createHash('sha256').update(`${passing}\n${patch}`).digest('hex');
}
