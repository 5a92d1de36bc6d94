/** A task that ended its turn stays open to a person's words for a while, without a slot, a process or money. */
import type { Outcome, Run } from '#contract/runs.ts';
import { taskRoutine } from '#contract/tasks.ts';
import type { Clock } from '#core/ports.ts';
import { tell, unheard } from '#core/session/spoken.ts';
import type { Store, Writer } from '#core/store/event-log.ts';

/** As `run.ended` says it: as long as the run would wait for an answer. Routines' runs, failed and stopped ones are over. */
export function idleUntil(
  { store, clock }: { store: Store; clock: Clock },
  run: Run,
  { outcome }: { outcome: Outcome },
): { talkableUntil?: string } {
  if (run.routine !== taskRoutine || (outcome !== 'proposed' && outcome !== 'nothing_to_propose')) return {};
  const minutes = store.records.spec(run.id)?.answerWithin;
  return minutes === undefined ? {} : { talkableUntil: new Date(clock.now() + minutes * 60_000).toISOString() };
}

/** What was said while it was about to end is not lost: it goes on at once. Call it in the commit of the end. */
export function goOnWithWords(store: Store, writer: Writer, run: string): void {
  const spoken = unheard(store, run);
  if (spoken.length === 0) return;
  revising(store, writer, run, spoken.map(({ text }) => text).join('\n\n'));
  tell(writer, run, spoken);
  takeUp(store, writer, run);
}

/** Takes up an idle run with what a person said; a proposal of it is being revised meanwhile. The caller starts it. */
export function goOn(store: Store, writer: Writer, run: string, text: string, said: number): void {
  revising(store, writer, run, text);
  writer.append({ type: 'message.added', run, text, from: 'person', said });
  takeUp(store, writer, run);
}

function revising(store: Store, writer: Writer, run: string, words: string): void {
  const id = store.read.run(run)?.proposal;
  if (!id || store.read.proposal(id)?.state !== 'open') return;
  const comments = [{ text: words.slice(0, longestComment) }];
  writer.append({ type: 'proposal.revision_requested', run, proposal: id, comments });
}

function takeUp(store: Store, writer: Writer, run: string): void {
  const id = store.read.run(run)?.proposal;
  const why = id && store.read.proposal(id)?.state === 'revising' ? 'revision' : 'said';
  writer.append({ type: 'run.resumed', run, why });
  writer.outbox.add('run', run);
}

/** Characters that a comment on a proposal may have. */
const longestComment = 10_000;
