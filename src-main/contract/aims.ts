/** What a run is to reach, a goal or a rubric, and what was found of it: never the worker's own word. */
import { z } from 'zod';
import { Instant } from './instants.ts';
import { criteriaOf, mostCriteria } from './rubric.ts';

const someGoal = 'use at most 4,000 characters for the goal';
const someRubric = 'use at most 64,000 characters for the rubric: a grader reads it whole, each time';
const someRounds = 'use a whole number of rounds from 1 to 20';
const someIterations = 'use a whole number of iterations from 1 to 20';
const somePath = 'write a path inside the repository, such as docs/report.md or dist/**';

/** Fields of a routine or a task. All of them empty: a run ends when its agent says so. */
export const aimFields = {
  /** A standing condition, judged whenever the agent ends its turn. Empty: none. */
  goal: z.string().trim().max(4000, someGoal).default(''),
  /** Rounds in a row without progress towards the goal, after which a person is asked. */
  goalRounds: z.int(someRounds).min(1, someRounds).max(20, someRounds).default(3),
  /** Criteria as text, one a line of a list; a separate grader judges each. Empty: none. */
  rubric: z
    .string()
    .trim()
    .max(64_000, someRubric)
    .refine((text) => text === '' || criteriaOf(text).length > 0, 'write the criteria as a list, one an item')
    .refine((text) => criteriaOf(text).length <= mostCriteria, `use at most ${mostCriteria} criteria`)
    .default(''),
  /** Paths or glob patterns that must match a file of the result. */
  artifacts: z
    .array(
      z
        .string()
        .trim()
        .min(1, somePath)
        .max(500, somePath)
        .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), somePath),
    )
    .max(50, 'use at most 50 artifacts')
    .default([]),
  /** Gradings at most; after each but the last one the agent works on the gaps. */
  iterations: z.int(someIterations).min(1, someIterations).max(20, someIterations).default(3),
} as const;

export const GoalVerdict = z.enum(['met', 'not_yet', 'impossible']);
export type GoalVerdict = z.infer<typeof GoalVerdict>;

/** How a goal stands. */
export const GoalState = z.object({
  condition: z.string(),
  /** `open`: not judged yet. */
  verdict: GoalVerdict.or(z.literal('open')),
  /** How often it was judged. */
  rounds: z.int().min(0),
  /** Of the last verdict. */
  reason: z.string().nullable(),
  /** What the judge quoted, found word for word in what it saw; null: nothing that holds. */
  quote: z.string().nullable(),
  judgedAt: Instant.nullable(),
  /** Nobody could judge, which is no verdict on the work. Absent: somebody did, or nobody was asked yet. */
  unjudged: z.boolean().optional(),
  /** The id of the model that judged last. Absent: none did, or nobody noted it. */
  model: z.string().optional(),
});
export type GoalState = z.infer<typeof GoalState>;

/** Where a verdict is seen; each was looked up by the host before it was written down. */
export const Evidence = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), path: z.string(), line: z.int().min(1), quote: z.string() }),
  z.object({ kind: z.literal('command'), command: z.string(), quote: z.string() }),
]);
export type Evidence = z.infer<typeof Evidence>;

export const Criterion = z.object({
  text: z.string(),
  /** `host`: found without a model: an artifact, or a check command. */
  by: z.enum(['grader', 'host']),
  verdict: z.enum(['satisfied', 'needs_revision', 'could_not_check']),
  reason: z.string(),
  evidence: z.array(Evidence),
});
export type Criterion = z.infer<typeof Criterion>;

/** Of one grading. `failed`: the rubric does not fit the task, or nobody could grade. */
export const GradeResult = z.enum(['satisfied', 'needs_revision', 'max_iterations_reached', 'failed']);
export type GradeResult = z.infer<typeof GradeResult>;

/** How a rubric stands. `interrupted`: its run ended before that was known. */
export const Grading = z.object({
  state: GradeResult.or(z.enum(['pending', 'interrupted'])),
  /** Gradings so far. */
  iteration: z.int().min(0),
  iterations: z.int().min(1),
  /** Of the last grading; empty before. */
  criteria: z.array(Criterion),
  explanation: z.string(),
});
export type Grading = z.infer<typeof Grading>;

/** What came of a run that had an aim, in one word. */
export type Standing =
  | 'satisfied'
  | 'goal_met'
  | 'goal_not_met'
  | 'goal_impossible'
  | 'not_judged'
  | 'needs_revision'
  | 'max_iterations_reached'
  | 'not_graded'
  | 'interrupted';

/** Null: the run has no aim, or is not at its end. The worst of goal and rubric counts. */
export function standingOf(run: {
  state: string;
  outcome: string | null;
  goal: GoalState | null;
  grading: Grading | null;
}): Standing | null {
  const { goal, grading } = run;
  if (run.state !== 'ended' || (!goal && !grading)) return null;
  if (run.outcome === 'stopped' || run.outcome === 'failed') return 'interrupted';
  if (goal?.verdict === 'impossible') return 'goal_impossible';
  if (goal && (goal.verdict === 'open' || goal.unjudged)) return 'not_judged';
  if (goal && goal.verdict !== 'met') return 'goal_not_met';
  switch (grading?.state) {
    case undefined:
      return 'goal_met';
    case 'satisfied':
    case 'needs_revision':
    case 'max_iterations_reached':
      return grading.state;
    case 'failed':
      return 'not_graded';
    default:
      return 'interrupted';
  }
}

export const standingWords: Record<Standing, string> = {
  satisfied: 'Satisfied',
  goal_met: 'Goal met',
  goal_not_met: 'Goal not met',
  goal_impossible: 'Goal impossible',
  not_judged: 'Goal could not be judged',
  needs_revision: 'Needs revision',
  max_iterations_reached: 'Needs revision, tries used up',
  not_graded: 'Could not be graded',
  interrupted: 'Interrupted',
};
