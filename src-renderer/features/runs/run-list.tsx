/** All runs, newest first, by day. */
import { useState } from 'react';
import type { Run } from '#contract/runs.ts';
import { sessionState } from '#contract/session-state.ts';
import { rows } from '#link/snapshot.ts';
import { runsNewestFirst } from '#state/select.ts';
import { useSelect } from '#state/use.ts';
import { Choice } from '#ui/field.tsx';
import { useNow } from '#ui/now.ts';
import { Page, Section } from '#ui/page.tsx';
import { useRowKeys } from '#ui/row-keys.ts';
import { Skeleton } from '#ui/skeleton.tsx';
import { capital, day, money, plural, spelled } from '#ui/words.ts';
import { NewTask } from './new-task.tsx';
import { RunRows } from './run-rows.tsx';

const filters = [
  { value: 'all', label: 'All' },
  { value: 'working', label: 'Working' },
  { value: 'waiting', label: 'Waiting for you' },
  { value: 'idle', label: 'Idle' },
  { value: 'proposed', label: 'Proposed' },
  { value: 'failed', label: 'Failed' },
] as const;
type Filter = (typeof filters)[number]['value'];
const passes: Record<Filter, (run: Run) => boolean> = {
  all: () => true,
  working: (run) => run.state !== 'ended' && !run.parkedOn && !run.held,
  waiting: (run) => run.parkedOn !== null,
  idle: (run) => sessionState(run, Date.now()) === 'idle',
  proposed: (run) => run.outcome === 'proposed',
  failed: (run) => run.outcome === 'failed',
};

export function RunList() {
  useRowKeys();
  const now = useNow();
  const ready = useSelect((state) => state.seq !== null);
  const runs = useSelect(runsNewestFirst);
  const [filter, setFilter] = useState<Filter>('all');
  const days = Map.groupBy(runs.filter(passes[filter]), (run) => day(run.queuedAt, now));
  return (
    <Page
      name="Runs"
      sentence={ready ? sentenceOf(runs) : 'Reading the runs…'}
      actions={<NewTask />}
      more={ready && runs.length === 0 && 'A run appears here when a routine comes due or you press Run now.'}
    >
      {!ready && <Skeleton rows={6} />}
      {runs.length > 0 && <Choice<Filter> label="Show" value={filter} options={filters} onChange={setFilter} />}
      {[...days].map(([name, ofDay]) => (
        <Section
          key={name}
          title={name}
          flush
          aside={`${plural(ofDay.length, 'run')} · ${money(ofDay.reduce((sum, run) => sum + run.costMicros, 0))}`}
        >
          <RunRows runs={ofDay} label={`Runs, ${name}`} />
        </Section>
      ))}
      {runs.length > 0 && days.size === 0 && <p>No run is like that.</p>}
      {runs.length >= rows.runs && (
        <p>
          Older runs are kept: <code>nightshift runs list --limit 1000</code>.
        </p>
      )}
    </Page>
  );
}

function sentenceOf(runs: readonly Run[]): string {
  const working = runs.filter(passes.working).length;
  const waiting = runs.filter(passes.waiting).length;
  if (working > 0) return `${capital(spelled(working))} ${working === 1 ? 'run is' : 'runs are'} working.`;
  if (waiting > 0) return `${capital(spelled(waiting))} ${waiting === 1 ? 'run waits' : 'runs wait'} for you.`;
  return runs.length > 0 ? 'Nothing is running.' : 'No runs yet.';
}
