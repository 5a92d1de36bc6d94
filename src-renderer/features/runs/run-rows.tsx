/** Runs as rows: what came of each, when, how long, for how much. */
import type { Run } from '#contract/runs.ts';
import { useRunNames } from '#state/use.ts';
import { lookOfRun, Mark } from '#ui/mark.tsx';
import { Prose } from '#ui/prose.tsx';
import { RehearsalBadge } from '#ui/rehearsal-badge.tsx';
import { Row, Rows } from '#ui/rows.tsx';
import { At } from '#ui/when.tsx';
import { clock, exact, money, span } from '#ui/words.ts';
import { endedInShort } from './ended-words.tsx';
import s from './run-rows.module.css';
import { SessionBadge } from './session-badge.tsx';

interface RunRowsProps {
  runs: readonly Run[];
  label: string;
  /** All are of one routine and one cause: what tells them apart is when. Else they stand under their day. */
  ofRoutine?: boolean;
}

export function RunRows({ runs, label, ofRoutine }: RunRowsProps) {
  const name = useRunNames();
  return (
    <Rows label={label}>
      {runs.map((run) => {
        const time = took(run);
        const ended = run.state === 'ended' && endedInShort(run);
        return (
          <Row
            key={run.id}
            mark={<Mark look={lookOfRun(run)} />}
            title={ofRoutine ? <At at={run.queuedAt} /> : name(run)}
            href={`/runs/${run.id}`}
            about={ended ? <Prose text={ended} /> : run.state !== 'ended' && <code>{run.activity}</code>}
            facts={
              <>
                <SessionBadge run={run} />
                {run.rehearsal && <RehearsalBadge brief />}
                {!ofRoutine && (
                  <span className={s.trigger}>{run.trigger.kind === 'schedule' ? 'scheduled' : 'by hand'}</span>
                )}
                <span className={s.took}>{time !== null && span(time)}</span>
                <span className={s.cost}>{money(run.costMicros)}</span>
                {!ofRoutine && (
                  <time dateTime={run.queuedAt} title={exact(run.queuedAt)}>
                    {clock(run.queuedAt)}
                  </time>
                )}
              </>
            }
          />
        );
      })}
    </Rows>
  );
}

/** Milliseconds from start to end; null while it has not ended or never started. */
export function took(run: Pick<Run, 'startedAt' | 'endedAt'>): number | null {
  return run.startedAt && run.endedAt ? new Date(run.endedAt).getTime() - new Date(run.startedAt).getTime() : null;
}
