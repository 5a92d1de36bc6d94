/** The one way in which a run ends: calls closed, proposal given back, outbox cleared, ledger settled, all in one transaction. */
import type { Outcome, Reason, Run } from '#contract/runs.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { createHistory } from '#core/session/history.ts';
import { closeCalls } from '#core/session/tool-call.ts';
import type { Store, Writer } from '#core/store/event-log.ts';

export interface Ending {
  outcome: Outcome;
  reason: Reason | null;
  proposal: string | null;
  /** What the ledger says; found from what the run did unless given. */
  ledger?: 'lost';
}

/** Call inside a commit. A proposal that was being revised is open again as it was. */
export function endRun(parts: { store: Store; ledger: Ledger }, writer: Writer, id: string, ending: Ending): void {
  const { store, ledger } = parts;
  const { history, apply } = createHistory();
  for (const event of store.events({ after: 0, run: id, limit: Number.MAX_SAFE_INTEGER })) apply(event);
  closeCalls(writer, id, history.pending);
  const run = store.read.run(id) as Run;
  const proposal = run.proposal ? store.read.proposal(run.proposal) : undefined;
  if (proposal?.state === 'revising') {
    const reason = ending.reason?.message ?? 'The session ended without a new revision.';
    writer.append({ type: 'proposal.reopened', run: id, proposal: proposal.id, reason });
  }
  const { outcome, reason } = ending;
  writer.append({ type: 'run.ended', run: id, outcome, reason, proposal: ending.proposal ?? run.proposal });
  writer.outbox.done('run', id);
  // A run that could not even begin did not run: the ledger says what blocked it.
  const blocked =
    outcome !== 'proposed' && outcome !== 'nothing_to_propose' && run.usage.output === 0 && run.toolCalls === 0;
  const state = ending.ledger ?? (blocked ? 'blocked' : 'ran');
  ledger.settle(writer, run, state, state === 'ran' ? null : (reason?.message ?? null));
}
