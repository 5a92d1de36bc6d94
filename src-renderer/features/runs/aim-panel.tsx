/** What a run is to reach and what was found of it: the verdict on its goal, and its rubric criterion by criterion. */
import { CircleCheck, CircleHelp, CircleX, Target } from 'lucide-react';
import type { Criterion, Evidence, GoalState, Grading } from '#contract/aims.ts';
import type { Run } from '#contract/runs.ts';
import { visible } from '#contract/visible.ts';
import { ExactText } from '#ui/exact.tsx';
import { plural, sentence } from '#ui/words.ts';
import s from './aim-panel.module.css';
import { RunBar } from './run-bar.tsx';

const goalWords: Record<GoalState['verdict'], string> = {
  open: 'Not judged yet',
  met: 'Met',
  not_yet: 'Not met yet',
  impossible: 'Judged impossible',
};
const gradingWords: Record<Grading['state'], string> = {
  pending: 'Not graded yet',
  satisfied: 'Satisfied',
  needs_revision: 'Needs revision',
  max_iterations_reached: 'Needs revision, tries used up',
  failed: 'Could not be graded',
  interrupted: 'Interrupted',
};

/** Nothing for a run without an aim. */
export function AimPanel({ run }: { run: Pick<Run, 'state' | 'goal' | 'grading'> }) {
  const { goal, grading } = run;
  if (!goal && !grading) return null;
  return (
    <RunBar
      icon={Target}
      title="What it is to reach"
      open={run.state === 'ended' || undefined}
      glance={
        <>
          {goal && (
            <span className={s.verdict}>
              Goal:{' '}
              <strong data-verdict={goal.verdict}>
                {goal.unjudged ? 'could not be judged' : goalWords[goal.verdict]}
              </strong>
            </span>
          )}
          {grading && (
            <span className={s.verdict}>
              Rubric: <strong data-verdict={grading.state}>{gradingWords[grading.state]}</strong>
            </span>
          )}
        </>
      }
    >
      {goal && <Goal goal={goal} />}
      {grading && <Grades grading={grading} />}
    </RunBar>
  );
}

function Goal({ goal }: { goal: GoalState }) {
  return (
    <section aria-label="Goal" className={s.part}>
      <p className={s.condition}>{visible(goal.condition)}</p>
      {goal.reason && (
        <p>
          After {plural(goal.rounds, 'round')}
          {goal.model && `, judged by ${visible(goal.model)}`}: {sentence(visible(goal.reason))}
        </p>
      )}
      {goal.quote && (
        <blockquote className={s.quote} aria-label="What the judge quotes">
          <ExactText text={goal.quote} />
        </blockquote>
      )}
    </section>
  );
}

function Grades({ grading }: { grading: Grading }) {
  const { iteration, iterations, criteria, explanation } = grading;
  return (
    <section aria-label="Rubric" className={s.part}>
      <p>
        {iteration === 0 ? 'At most' : `Graded ${plural(iteration, 'time')} of at most`}{' '}
        {iteration === 0 ? plural(iterations, 'grading') : iterations}. {explanation && sentence(visible(explanation))}
      </p>
      <ul className={s.criteria}>
        {criteria.map((criterion) => (
          <Graded key={criterion.text} criterion={criterion} />
        ))}
      </ul>
    </section>
  );
}

const looks = {
  satisfied: { icon: CircleCheck, word: 'Satisfied' },
  needs_revision: { icon: CircleX, word: 'Needs revision' },
  could_not_check: { icon: CircleHelp, word: 'Could not be checked' },
} as const;

function Graded({ criterion }: { criterion: Criterion }) {
  const { text, verdict, reason, evidence, by } = criterion;
  const { icon: Icon, word } = looks[verdict];
  return (
    <li className={s.criterion} data-verdict={verdict}>
      <Icon size={15} aria-hidden />
      <div>
        <p>
          <strong>{word}:</strong> {visible(text)}
        </p>
        <p className={s.reason}>
          {sentence(visible(reason))}
          {by === 'host' && ' Found without a model.'}
        </p>
        {evidence.map((one) => (
          <p key={`${placeOf(one)} ${one.quote}`} className={s.evidence}>
            <code>{visible(placeOf(one))}</code> <ExactText text={one.quote} />
          </p>
        ))}
      </div>
    </li>
  );
}

const placeOf = (one: Evidence): string => (one.kind === 'file' ? `${one.path}:${one.line}` : one.command);
