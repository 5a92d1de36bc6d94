/** Runs as rows: what came of each, when, how long, for how much. */
import type { Run } from '#contract/runs.ts';
import { useNames } from '#state/use.ts';
import { lookOfRun, Mark } from '#ui/mark.tsx';
import { Row, Rows } from '#ui/rows.tsx';
import { RehearsalBadge } from '#ui/rehearsal-badge.tsx';
import { At } from '#ui/when.tsx';
import { money, span } from '#ui/words.ts';

export function RunRows({
  runs,
  label,
  selected,
}: {
  runs: readonly Run[];
  label: string;
  selected?: string | undefined;
}) {
  const name = useNames();
  return (
    <Rows label={label}>
      {runs.map((run) => (
        <Row
          key={run.id}
          selected={run.id === selected}
          mark={<Mark look={lookOfRun(run)} />}
          title={name(run.routine)}
          href={`/runs/${run.id}`}
          about={run.state === 'ended' ? run.reason?.message : <code>{run.activity}</code>}
          facts={
            <>
              {run.rehearsal && <RehearsalBadge brief />}
              <span>{run.trigger.kind === 'schedule' ? 'scheduled' : 'by hand'}</span>
              {took(run) !== null && <span>{span(took(run) ?? 0)}</span>}
              <span>{money(run.costMicros)}</span>
              <At at={run.queuedAt} />
            </>
          }
        />
      ))}
    </Rows>
  );
}

/** Milliseconds from start to end; null while it has not ended or never started. */
export function took(run: Pick<Run, 'startedAt' | 'endedAt'>): number | null {
  return run.startedAt && run.endedAt ? new Date(run.endedAt).getTime() - new Date(run.startedAt).getTime() : null;
}
