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

const nothing: Book = {
  ...{ rounds: 0, gradings: 0, judged: null, graded: null, question: null, stalls: 0, checks: null },
  fingerprints: new Set<string>(),
};

/** Folds a run's committed events, oldest first. `book` is alive: each `apply` changes it. */
export function createBook(): { book: Readonly<Book>; apply(event: Event): void } {
  const book: Book = { ...nothing };
  return { book, apply: (event) => void Object.assign(book, changeBy(event, book)) };
}

/** What of the book is another after the event. */
function changeBy(event: Event, book: Readonly<Book>): Partial<Book> {
  switch (event.type) {
    case 'message.added':
      // A person wants something else: everything counts from there.
      return event.from === 'person' ? { ...nothing, checks: book.checks } : {};
    case 'message.finished':
      return { judged: null, graded: null, question: null };
    case 'goal.judged':
      return {
        ...{ rounds: event.round, judged: event, question: null },
        checks: event.checks ?? book.checks,
        stalls: event.progress ? 0 : book.stalls + 1,
        fingerprints: new Set([...book.fingerprints, event.fingerprint]),
      };
    case 'outcome.graded':
      return { gradings: event.iteration, graded: event, checks: event.checks ?? book.checks };
    case 'question.asked':
      return event.question.action.kind === 'goal' ? { question: event.question } : {};
    case 'question.answered':
    case 'question.used':
      return answered(event, book);
    default:
      return {};
  }
}

function answered(event: Of<'question.answered' | 'question.used'>, { question }: Readonly<Book>): Partial<Book> {
  if (question?.id !== event.question) return {};
  const next = { question: reduceQuestion(question, event) ?? null };
  // A person wants it to go on: what stood still so far is forgiven.
  return event.type === 'question.used' ? { ...next, stalls: 0 } : next;
}

/** The same work with the same checks passing is the same state, however it was come by. */
export function fingerprintOf(patch: string, checks: CheckRound | null): string {
  const passing = (checks?.results ?? []).map(({ passed }) => (passed ? '1' : '0')).join('');
  return createHash('sha256').update(`${passing}\n${patch}`).digest('hex');
}
