/** Runs that a limit of their account has stopped, each with the time until it goes on. */
import type { Run } from '#contract/runs.ts';
import { useNames } from '#state/use.ts';
import { GoesOn } from '#ui/goes-on.tsx';
import { lookOfRun, Mark } from '#ui/mark.tsx';
import { Row, Rows } from '#ui/rows.tsx';
import { money, plural } from '#ui/words.ts';

export function HeldNow({ runs }: { runs: readonly Run[] }) {
  const name = useNames();
  return (
    <Rows label="Waiting for their account">
      {runs.map((run) => (
        <Row
          key={run.id}
          mark={<Mark look={lookOfRun(run)} />}
          title={name(run.routine)}
          href={`/runs/${run.id}`}
          about={run.held?.reason}
          facts={
            <>
              {run.held && <GoesOn at={run.held.until} />}
              <span>{plural(run.turns, 'turn')}</span>
              <span>{money(run.costMicros)}</span>
            </>
          }
        />
      ))}
    </Rows>
  );
}
