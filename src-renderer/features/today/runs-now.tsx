/** Runs that are not over, a row each that leads to its page. */
import type { ReactNode } from 'react';
import type { Run } from '#contract/runs.ts';
import { useRunNames } from '#state/use.ts';
import { lookOfRun, Mark } from '#ui/mark.tsx';
import { Row, Rows } from '#ui/rows.tsx';

interface RunsNowProps {
  label: string;
  runs: readonly Run[];
  about(run: Run): ReactNode;
  facts(run: Run): ReactNode;
}

export function RunsNow({ label, runs, about, facts }: RunsNowProps) {
  const name = useRunNames();
  return (
    <Rows label={label}>
      {runs.map((run) => (
        <Row
          key={run.id}
          mark={<Mark look={lookOfRun(run)} />}
          title={name(run)}
          href={`/runs/${run.id}`}
          about={about(run)}
          facts={facts(run)}
        />
      ))}
    </Rows>
  );
}
