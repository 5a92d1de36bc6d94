/** Due times and what became of each, with the reason. */
import type { Occurrence } from '#contract/ledger.ts';
import type { Run } from '#contract/runs.ts';
import { useNames, useSelect } from '#state/use.ts';
import { lookOfOccurrence, lookOfRun, Mark } from '#ui/mark.tsx';
import { Row, Rows } from '#ui/rows.tsx';
import { At } from '#ui/when.tsx';
import { money } from '#ui/words.ts';

/** @param named with the routine's name in front, where the rows are of several */
export function LedgerRows({
  rows,
  named,
  zone,
}: {
  rows: readonly Occurrence[];
  named?: boolean;
  zone?: string | undefined;
}) {
  const runs = useSelect((state) => state.runs);
  const name = useNames();
  return (
    <Rows label="Due times">
      {rows.map((row) => {
        const run = row.run ? runs[row.run] : undefined;
        const due = <At at={row.dueAt} zone={zone} />;
        return (
          <Row
            key={`${row.routine} ${row.dueAt}`}
            mark={<Mark look={lookOfOccurrence[row.state]} />}
            title={named ? name(row.routine) : due}
            {...(row.run ? { href: `/runs/${row.run}` } : named ? { href: `/routines/${row.routine}` } : {})}
            about={aboutRow(row, run)}
            facts={
              <>
                {run && run.costMicros > 0 && <span>{money(run.costMicros)}</span>}
                {named && due}
              </>
            }
          />
        );
      })}
    </Rows>
  );
}

function aboutRow(row: Occurrence, run: Run | undefined): string {
  const came = run ? (run.state === 'ended' ? lookOfRun(run).word : run.activity) : '';
  const folded = row.count > 1 ? `${row.count} due times in one` : '';
  return [row.reason, came, folded].filter(Boolean).join(' · ');
}
