/** The verdicts on what a session has left: found in the log where they are there already, else made now, paid from the run's purse. */
import type { Draft, Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { criteriaOf } from '#contract/rubric.ts';
import type { CheckRound, Run } from '#contract/runs.ts';
import { askBeside, type SideParts } from '#core/budget/side-call.ts';
import { type Book, createBook, fingerprintOf } from '#core/goal/book.ts';
import { judgeGoal, type Ruling } from '#core/goal/judge.ts';
import { createShown } from '#core/goal/shown.ts';
import { gradeResult } from '#core/outcomes/grade-result.ts';
import type { AskModel } from '#core/permissions/classifier.ts';
import type { Audit, Models, Repositories, ResolvedModel, Sandbox } from '#core/ports.ts';
import { createAsked } from '#core/session/asked.ts';
import { payerOf } from '#core/session/limits.ts';
import type { SessionParts } from '#core/session/session.ts';
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
}

export interface Verdicts {
  readonly book: Readonly<Book>;
  goal(): Promise<Of<'goal.judged'>>;
  rubric(): Promise<Of<'outcome.graded'>>;
  /** Of the commit that is judged; null while none were run. */
  checks(): CheckRound | null;
}

/** Commits the work first: what is judged is a commit, on a clean checkout. Throws `repo.*`. */
export async function createVerdicts(
  parts: PursueParts,
  session: SessionParts,
  { site, own }: { site: Site; own: ResolvedModel },
  end: Ended,
): Promise<Verdicts> {
  const { store, run, spec, signal } = session;
  const { repo } = site;
  const { sandbox, repositories, checkouts } = parts;
  const { book, shown, asked, apply } = readLog(session);
  const commit = await keepWork({ ...parts, store }, run, repo, end);
  const patch = await repositories.patch(repo, (store.read.run(run) as Run).base as string, commit);
  let proven = book.checks?.commit === commit ? book.checks : null;

  async function prove(): Promise<CheckRound | null> {
    if (spec.checks.length === 0) return null;
    proven ??= await runChecks({ sandbox, repositories, checkouts }, run, repo, commit, spec, signal);
    return proven;
  }

  /** For the record: of one commit once. */
  const fresh = (checks: CheckRound | null) => (checks === book.checks ? null : checks);

  const side = (model: ResolvedModel): SideParts => {
    const { clock, purse } = session;
    return { store, clock, purse, model, payer: () => payerOf({ store, run, spec }, asked) };
  };

  /** What one verdict is; a model that cannot be asked is no verdict, and ends the run where it stands. */
  async function rule(checks: CheckRound | null): Promise<Ruling & { unjudged: boolean }> {
    try {
      const model = await parts.models.second(own);
      if (!model) return unjudged('Recorded answers can judge nothing: choose a model for it.');
      const say: AskModel = (system, text, schema) =>
        askBeside(side(model), { purpose: 'judge', system, text, ...(schema ? { schema } : {}) }, signal);
      return { ...(await judgeGoal(say, spec.goal, { pieces: shown, patch, checks })), unjudged: false };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Fault) || !/^(model|limit)\./.test(error.code)) throw error;
      return unjudged(`The judge could not be asked: ${error.message}`);
    }
  }

  function record(draft: Draft): Event {
    const event = store.commit((writer) => writer.append(draft));
    apply(event);
    return event;
  }

  return {
    book,
    checks: () => proven,
    async goal() {
      if (book.judged) return book.judged;
      const checks = await prove();
      const ruling = await rule(checks);
      const fingerprint = fingerprintOf(patch, checks);
      const progress = !book.fingerprints.has(fingerprint);
      const known = { run, round: book.rounds + 1, commit, checks: fresh(checks), progress, fingerprint };
      return record({ type: 'goal.judged', ...known, ...ruling }) as Of<'goal.judged'>;
    },
    async rubric() {
      if (book.graded) return book.graded;
      const checks = await prove();
      const iteration = book.gradings + 1;
      const wanted = {
        ...{ task: spec.prompt, criteria: criteriaOf(spec.rubric), artifacts: spec.artifacts },
        ...{ patch, checks, last: iteration >= spec.iterations },
      };
      const where = { run, repo, commit, access: 'read' } as const;
      const graded = await inCheckout({ sandbox, repositories, checkouts }, where, (hands) =>
        gradeResult(own.rehearsal ? null : side(own), hands, wanted, signal),
      );
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

const unjudged = (reason: string) => ({ verdict: 'not_yet' as const, reason, quote: null, unjudged: true });

function readLog({ store, run }: SessionParts) {
  const { book, apply: note } = createBook();
  const { pieces: shown, apply: show } = createShown();
  const { asked, apply: ask } = createAsked();
  const apply = (event: Event) => {
    note(event);
    show(event);
    ask(event);
  };
  for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) apply(event);
  return { book, shown, asked, apply };
}
