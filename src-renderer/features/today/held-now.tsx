/** Runs that a limit of their account has stopped, each with the time until it goes on. */
import type { Run } from '#contract/runs.ts';
import { GoesOn } from '#ui/goes-on.tsx';
import { money, plural } from '#ui/words.ts';
import { RunsNow } from './runs-now.tsx';

export function HeldNow({ runs }: { runs: readonly Run[] }) {
  return (
    <RunsNow
      label="Waiting for their account"
      runs={runs}
      about={({ held }) => held?.reason}
      facts={({ held, turns, costMicros }) => (
        <>
          {held && <GoesOn at={held.until} />}
          <span>{plural(turns, 'turn')}</span>
          <span>{money(costMicros)}</span>
        </>
      )}
    />
  );
}
