/** What runs found that were to report and not to change: its beginning here, the whole with its run. */
import { Link } from 'wouter';
import type { Run } from '#contract/runs.ts';
import { opening } from '#state/report.ts';
import { useRunNames } from '#state/use.ts';
import { lookOfRun, Mark } from '#ui/mark.tsx';
import { Markdown } from '#ui/markdown.tsx';
import { Ago } from '#ui/when.tsx';
import s from './reports.module.css';

/** About this much is shown of each. Characters. */
const shown = 500;

export function Reports({ runs }: { runs: readonly Run[] }) {
  const name = useRunNames();
  return (
    <ul className={s.reports} aria-label="Reports">
      {runs.map((run) => {
        const { text, cut } = opening(run.reason?.message ?? '', shown);
        return (
          <li key={run.id} className={s.report} data-row="">
            <div className={s.head}>
              <Mark look={lookOfRun(run)} />
              <Link href={`/runs/${run.id}`} className={s.name}>
                {name(run)}
              </Link>
              <span className={s.when}>{run.endedAt && <Ago at={run.endedAt} />}</span>
            </div>
            <Markdown text={text} />
            {cut && (
              <p>
                <Link href={`/runs/${run.id}`} className={s.rest}>
                  Read all of it
                </Link>
              </p>
            )}
          </li>
        );
      })}
    </ul>
  );
}
