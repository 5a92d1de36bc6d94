/** Runs that are going on, each with what it does this moment. */
import type { Run } from '#contract/runs.ts';
import { money, plural, span } from '#ui/words.ts';
import { RunsNow } from './runs-now.tsx';

export function WorkingNow({ runs, now }: { runs: readonly Run[]; now: number }) {
  return (
    <RunsNow
      label="Working now"
      runs={runs}
      about={({ activity }) => <code>{activity}</code>}
      facts={({ turns, costMicros, startedAt }) => (
        <>
          <span>{plural(turns, 'turn')}</span>
          <span>{money(costMicros)}</span>
          {startedAt && <span>{span(Math.max(60_000, now - new Date(startedAt).getTime()))}</span>}
        </>
      )}
    />
  );
}
