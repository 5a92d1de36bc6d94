/** Questions of runs: an answer is recorded once, from whichever door it comes first, and wakes the run that asked. */
import { Fault } from '#contract/faults.ts';
import type { Answer, Door, Question } from '#contract/questions.ts';
import type { Purse } from '#core/budget/purse.ts';
import type { Grants } from '#core/grants/grants.ts';
import type { Clock } from '#core/ports.ts';
import type { Store, Writer } from '#core/store/event-log.ts';

export interface Questions {
  /** Throws `not_found`. */
  get(id: string): Question;
  list(filter: { state?: string | undefined; run?: string | undefined; limit: number }): Question[];
  /**
   * Records the answers, all or none, and lets their runs go on. Throws `not_found`, and `conflict` when one is answered
   * already, is past its deadline, or is not the question that was shown (`bind`); for `always` as `Grants.fromAnswer`.
   */
  answer(answers: readonly Answer[], door: Door): Question[];
  /** Questions whose deadline has come count as denied, and their runs go on. True: there were some. */
  expire(): boolean;
}

interface Parts {
  store: Store;
  clock: Clock;
  purse: Pick<Purse, 'allow'>;
  grants: Pick<Grants, 'fromAnswer' | 'give'>;
  /** Starts what may run now; called after a commit. */
  wake(): void;
}

export function createQuestions({ store, clock, purse, grants, wake }: Parts): Questions {
  function get(id: string): Question {
    const question = store.read.question(id);
    if (question) return question;
    throw new Fault('not_found', `There is no question "${id}".`, {
      field: 'question',
      cure: 'See `nightshift questions list`.',
    });
  }

  function require(given: Answer): Question {
    const question = get(given.question);
    const { id, state, deadline, bind } = question;
    if (state !== 'open' && state !== 'expired')
      throw new Fault('conflict', `The question ${id} is not open any more: ${state}.`, {
        field: 'question',
        cure: 'See what is open: `nightshift questions list`.',
      });
    if (state === 'expired' || Date.parse(deadline) <= clock.now())
      throw new Fault('conflict', `The question ${id} could be answered until ${deadline}.`, {
        field: 'question',
        cure: 'It counts as denied; give the routine more time with `routines edit --answer-within`.',
      });
    if (bind !== given.bind)
      throw new Fault('conflict', `The answer is for something else than the question ${id} asks.`, {
        field: 'bind',
        cure: `Look at it again: \`nightshift questions show ${id}\`.`,
      });
    return question;
  }

  /** What nobody answered in time counts as denied from its deadline on, whoever comes first. */
  function expire(): boolean {
    const overdue = store.read.overdueQuestions(new Date(clock.now()).toISOString());
    if (overdue.length === 0) return false;
    store.commit((writer) => {
      for (const question of overdue) settle(writer, question, 'expired', 'deadline', null);
    });
    wake();
    return true;
  }

  return {
    get,
    list: (filter) => store.read.questions(filter),
    answer(answers, door) {
      expire();
      store.commit((writer) => {
        for (const given of answers) {
          const question = require(given);
          const state = given.decision === 'approve' ? 'approved' : 'denied';
          const grant = given.always ? granted(writer, question, given, door) : undefined;
          settle(writer, question, state, door, given.note || null, grant);
        }
      });
      wake();
      return answers.map(({ question }) => get(question));
    },
    expire,
  };

  /** In the same commit as the answer: neither is there without the other. */
  function granted(writer: Writer, question: Question, { decision }: Answer, door: Door): string {
    if (decision !== 'approve')
      throw new Fault('input', 'Only an approval can hold for good.', {
        field: 'always',
        cure: 'To forbid it for good, add a deny rule to the routine.',
      });
    const { granted, hash } = grants.fromAnswer(question);
    return grants.give(writer, question.routine, hash, granted, door, { kind: 'question', question: question.id }).id;
  }

  function settle(
    writer: Writer,
    { id, run, routine, action }: Question,
    state: 'approved' | 'denied' | 'expired',
    by: Door | 'deadline',
    note: string | null,
    grant?: string,
  ): void {
    writer.append({ type: 'question.answered', run, question: id, state, by, note, ...(grant ? { grant } : {}) });
    if (state === 'approved' && action.kind === 'budget' && action.scope !== 'run')
      purse.allow(writer, action.scope === 'routine_day' ? routine : null, action.addMicros);
    // Others of the run may have asked, too: whoever has an answer goes on, and it is parked anew on what is left.
    if (!store.read.run(run)?.parkedOn) return;
    writer.append({ type: 'run.resumed', run, why: 'answered' });
    writer.outbox.add('run', run);
  }
}

/** Call in the commit in which a run ends: nobody needs to answer it any more. */
export function withdrawQuestions(store: Store, writer: Writer, run: string): void {
  for (const { id } of store.read.questions({ run, state: 'open', limit: 1000 }))
    writer.append({ type: 'question.answered', run, question: id, state: 'withdrawn', by: 'nightshift', note: null });
}
