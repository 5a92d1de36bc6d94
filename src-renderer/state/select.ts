/** What screens ask of the state; counts on badges, titles and sentences all come from here. */
import type { Occurrence } from '#contract/ledger.ts';
import type { Proposal } from '#contract/proposals.ts';
import type { Routine } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import type { State } from './model.ts';
import { isReport } from './report.ts';

export const runsNewestFirst = (state: State): Run[] =>
  Object.values(state.runs).sort((a, b) => (a.queuedAt < b.queuedAt ? 1 : -1));

export const proposalsNewestFirst = (state: State): Proposal[] =>
  Object.values(state.proposals).sort((a, b) => (a.openedAt < b.openedAt ? 1 : -1));

export const openProposals = (state: State): Proposal[] =>
  proposalsNewestFirst(state).filter((proposal) => proposal.state === 'open');

export const workingRuns = (state: State): Run[] => runsNewestFirst(state).filter((run) => run.state !== 'ended');

export const brokenRoutines = (state: State): Routine[] => state.routines.filter((routine) => routine.problem);

/** Routines the operating system will not wake, though they have a due time. */
export const unwokenRoutines = (state: State): Routine[] =>
  state.routines.filter(
    ({ registration }) => registration.state === 'degraded' || registration.state === 'unavailable',
  );

/** Runs that failed since `from` (an ISO instant) and were not followed by another run of the same routine. */
export function failedRuns(state: State, from: string): Run[] {
  const newest = new Map<string, Run>();
  for (const run of runsNewestFirst(state)) if (!newest.has(run.routine)) newest.set(run.routine, run);
  return [...newest.values()].filter((run) => run.outcome === 'failed' && (run.endedAt ?? '') >= from);
}

/** Runs that ended since `from` (an ISO instant) with a report. Newest first. */
export const reportsSince = (state: State, from: string): Run[] =>
  runsNewestFirst(state).filter((run) => (run.endedAt ?? '') >= from && isReport(run));

export interface Counts {
  proposals: number;
  working: number;
  broken: number;
}
export const counts = (state: State): Counts => ({
  proposals: openProposals(state).length,
  working: workingRuns(state).length,
  broken: brokenRoutines(state).length,
});

/** The soonest due instant of all routines. */
export function nextDue(state: State): { routine: Routine; at: string } | null {
  const due = state.routines.flatMap((routine) => (routine.next[0] ? [{ routine, at: routine.next[0] }] : []));
  return due.sort((a, b) => (a.at < b.at ? -1 : 1))[0] ?? null;
}

/** Rows of one routine or all, due at or after `from`. Newest first. */
export const ledgerSince = (state: State, from: string, routine?: string): Occurrence[] =>
  state.ledger.filter((row) => row.dueAt >= from && (routine === undefined || row.routine === routine));
