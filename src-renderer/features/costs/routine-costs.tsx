/** What each routine has cost, what one run of it costs, and what its next month will likely come to. */
import { Link } from 'wouter';
import type { Costs, Forecast } from '#contract/costs.ts';
import { taskRoutine } from '#contract/tasks.ts';
import { useNames, useSelect } from '#state/use.ts';
import { money, plural } from '#ui/words.ts';
import s from './costs.module.css';

export function RoutineCosts({ routines }: { routines: Costs['routines'] }) {
  const name = useNames();
  const known = useSelect((state) => state.routines.map(({ id }) => id).join(' '));
  const most = Math.max(1, ...routines.map(({ micros }) => micros));
  return (
    <ul className={s.routines} aria-label="What each routine costs">
      {routines.map(({ routine, micros, runs, forecast }) => (
        <li key={routine} className={s.routine}>
          {known.split(' ').includes(routine) ? (
            <Link href={`/routines/${routine}`} className={s.name}>
              {name(routine)}
            </Link>
          ) : (
            <span className={s.name}>{routine === taskRoutine ? name(routine) : `${routine}, which is gone`}</span>
          )}
          <span className={s.paid}>
            {money(micros)} <span className={s.quiet}>{micros > 0 && `in ${plural(runs, 'run')}`}</span>
          </span>
          <span className={s.track} aria-hidden>
            <span style={{ inlineSize: `${(100 * micros) / most}%` }} />
          </span>
          <p className={s.ahead}>{forecast ? <Ahead forecast={forecast} /> : whyNone(routine)}</p>
        </li>
      ))}
    </ul>
  );
}

function whyNone(routine: string): string {
  if (routine === taskRoutine) return 'No forecast: a task is never due again.';
  return 'No forecast: it takes three runs that asked a model.';
}

function Ahead({ forecast }: { forecast: Forecast }) {
  const { runs, p50RunMicros, p90RunMicros, due, p50MonthMicros, p90MonthMicros, capMonthMicros } = forecast;
  return (
    <>
      <span>
        Half of its last {plural(runs, 'run')} cost at most {money(p50RunMicros)}, nine of ten at most{' '}
        {money(p90RunMicros)}.
      </span>
      <span>
        {due === 0
          ? 'It is not due in the next 30 days.'
          : `Due ${due === 1 ? 'once' : plural(due, 'time')} in the next 30 days: about ${money(p50MonthMicros)}, in nine of ten months at most ${money(p90MonthMicros)}. Its caps end it at ${money(capMonthMicros)}.`}
      </span>
    </>
  );
}
