/** A session with an aim: each time its agent ends its turn the result is judged, until it holds, or a person or a limit says stop. */
import type { Event } from '#contract/events.ts';
import type { Question } from '#contract/questions.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { CheckRound } from '#contract/runs.ts';
import { goalGap, gradingGap, wentOn } from '#core/goal/told.ts';
import type { ResolvedModel } from '#core/ports.ts';
import { createAgent } from '#core/session/agent.ts';
import { ask } from '#core/session/ask.ts';
import { createHistory } from '#core/session/history.ts';
import { deadline, timeLimit } from '#core/session/limits.ts';
import type { SessionEnd, SessionParts } from '#core/session/parts.ts';
import { type Ended, standsStill } from './keep-work.ts';
import type { SturdyHands } from './sturdy-hands.ts';
import { createVerdicts, type PursueParts, type Time, type Verdicts } from './verdicts.ts';
import type { Site } from './workplace.ts';

export interface Pursued {
  end: SessionEnd;
  /** Checks of the commit that was judged last; null: none were run. */
  proven: CheckRound | null;
}

type Judged = Extract<Event, { type: 'goal.judged' }>;
/** `late`: the time of the run was up before there was a verdict. */
type Next = { kind: 'again' } | { kind: 'parked'; question: Question } | { kind: 'over' | 'late' };

export const hasRubric = ({ rubric, artifacts }: RoutineSpec): boolean => rubric !== '' || artifacts.length > 0;

/**
 * `own`: the run's model as it is. `ready`: the first checks are over. `apart`: does its work while no process of the run
 * exists. Throws as `Agent.work`, and `repo.*`.
 */
export async function pursue(
  parts: PursueParts,
  session: SessionParts,
  { site, own, ready, apart }: { site: Site; own: ResolvedModel; ready: Promise<void>; apart: SturdyHands['apart'] },
): Promise<Pursued> {
  const { spec } = session;
  const agent = createAgent(session);
  for (;;) {
    const end = await agent.work();
    const aimless = spec.goal === '' && !hasRubric(spec);
    if (standsStill(end) || aimless || (end.kind === 'limit' && unpaid.has(end.code))) return { end, proven: null };
    const time = timeOf(session, end.kind === 'finished');
    const { next, proven } = await judge(end, time).finally(time.rest);
    if (next.kind === 'parked') return { end: { kind: 'parked', question: next.question.id }, proven: null };
    if (next.kind === 'again') continue;
    const late = next.kind === 'late' && end.kind === 'finished';
    return { end: late ? { ...end, kind: 'limit', ...timeLimit(spec) } : end, proven };
  }

  async function judge(end: Ended, time: Time): Promise<{ next: Next; proven: CheckRound | null }> {
    try {
      await ready;
      const verdicts = await apart(() => createVerdicts(parts, session, { site, own, time }, end));
      const next = await look(session, verdicts, end.kind === 'finished');
      return { next, proven: verdicts.checks() };
    } catch (error) {
      // The agent is told the words first, and what it makes of them is judged then.
      if (time.cutIn.aborted && error === time.cutIn.reason && !session.signal.aborted)
        return { next: { kind: 'again' }, proven: null };
      throw error;
    }
  }
}

/** Limits that leave nothing for a judge, or say that a person has to look first. */
const unpaid: ReadonlySet<string> = new Set([
  ...['limit.dollars', 'limit.day', 'limit.tokens', 'limit.denials'],
  'limit.time',
]);

/** Judging takes of the run's own minutes, and a person who cuts in ends it, where the agent can go on (`hears`). */
function timeOf(session: SessionParts, hears: boolean): Time {
  const { store, clock, run, spec } = session;
  const { history, apply } = createHistory();
  for (const event of store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER })) apply(event);
  const end = clock.now() + Math.max(0, spec.limits.minutes * 60_000 - history.workedMs);
  const { signal, rest } = deadline(session, history);
  const words = new AbortController();
  const deaf = store.listen((item) => {
    if (!hears || item.kind !== 'event' || item.event.type !== 'person.said') return;
    if (item.event.run === run && item.event.interrupt) words.abort('cut_in');
  });
  return {
    signal: AbortSignal.any([signal, words.signal]),
    cutIn: words.signal,
    left: () => end - clock.now(),
    rest() {
      rest();
      deaf();
    },
  };
}

/** `mayGoOn`: the agent has turns and time left. */
async function look(session: SessionParts, verdicts: Verdicts, mayGoOn: boolean): Promise<Next> {
  const { spec } = session;
  if (spec.goal !== '') {
    const judged = await verdicts.goal();
    if (judged.verdict !== 'met' && verdicts.late()) return late;
    if (judged.verdict !== 'met') return mayGoOn ? notMet(session, verdicts, judged) : over;
  }
  if (!hasRubric(spec)) return over;
  const graded = await verdicts.rubric();
  if (!graded) return late;
  const gaps = graded.criteria.filter(({ verdict }) => verdict === 'needs_revision');
  if (graded.result !== 'needs_revision' || gaps.length === 0 || !mayGoOn) return over;
  return again(session, gradingGap(graded, spec.iterations));
}

const over: Next = { kind: 'over' };
const late: Next = { kind: 'late' };

function notMet(session: SessionParts, { book, checks }: Verdicts, judged: Judged): Next {
  const { spec, run, store } = session;
  const { question, stalls } = book;
  const why = judged.verdict === 'impossible' ? 'impossible' : stalls >= spec.goalRounds ? 'no_progress' : null;
  if (judged.unjudged && !judged.unusable) return over;
  if (!why && !question) return again(session, goalGap(spec.goal, judged, checks(), session.own ? 'folder' : 'branch'));
  if (question) {
    if (question.state !== 'approved' || question.usedAt) return over;
    store.commit((writer) => {
      writer.append({ type: 'question.used', run, question: question.id });
      writer.append({ type: 'message.added', run, text: wentOn(spec.goal, question.note), from: 'nightshift' });
    });
    return { kind: 'again' };
  }
  if (!why || spec.whenAsked === 'deny') return over;
  const { reason, quote, round: rounds } = judged;
  const action = { kind: 'goal' as const, why, condition: spec.goal, reason, quote, rounds } as const;
  const words =
    why === 'impossible'
      ? `The goal is judged impossible: ${reason}`
      : `Nothing has changed for ${stalls} rounds, and the goal ${judged.unjudged ? 'could not be judged' : 'is not met'}: ${reason}`;
  return { kind: 'parked', question: ask(session, { action, code: `goal.${why}`, why: words }) };
}

function again({ store, run }: SessionParts, text: string): Next {
  store.commit((writer) => writer.append({ type: 'message.added', run, text, from: 'nightshift' }));
  return { kind: 'again' };
}

/** As the event says them; null: the run has none. */
export const aimsOf = (spec: RoutineSpec): { goal: string | null; iterations: number | null } | null => {
  const aims = { goal: spec.goal || null, iterations: hasRubric(spec) ? spec.iterations : null };
  return aims.goal === null && aims.iterations === null ? null : aims;
};
