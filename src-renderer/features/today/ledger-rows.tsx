/** Due times and what became of each, with the reason. */
import type { Occurrence } from '#contract/ledger.ts';
import type { Run } from '#contract/runs.ts';
import { endedInShort } from '#features/runs/ended-words.tsx';
import { useNames, useSelect } from '#state/use.ts';
import { lookOfOccurrence, lookOfRun, Mark } from '#ui/mark.tsx';
import { Prose } from '#ui/prose.tsx';
import { Row, Rows } from '#ui/rows.tsx';
import { At } from '#ui/when.tsx';
import { money, sentence } from '#ui/words.ts';

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
        const about = aboutRow(row, run);
        const due = <At at={row.dueAt} zone={zone} />;
        return (
          <Row
            key={`${row.routine} ${row.dueAt}`}
            mark={<Mark look={run ? lookOfRun(run) : lookOfOccurrence[row.state]} />}
            title={named ? name(row.routine) : due}
            {...(row.run ? { href: `/runs/${row.run}` } : named ? { href: `/routines/${row.routine}` } : {})}
            about={about && <Prose text={about} />}
            facts={
              <>
                {run && <span>{lookOfOccurrence[row.state].word.toLowerCase()}</span>}
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

/** Why it came out as it did; a run's own reason where it has one. */
function aboutRow(row: Occurrence, run: Run | undefined): string {
  const doing = run && run.state !== 'ended' ? run.activity : run && endedInShort(run);
  const folded = row.count > 1 ? `${row.count} due times in one.` : '';
  return [row.reason && sentence(row.reason), folded, doing].filter(Boolean).join(' ');
}
