/** An event stream that resumes from a sequence number: every event exactly once and in order, for as long as anyone listens. */
import type { Delta, Event, StreamItem } from '#contract/events.ts';
import type { Store } from './event-log.ts';

/** Items waiting for a slow reader; beyond this the deltas are dropped and the events read again from the log. */
const patience = 5_000;
const page = 1_000;

/** Ends when `signal` aborts. `run` leaves out everything about other runs. */
export async function* follow(
  store: Store,
  after: number,
  run: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<StreamItem> {
  const inbox = createInbox(store, run, signal);
  let last = after;
  let told = false;
  try {
    while (!signal.aborted) {
      if (inbox.behind()) {
        const events = store.events({ after: last, ...(run === undefined ? {} : { run }), limit: page });
        // Listening starts in the same breath in which the log has no more: nothing fits in between.
        if (events.length < page) inbox.caughtUp();
        for (const event of events) yield { kind: 'event', event };
        last = events.at(-1)?.seq ?? last;
        if (!inbox.behind() && !told) yield { kind: 'caught_up', seq: last };
        told ||= !inbox.behind();
        continue;
      }
      const item = await inbox.next();
      if (!item) continue;
      if (!('seq' in item)) yield item;
      else if (item.seq > last) {
        last = item.seq;
        yield { kind: 'event', event: item };
      }
    }
  } finally {
    inbox.close();
  }
}

/** What was committed or told since the reader last looked. */
function createInbox(store: Store, run: string | undefined, signal: AbortSignal) {
  let waiting: (Event | Delta)[] = [];
  let behind = true;
  let wake: () => void = () => {};
  const deaf = store.listen((item) => {
    const about = item.kind === 'delta' ? item.run : 'run' in item.event ? item.event.run : undefined;
    if (run !== undefined && about !== run) return;
    if (waiting.length >= patience) {
      waiting = [];
      behind = true;
    }
    if (!behind) waiting.push(item.kind === 'delta' ? item : item.event);
    wake();
  });
  const stop = () => wake();
  signal.addEventListener('abort', stop);
  return {
    behind: () => behind,
    caughtUp() {
      behind = false;
    },
    /** Undefined when woken for another reason than an item. */
    async next(): Promise<Event | Delta | undefined> {
      if (waiting.length === 0 && !signal.aborted && !behind)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return behind ? undefined : waiting.shift();
    },
    close() {
      signal.removeEventListener('abort', stop);
      deaf();
    },
  };
}
