/** Which exit code a task's run ends with: from its goal, its rubric and its checks where it has them. */
import { type Standing, standingOf } from '#contract/aims.ts';
import type { Run } from '#contract/runs.ts';
import { exitCodes, taskCodes } from './exit-codes.ts';

const ofStanding: Record<Standing, number> = {
  satisfied: exitCodes.ok,
  goal_met: exitCodes.ok,
  goal_not_met: taskCodes.goalNotMet,
  goal_impossible: taskCodes.goalImpossible,
  not_judged: taskCodes.goalNotMet,
  needs_revision: taskCodes.needsRevision,
  max_iterations_reached: taskCodes.needsRevision,
  not_graded: taskCodes.needsRevision,
  interrupted: exitCodes.failed,
};

export function exitCodeOfTask(run: Run): number {
  const { outcome, reason, before, after } = run;
  if (run.parkedOn) return taskCodes.parked;
  if (outcome === 'stopped') return taskCodes.stopped;
  const standing = standingOf(run);
  if (standing && ofStanding[standing] === exitCodes.ok) return exitCodes.ok;
  if (reason?.code.startsWith('limit.')) return taskCodes.limit;
  if (outcome === 'failed') return exitCodes.failed;
  if (standing) return ofStanding[standing];
  // Where nothing was changed, the checks are what they were.
  return (after ?? before)?.results.some(({ passed }) => !passed) ? taskCodes.needsRevision : exitCodes.ok;
}
