/** Clears away what was kept of a run's files, once nobody is likely to go back to them. */
import { Fault } from '#contract/faults.ts';
import { mayBeTalkedTo } from '#contract/session-state.ts';
import { keepRejectedMs } from '#core/proposals/proposals.ts';
import type { TalkParts } from './files-of.ts';

/** What cannot be done now, because the repository is away for example, is tried again the next time. Never throws. */
export async function forgetFiles({ store, clock, log, repositories, snapshots }: TalkParts): Promise<void> {
  for (const id of store.outbox.pending('forget')) {
    const run = store.read.run(id);
    if (run?.state !== 'ended' || !snapshots) continue;
    const open = run.proposal && ['open', 'revising'].includes(store.read.proposal(run.proposal)?.state ?? '');
    const over = clock.now() - Date.parse(run.endedAt ?? run.queuedAt) > keepRejectedMs;
    if (open || !over || mayBeTalkedTo(run, clock.now())) continue;
    try {
      await snapshots.forget(await repositories.locate(run.repository ?? ''), id);
      store.commit((writer) => writer.outbox.done('forget', id));
    } catch (error) {
      if (!(error instanceof Fault)) log.error('a bug in clearing away files', error, { run: id });
      else if (error.code === 'repo.missing') store.commit((writer) => writer.outbox.done('forget', id));
      else log.error('clearing away the files of a run', error, { run: id });
    }
  }
}
