/** The one way in which a run ends: calls and loops closed, proposal given back, outbox cleared, ledger settled, all in one transaction. */
import type { Cause } from '#contract/ledger.ts';
import type { Outcome, Reason, Run } from '#contract/runs.ts';
import { taskRoutine } from '#contract/tasks.ts';
import { createClosing } from '#core/agents/work.ts';
import type { Ledger } from '#core/ledger/ledger.ts';
import { offerNotes } from '#core/memory/offer.ts';
import type { Clock } from '#core/ports.ts';
import { withdrawQuestions } from '#core/questions/questions.ts';
import { createHistory } from '#core/session/history.ts';
import { createLoops } from '#core/session/loops.ts';
import { closeCalls } from '#core/session/tool-call.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import { goOnWithWords, idleUntil } from '#core/talk/idle.ts';
import { curedForTask } from './task-cures.ts';

export interface Ending {
  outcome: Outcome;
  reason: Reason | null;
  proposal: string | null;
  /** What the ledger says; found from what the run did unless given. */
  ledger?: 'lost';
}

/** Call inside a commit. A proposal that was being revised is open again as it was. */
export function endRun(
  parts: { store: Store; clock: Clock; ledger: Ledger },
  writer: Writer,
  id: string,
  ending: Ending,
): void {
  const { store } = parts;
  const { history, apply } = createHistory();
  const { loops, apply: applyLoop } = createLoops();
  const events = store.events({ after: 0, run: id, limit: Number.MAX_SAFE_INTEGER });
  const agents = openAgents(store.read.run(id));
  const closing = createClosing(store, agents);
  for (const event of events) {
    apply(event);
    closing.apply(event);
    applyLoop(event);
    if (event.type === 'files.saved' || event.type === 'history.inherited') writer.outbox.add('forget', id);
  }
  closeCalls(writer, id, history.pending);
  for (const agent of agents)
    closing.end(writer, id, agent, { outcome: 'stopped', code: 'run.stopped', text: 'Its run ended before it did.' });
  for (const { id: loop } of loops.alive) writer.append({ type: 'loop.ended', run: id, loop, why: 'session_ended' });
  withdrawQuestions(store, writer, id);
  const run = store.read.run(id) as Run;
  const proposal = run.proposal ? store.read.proposal(run.proposal) : undefined;
  if (proposal?.state === 'revising') {
    const reason = ending.reason?.message ?? 'The session ended without a new revision.';
    writer.append({ type: 'proposal.reopened', run: id, proposal: proposal.id, reason });
  }
  const { outcome } = ending;
  const reason =
    ending.reason && run.routine === taskRoutine ? curedForTask(ending.reason, id, run.turns > 0) : ending.reason;
  const idle = idleUntil(parts, run, ending);
  offerNotes(writer, run, events, outcome);
  writer.append({ type: 'run.ended', run: id, outcome, reason, proposal: ending.proposal ?? run.proposal, ...idle });
  writer.outbox.done('run', id);
  if (outcome === 'proposed' || outcome === 'nothing_to_propose') goOnWithWords(store, writer, id);
  account(parts, writer, run, ending);
}

/** What the ledger says of it. */
function account(
  { ledger }: { ledger: Ledger },
  writer: Writer,
  run: Run,
  { outcome, reason, ledger: lost }: Ending,
): void {
  const cancelled = writer.outbox.pending('cancel').includes(run.id);
  writer.outbox.done('cancel', run.id);
  const why = reason?.message ?? null;
  if (lost === 'lost') ledger.settle(writer, run, 'lost', why, 'internal');
  else if (outcome === 'stopped')
    ledger.settle(writer, run, run.startedAt ? 'ran' : 'blocked', why, cancelled ? 'overlapped' : 'stopped');
  else if (begunNothing(run, outcome)) ledger.settle(writer, run, 'blocked', why, causeOf(reason));
  else ledger.settle(writer, run, 'ran', null);
}

const openAgents = (run: Run | undefined): string[] =>
  (run?.agents ?? []).flatMap(({ id, state }) => (state === 'working' || state === 'waiting' ? [id] : []));

/** A run that could not even begin did not run: the ledger says what blocked it. */
function begunNothing(run: Run, outcome: Outcome): boolean {
  return outcome === 'failed' && run.usage.output === 0 && run.toolCalls === 0;
}

function causeOf(reason: Reason | null): Cause {
  return reason?.code === 'limit.dollars' || reason?.code === 'limit.day' ? 'over_budget' : 'blocked';
}
