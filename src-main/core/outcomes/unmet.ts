/** What a run's goal and rubric still want, for whoever reviews its proposal: it is never left out. */
import type { Run } from '#contract/runs.ts';

const verdicts = { needs_revision: 'Needs revision', could_not_check: 'Could not be checked' } as const;

/** One line each; empty where everything holds. */
export function unmet({ goal, grading }: Pick<Run, 'goal' | 'grading'>): string[] {
  const lines: string[] = [];
  if (goal && goal.verdict !== 'met') {
    const word = { impossible: 'is judged impossible', not_yet: 'is not met', open: 'was not judged' }[goal.verdict];
    const how = goal.unjudged ? 'was not judged' : word;
    lines.push(`The goal ${how}: ${goal.reason ?? goal.condition}`);
  }
  if (!grading || grading.state === 'satisfied') return lines;
  if (grading.criteria.length === 0) lines.push(`The rubric was not graded. ${grading.explanation}`.trim());
  for (const { text, verdict, reason } of grading.criteria)
    if (verdict !== 'satisfied') lines.push(`${verdicts[verdict]}: ${text} – ${reason}`);
  return lines;
}
