/** Runs that are going on, each with what it does this moment. */
import type { Run } from '#contract/runs.ts';
import { useNames } from '#state/use.ts';
import { lookOfRun, Mark } from '#ui/mark.tsx';
import { Row, Rows } from '#ui/rows.tsx';
import { money, plural, span } from '#ui/words.ts';

export function WorkingNow({ runs, now }: { runs: readonly Run[]; now: number }) {
  const name = useNames();
  return (
    <Rows label="Working now">
      {runs.map((run) => (
        <Row
          key={run.id}
          mark={<Mark look={lookOfRun(run)} />}
          title={name(run.routine)}
          href={`/runs/${run.id}`}
          about={<code>{run.activity}</code>}
          facts={
            <>
              <span>{plural(run.turns, 'turn')}</span>
              <span>{money(run.costMicros)}</span>
              {run.startedAt && <span>{span(Math.max(60_000, now - new Date(run.startedAt).getTime()))}</span>}
            </>
          }
        />
      ))}
    </Rows>
  );
}
