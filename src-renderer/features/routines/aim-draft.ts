/** Goal and rubric of a routine, as typed, and back: artifacts one a line, numbers as text. */
import type { RoutineSpec } from '#contract/routines.ts';
import { linesOf } from './permission-draft.ts';
import { number } from './policy-draft.ts';

const fields = ['goal', 'goalRounds', 'rubric', 'artifacts', 'iterations'] as const;
type AimField = (typeof fields)[number];
export type AimDraft = Record<AimField, string>;
type Aims = Pick<RoutineSpec, AimField>;

export const usualAims: Aims = { goal: '', goalRounds: 3, rubric: '', artifacts: [], iterations: 3 };

export function aimDraftOf({ goal, goalRounds, rubric, artifacts, iterations }: Aims): AimDraft {
  return {
    ...{ goal, rubric, artifacts: artifacts.join('\n') },
    ...{ goalRounds: String(goalRounds), iterations: String(iterations) },
  };
}

/** Unchecked: what the schema is to judge. */
export function aimsFrom({ goal, goalRounds, rubric, artifacts, iterations }: AimDraft): Record<AimField, unknown> {
  return {
    ...{ goal, rubric, artifacts: linesOf(artifacts) },
    ...{ goalRounds: number(goalRounds), iterations: number(iterations) },
  };
}

export const aimCures: Record<AimField, string> = {
  goal: 'Keep the goal within 4,000 characters.',
  goalRounds: 'A whole number from 1 to 20.',
  rubric: 'Write a list of at most 50 criteria, `- ` before each, within 64,000 characters.',
  artifacts: 'Paths inside the repository, one a line, such as docs/report.md or `dist/**`.',
  iterations: 'A whole number from 1 to 20.',
};
