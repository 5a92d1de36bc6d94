/** What a run has noted, offered when it is over and kept as the routine says: by itself, or after a person's yes. */
import type { Event } from '#contract/events.ts';
import type { MemoryOffer } from '#contract/memory.ts';
import { isTrial, type Outcome, type Run } from '#contract/runs.ts';
import type { Log } from '#core/ports.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import { sha256 } from './book.ts';
import { createNotes } from './notes.ts';
import type { MemoryFiles } from './port.ts';

/** Call inside the commit that ends the run. `events`: all of the run's, oldest first. */
export function offerNotes(writer: Writer, run: Run, events: readonly Event[], outcome: Outcome): void {
  const notes = createNotes();
  for (const event of events) notes.apply(event);
  const changes = notes.changes();
  if (changes.length === 0 || !run.repository || isTrial(run)) return;
  const why = reasonToAsk(notes.mode(), notes.tainted(), outcome);
  writer.append({ type: 'memory.offered', run: run.id, repository: run.repository, changes, why });
  writer.outbox.add('memory', run.id);
}

/** Null: it may be kept without a person. */
function reasonToAsk(mode: 'on' | 'review' | null, tainted: boolean, outcome: Outcome): string | null {
  if (tainted) return 'something that the run read spoke to the agent';
  if (outcome === 'failed' || outcome === 'stopped') return 'the run did not end well';
  return mode === 'on' ? null : 'the routine asks for your yes';
}

export interface MemoryDesk {
  /** Does what was offered and not done yet. Never throws. */
  settle(): Promise<void>;
}

type Offered = Extract<Event, { type: 'memory.offered' }>;

export function createMemoryDesk({ store, files, log }: { store: Store; files: MemoryFiles; log: Log }): MemoryDesk {
  let last = Promise.resolve();

  async function settleOne(id: string): Promise<void> {
    const events = store.events({ after: 0, run: id, limit: Number.MAX_SAFE_INTEGER });
    const run = store.read.run(id) as Run;
    const settled = new Set(events.flatMap((event) => (event.type === 'memory.settled' ? [event.offer] : [])));
    for (const event of events)
      if (event.type === 'memory.offered' && !settled.has(event.seq)) await land(event, run, events);
    store.commit((writer) => writer.outbox.done('memory', id));
  }

  async function land(
    { seq, at, repository, changes, why }: Offered,
    run: Run,
    events: readonly Event[],
  ): Promise<void> {
    const reason = why ?? (await changedMeanwhile(repository, changes, events));
    if (reason === null) for (const { file, text } of changes) await files.write(repository, file, text);
    else await files.keepOffer(repository, { id: seq, at, run: run.id, routine: run.routine, changes, why: reason });
    const text = `${run.id} wants ${changes.length === 1 ? 'something' : `${changes.length} things`} kept in the memory of ${repository}; ${reason}. See: nightshift memory show --repository ${repository}`;
    store.commit((writer) => {
      writer.append({
        type: 'memory.settled',
        run: run.id,
        offer: seq,
        state: reason === null ? 'kept' : 'waits',
        by: 'nightshift',
      });
      if (reason !== null) writer.append({ type: 'alert.raised', about: run.id, routine: run.routine, text });
    });
  }

  /** Another run, or a person, may have changed the same file since this run read it. */
  async function changedMeanwhile(
    root: string,
    changes: MemoryOffer['changes'],
    events: readonly Event[],
  ): Promise<string | null> {
    const notes = createNotes();
    for (const event of events) notes.apply(event);
    for (const { file, text } of changes) {
      const now = await files.read(root, file);
      // What a host that died had written already is no change of somebody else.
      if (now === text) continue;
      const found = notes.found().get(file) ?? null;
      if ((now === null ? null : sha256(now)) !== found) return `${file} was changed since the run read it`;
    }
    return null;
  }

  return {
    settle() {
      last = last.then(async () => {
        for (const id of store.outbox.pending('memory'))
          await settleOne(id).catch((error: unknown) =>
            log.error('what a run noted could not be kept', error, { run: id }),
          );
      });
      return last;
    },
  };
}
