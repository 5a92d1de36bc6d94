/** What screens ask of the state; counts on badges, titles and sentences all come from here. */

import { standingOf } from '#contract/aims.ts';
import type { Alert } from '#contract/alerts.ts';
import type { Occurrence, PauseAll } from '#contract/ledger.ts';
import type { Proposal } from '#contract/proposals.ts';
import type { Question } from '#contract/questions.ts';
import type { Routine } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import { taskRoutine } from '#contract/tasks.ts';
import type { State } from './model.ts';
import { isReport } from './report.ts';

export const runsNewestFirst = (state: State): Run[] =>
  Object.values(state.runs).sort((a, b) => (a.queuedAt < b.queuedAt ? 1 : -1));

export const proposalsNewestFirst = (state: State): Proposal[] =>
  Object.values(state.proposals).sort((a, b) => (a.openedAt < b.openedAt ? 1 : -1));

export const openProposals = (state: State): Proposal[] =>
  proposalsNewestFirst(state).filter((proposal) => proposal.state === 'open');

/** Who waited longest comes first; always the same of two that asked at once. */
export const questionsOldestFirst = (state: State): Question[] =>
  Object.values(state.questions).sort((a, b) => (`${a.askedAt} ${a.id}` < `${b.askedAt} ${b.id}` ? -1 : 1));

export const openQuestions = (state: State): Question[] =>
  questionsOldestFirst(state).filter((question) => question.state === 'open');

/** What nobody has put away. */
export const alertsNewestFirst = (state: State): Alert[] => Object.values(state.alerts).sort((a, b) => b.seq - a.seq);

/** Not those that stand still until a person answers, or a limit lifts. */
export const workingRuns = (state: State): Run[] =>
  runsNewestFirst(state).filter((run) => run.state !== 'ended' && run.parkedOn === null && !run.held);

/** Those that wait for a limit of their account; who goes on first comes first. */
export const heldRuns = (state: State): Run[] =>
  runsNewestFirst(state)
    .filter((run) => run.held)
    .sort((a, b) => ((a.held?.until ?? '') < (b.held?.until ?? '') ? -1 : 1));

export const brokenRoutines = (state: State): Routine[] => state.routines.filter((routine) => routine.problem);

/** Routines the operating system will not wake, though they have a due time. */
export const unwokenRoutines = (state: State): Routine[] =>
  state.routines.filter(
    ({ registration }) => registration.state === 'degraded' || registration.state === 'unavailable',
  );

/** Runs that failed since `from` (an ISO instant) and were not followed by another run of the same routine. */
export function failedRuns(state: State, from: string): Run[] {
  const newest = new Map<string, Run>();
  for (const run of runsNewestFirst(state)) {
    // A task stands for itself.
    const of = run.routine === taskRoutine ? run.id : run.routine;
    if (!newest.has(of)) newest.set(of, run);
  }
  return [...newest.values()].filter((run) => isMissed(run) && (run.endedAt ?? '') >= from);
}

/** It failed, or left nothing to review and has not reached what it was to reach. */
function isMissed(run: Run): boolean {
  if (run.outcome === 'failed') return true;
  const standing = standingOf(run);
  return (
    run.outcome === 'nothing_to_propose' && standing !== null && standing !== 'satisfied' && standing !== 'goal_met'
  );
}

/** Runs that ended since `from` (an ISO instant) with a report. Newest first. */
export const reportsSince = (state: State, from: string): Run[] =>
  runsNewestFirst(state).filter((run) => (run.endedAt ?? '') >= from && isReport(run));

export interface Counts {
  proposals: number;
  questions: number;
  working: number;
  broken: number;
}
export const counts = (state: State): Counts => ({
  proposals: openProposals(state).length,
  questions: openQuestions(state).length,
  working: workingRuns(state).length,
  broken: brokenRoutines(state).length,
});

/** The soonest due instant of all routines that is not skipped because all are paused. */
export function nextDue(state: State, paused: PauseAll | null = null): { routine: Routine; at: string } | null {
  const starts = (at: string) => !paused || (paused.until !== null && at >= paused.until);
  const due = state.routines.flatMap((routine) => {
    const at = routine.next.find(starts);
    return at ? [{ routine, at }] : [];
  });
  return due.sort((a, b) => (a.at < b.at ? -1 : 1))[0] ?? null;
}

/** States in which nothing ran at a due time. */
const unserved: readonly Occurrence['state'][] = ['coalesced', 'skipped', 'blocked', 'lost'];
/** Causes that a person did not choose, by a pause, a policy or a stop. */
const unwanted: readonly Occurrence['cause'][] = [
  ...(['machine_off', 'asleep', 'logged_out', 'host_down', 'clock_changed'] as const),
  ...(['too_late', 'coalesced', 'blocked', 'internal', null] as const),
];

/**
 * Due times since `from` (an ISO instant) that came to nothing although somebody counted on them, of routines that are
 * still there. Made up for: nothing of it when the routine has begun a run for a later due time, or by hand since.
 */
export function missedSince(state: State, from: string): Occurrence[] {
  const served = (row: Occurrence) =>
    state.ledger.some((other) => other.routine === row.routine && other.dueAt > row.dueAt && other.run !== null) ||
    Object.values(state.runs).some((run) => run.routine === row.routine && run.queuedAt > row.claimedAt);
  return state.ledger.filter(
    (row) =>
      row.dueAt >= from &&
      unserved.includes(row.state) &&
      unwanted.includes(row.cause) &&
      state.routines.some(({ id, problem }) => id === row.routine && !problem) &&
      !served(row),
  );
}

/** Rows of one routine or all, due at or after `from`. Newest first. */
export const ledgerSince = (state: State, from: string, routine?: string): Occurrence[] =>
  state.ledger.filter((row) => row.dueAt >= from && (routine === undefined || row.routine === routine));
