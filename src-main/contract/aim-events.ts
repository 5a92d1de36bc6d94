/** Goals that are judged and rubrics by which results are graded. Additive like all events. */
import { z } from 'zod';
import { Criterion, GoalVerdict, GradeResult } from './aims.ts';
import { RunId } from './ledger.ts';
import { CheckRound } from './runs.ts';

export const aimEvents = {
  /** What the run is to reach, from the beginning on. `iterations` null: it has no rubric. */
  'aims.set': z.object({ run: RunId, goal: z.string().nullable(), iterations: z.int().min(1).nullable() }),
  /** The agent had ended its turn, and its goal was judged. */
  'goal.judged': z.object({
    run: RunId,
    /** From 1 in every go. */
    round: z.int().min(1),
    verdict: GoalVerdict,
    reason: z.string(),
    /** Word for word from what the judge saw; null: nothing that holds. */
    quote: z.string().nullable(),
    /** Of the branch as it was judged. */
    commit: z.string(),
    /** The check commands, run by the host on a clean checkout of that commit; null: there are none, or an earlier verdict has them. */
    checks: CheckRound.nullable(),
    /** Something differs from every earlier round. */
    progress: z.boolean(),
    /** SHA-256 of what is compared for that. */
    fingerprint: z.string(),
    /** Nobody could judge. Going on would not change that, unless it is `unusable`. */
    unjudged: z.boolean(),
    /** A judge was asked and gave no answer that counts, which another round may bring. Absent in events of earlier versions. */
    unusable: z.boolean().optional(),
    /** The id of the model that was asked. Absent: none was, or in events of earlier versions. */
    model: z.string().optional(),
  }),
  /** The result was graded by its rubric. */
  'outcome.graded': z.object({
    run: RunId,
    /** From 1 in every go. */
    iteration: z.int().min(1),
    result: GradeResult,
    criteria: z.array(Criterion),
    explanation: z.string(),
    commit: z.string(),
    /** As in `goal.judged`. */
    checks: CheckRound.nullable(),
  }),
  /** What was looked at in the graded result, and what was seen there. */
  'grading.looked': z.object({ run: RunId, tool: z.string(), input: z.unknown(), ok: z.boolean(), text: z.string() }),
};
