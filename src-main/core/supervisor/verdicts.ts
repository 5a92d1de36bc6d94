/** The verdicts on what a session has left: found in the log where they are there already, else made now, paid from the run's purse. */
import type { Draft, Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { criteriaOf } from '#contract/rubric.ts';
import type { CheckRound, Run } from '#contract/runs.ts';
import { isHeldUp } from '#core/budget/failed-try.ts';
import { askBeside, type SideParts } from '#core/budget/side-call.ts';
import { type Book, createBook, fingerprintOf } from '#core/goal/book.ts';
import { judgeGoal, type Ruling } from '#core/goal/judge.ts';
import { createShown } from '#core/goal/shown.ts';
import { gradeResult } from '#core/outcomes/grade-result.ts';
import { onRecord } from '#core/outcomes/looks.ts';
import type { AskModel } from '#core/permissions/classifier.ts';
import type { Audit, Models, Repositories, RepositoryPlace, ResolvedModel, Sandbox } from '#core/ports.ts';
import { createAsked } from '#core/session/asked.ts';
import { payerOf } from '#core/session/limits.ts';
import type { SessionParts } from '#core/session/parts.ts';
import { inCheckout, runChecks } from './checks.ts';
import { type Ended, keepWork } from './keep-work.ts';
import type { Site } from './workplace.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

export interface PursueParts {
  models: Models;
  sandbox: Sandbox;
  repositories: Repositories;
  worktrees: string;
  checkouts: string;
  audit?: Audit;
  /** What is judged where it is no branch. Left out: the run's own, committed first. */
  result?(): Promise<Result>;
}

export interface Result {
  /** Names the work as it is: another one as soon as it is another. */
  commit: string;
  /** What was changed, where that can be told. */
  patch: string;
  /** What differs wherever there is progress. */
  state: string;
}

/** What is left of the run's own minutes. */
export interface Time {
  /** Aborts when they are over, when a person cuts in, or with the session. */
  signal: AbortSignal;
  /** Aborts when a person cuts in: what was not judged by then is thrown away. */
  cutIn: AbortSignal;
  /** Milliseconds; 0 and below: they are over. */
  left(): number;
  rest(): void;
}

export interface Verdicts {
  readonly book: Readonly<Book>;
  goal(): Promise<Of<'goal.judged'>>;
  /** Null: the time was up before there was a grade. */
  rubric(): Promise<Of<'outcome.graded'> | null>;
  /** Of the commit that is judged; null while none were run, or none with as much time as they may take. */
  checks(): CheckRound | null;
  /** The time of the run is up. */
  late(): boolean;
}

/**
 * Commits the work first: what is judged is a commit, on a clean checkout. Throws `repo.*`, a limit that lifts later, and
 * the reason of `time.cutIn`.
 */
export async function createVerdicts(
  parts: PursueParts,
  session: SessionParts,
  { site, own, time }: { site: Site; own: ResolvedModel; time: Time },
  end: Ended,
): Promise<Verdicts> {
  const { store, run, spec, signal } = session;
  const { repo } = site;
  const { sandbox, repositories, checkouts } = parts;
  const { book, shown, asked, apply } = readLog(session);
  const { commit, patch, state } = await (parts.result?.() ?? ofBranch({ ...parts, store }, run, repo, end));
  let proven = book.checks?.commit === commit ? book.checks : null;
  /** The time of the run ended a check before its own did: that says nothing of the work. */
  let cut = false;
  const late = () => time.left() <= 0;
  const whole = AbortSignal.any([signal, time.cutIn]);

  async function prove(): Promise<CheckRound | null> {
    if (spec.checks.length === 0) return null;
    if (proven) return proven;
    proven = await runChecks({ sandbox, repositories, checkouts }, run, repo, commit, spec, whole, time.left);
    cut = late();
    return proven;
  }

  /** For the record: of one commit once. */
  const fresh = (checks: CheckRound | null) => (checks === book.checks ? null : checks);

  const side = (model: ResolvedModel): SideParts => {
    const { clock, purse } = session;
    return { store, clock, purse, model, payer: () => payerOf({ store, run, spec }, asked) };
  };

  /** What one verdict is; a model that cannot be asked is no verdict, and ends the run where it stands. */
  async function rule(checks: CheckRound | null): Promise<Ruling & { unjudged: boolean; model?: string }> {
    let asked: { model?: string } = {};
    try {
      if (late()) return unjudged(tooLate);
      const model = await parts.models.second(own);
      if (!model) return unjudged('Recorded answers can judge nothing: choose a model for it.');
      const say: AskModel = (system, text, schema) =>
        askBeside(side(model), { purpose: 'judge', system, text, ...(schema ? { schema } : {}) }, time.signal);
      asked = { model: model.id };
      const ruling = await judgeGoal(say, spec.goal, { pieces: shown, patch, checks });
      return { ...ruling, ...asked, unjudged: ruling.unusable === true };
    } catch (error) {
      whole.throwIfAborted();
      if (time.signal.aborted) return unjudged(tooLate);
      if (isHeldUp(error) || !(error instanceof Fault) || !/^(model|limit)\./.test(error.code)) throw error;
      return { ...unjudged(`The judge could not be asked: ${error.message}`), ...asked };
    }
  }

  function record(draft: Draft): Event {
    const event = store.commit((writer) => writer.append(draft));
    apply(event);
    return event;
  }

  return {
    book,
    checks: () => (cut ? null : proven),
    late,
    async goal() {
      if (book.judged) return book.judged;
      const checks = await prove();
      const ruling = await rule(checks);
      const fingerprint = fingerprintOf(state, checks);
      const progress = !book.fingerprints.has(fingerprint);
      const known = { run, round: book.rounds + 1, commit, checks: fresh(checks), progress, fingerprint };
      return record({ type: 'goal.judged', ...known, ...ruling }) as Of<'goal.judged'>;
    },
    async rubric() {
      if (book.graded) return book.graded;
      const checks = await prove();
      if (late()) return null;
      const iteration = book.gradings + 1;
      const wanted = {
        ...{ task: spec.prompt, criteria: criteriaOf(spec.rubric), artifacts: spec.artifacts },
        ...{ patch, checks, last: iteration >= spec.iterations },
      };
      const where = { run, repo, commit, access: 'read' } as const;
      const graded = await inCheckout({ sandbox, repositories, checkouts }, where, (hands) =>
        gradeResult(own.rehearsal ? null : side(own), onRecord({ store, run }, hands), wanted, time.signal),
      ).catch((error: unknown) => {
        whole.throwIfAborted();
        if (time.signal.aborted) return null;
        throw error;
      });
      if (!graded) return null;
      return record({
        type: 'outcome.graded',
        run,
        iteration,
        commit,
        checks: fresh(checks),
        ...graded,
      }) as Of<'outcome.graded'>;
    },
  };
}

async function ofBranch(
  parts: PursueParts & Pick<SessionParts, 'store'>,
  run: string,
  repo: RepositoryPlace,
  end: Ended,
): Promise<Result> {
  const commit = await keepWork(parts, run, repo, end);
  const patch = await parts.repositories.patch(repo, (parts.store.read.run(run) as Run).base as string, commit);
  return { commit, patch, state: patch };
}

const tooLate = 'The time of the run was up before the goal could be judged.';
const unjudged = (reason: string) => ({ verdict: 'not_yet' as const, reason, quote: null, unjudged: true });

function readLog({ store, run, own }: SessionParts) {
  const { book, apply: note } = createBook();
  const { pieces: shown, apply: show } = createShown(
    own?.all.flatMap((tool) => (tool.class === 'report' ? [] : [tool.name])),
  );
  const { asked, apply: ask } = createAsked();
  const apply = (event: Event) => {
    note(event);
    show(event);
    ask(event);
  };
  for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) apply(event);
  return { book, shown, asked, apply };
}
