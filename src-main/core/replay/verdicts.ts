/** Verdicts of a recorded run, found again by the engine of now from what their models said then, and held against the record. */
import type { VerdictCheck } from '#contract/cassettes.ts';
import type { Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { criteriaOf } from '#contract/rubric.ts';
import type { CheckRound } from '#contract/runs.ts';
import type { Purse } from '#core/budget/purse.ts';
import { askBeside, type SideParts } from '#core/budget/side-call.ts';
import { createBook } from '#core/goal/book.ts';
import { judgeGoal } from '#core/goal/judge.ts';
import { createShown } from '#core/goal/shown.ts';
import { gradeResult } from '#core/outcomes/grade-result.ts';
import { fromRecord } from '#core/outcomes/looks.ts';
import { classify, type Ruling } from '#core/permissions/classifier.ts';
import { inspectWithModel, probeSystem, unwrapped } from '#core/permissions/injection-probe.ts';
import { createWitness } from '#core/permissions/witness.ts';
import type { ResolvedModel } from '#core/ports.ts';
import { canonical } from '#core/questions/bind.ts';
import { createAsked } from '#core/session/asked.ts';
import type { PendingCall } from '#core/session/conversation.ts';
import { payerOf } from '#core/session/limits.ts';
import type { Store } from '#core/store/event-log.ts';
import { prepare } from '#core/tools/toolbox.ts';
import type { SidePurpose } from './answers.ts';
import type { Speakers } from './speakers.ts';
import { asDraft, type Tape } from './tape.ts';

type Of<T extends Event['type']> = Extract<Event, { type: T }>;

export interface VerdictParts {
  store: Store;
  tape: Tape;
  speakers: Speakers;
  purse: Purse;
  run: string;
  spec: RoutineSpec;
  seenAt: string;
  /** The change up to a commit that was judged, where it is known. */
  changes: ReadonlyMap<string, string>;
}

export interface VerdictReplay {
  /** Alive. */
  checks: readonly VerdictCheck[];
  /** What was judged when the session had come to rest. */
  afterGo(): Promise<void>;
  /** `events`: what is recorded of the call, not committed yet. */
  beforeCall(call: PendingCall, events: readonly Event[]): Promise<void>;
  afterCall(call: PendingCall, events: readonly Event[]): Promise<void>;
}

const never = new AbortController().signal;

export function createVerdictReplay(parts: VerdictParts): VerdictReplay {
  const { store, tape, speakers, run, spec } = parts;
  const checks: VerdictCheck[] = [];
  const log = readAlong(store, run);

  const side = (model: ResolvedModel): SideParts => {
    const payer = () => payerOf({ store, run, spec }, createAsked().asked);
    return { store, clock: tape.clock, purse: parts.purse, model, payer };
  };
  const say = (model: ResolvedModel, purpose: SidePurpose) => (system: string, text: string) =>
    askBeside(side(model), { purpose, system, text }, never);

  /** What differs is a finding; that nobody could be asked is one, too. */
  async function hold(about: Pick<VerdictCheck, 'what' | 'call'>, before: unknown, work: () => Promise<unknown>) {
    const turn = store.read.run(run)?.turns ?? 0;
    let after: unknown;
    try {
      after = await work();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      after = { error: error.message };
    }
    checks.push({ ...about, turn, before: canonical(before), after: canonical(after) });
  }

  /** Of one commit they are recorded once. */
  const proven = (own: CheckRound | null) => own ?? log().book.checks;

  async function judged(event: Of<'goal.judged'>): Promise<void> {
    const { verdict, reason, quote, commit, unjudged, unusable } = event;
    const model = speakers.side('judge');
    const patch = parts.changes.get(commit);
    if (!model || patch === undefined || (unjudged && !unusable)) return;
    const record = { pieces: log().shown, patch, checks: proven(event.checks) };
    await hold({ what: 'goal', call: null }, { verdict, reason, quote }, async () => {
      const { unusable: _, ...now } = await judgeGoal(say(model, 'judge'), spec.goal, record);
      return now;
    });
  }

  async function graded({ result, criteria, explanation, commit, checks: own, iteration }: Of<'outcome.graded'>) {
    const model = speakers.side('grader');
    const patch = parts.changes.get(commit);
    const wanted = criteriaOf(spec.rubric);
    if (patch === undefined || (!model && wanted.length > 0)) return;
    const hands = fromRecord((tool, input) =>
      tape.take('grading.looked', (look) => look.tool === tool && JSON.stringify(look.input) === input),
    );
    const last = iteration >= spec.iterations;
    const work = { task: spec.prompt, criteria: wanted, artifacts: spec.artifacts, patch, checks: proven(own), last };
    await hold({ what: 'rubric', call: null }, { result, criteria, explanation }, () =>
      gradeResult(model && side(model), hands, work, never),
    );
  }

  return {
    checks,
    async afterGo() {
      for (;;) {
        const next = tape
          .rest()
          .find(({ type }) => type === 'goal.judged' || type === 'outcome.graded' || ends.has(type));
        if (next?.type === 'goal.judged') await judged(next);
        else if (next?.type === 'outcome.graded') await graded(next);
        else return;
        const taken = tape.take(next.type);
        store.commit((writer) => taken && writer.append(asDraft(taken)));
      }
    },
    async beforeCall({ id, name, input }, events) {
      const decided = events.find((event) => event.type === 'permission.decided');
      const model = name === 'Skill' ? null : speakers.side('classifier');
      const prepared = prepare(name, input);
      if (!model || decided?.type !== 'permission.decided' || 'failure' in prepared) return;
      const { words, calls } = log().seen;
      const facts = { words, calls, present: { tool: name, input: prepared.input } };
      const { decision, code } = decided;
      await hold({ what: 'classifier', call: id }, { decision, code }, async () =>
        decisionOf(await classify(say(model, 'classifier'), facts, parts.seenAt)),
      );
    },
    async afterCall({ id }, events) {
      const finished = events.find((event) => event.type === 'tool.finished');
      const model = speakers.side('probe');
      if (!model || finished?.type !== 'tool.finished') return;
      const inspect = inspectWithModel((text) => say(model, 'probe')(probeSystem, text));
      const tainted = events.some(({ type }) => type === 'run.tainted');
      await hold({ what: 'probe', call: id }, { tainted }, async () => {
        return { tainted: (await inspect(unwrapped(finished.text, id), never)) !== null };
      });
    },
  };
}

const ends: ReadonlySet<Event['type']> = new Set([
  ...(['message.added', 'message.finished', 'question.asked', 'run.ended'] as const),
]);

function decisionOf(ruling: Ruling): { decision: string; code: string | null } {
  if (ruling.kind === 'allow') return { decision: 'allow', code: null };
  return ruling.kind === 'deny'
    ? { decision: 'deny', code: ruling.code }
    : { decision: 'ask', code: 'auto.unavailable' };
}

/** The replay's own events as far as they are committed, folded once each. */
function readAlong(store: Store, run: string) {
  const [witness, shown, book] = [createWitness(), createShown(), createBook()];
  let after = 0;
  return () => {
    for (const event of store.events({ after, run, limit: Number.MAX_SAFE_INTEGER })) {
      after = event.seq;
      for (const fold of [witness, shown, book]) fold.apply(event);
    }
    return { seen: witness.seen, shown: shown.pieces, book: book.book };
  };
}
