/** An event stream that resumes from a sequence number: every event exactly once and in order, for as long as anyone listens. */
import type { Delta, Event, StreamItem } from '#contract/events.ts';
import { runOf } from '#contract/state.ts';
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
      for (const event of inbox.behind() ? inbox.backlog(last) : []) {
        last = event.seq;
        yield { kind: 'event', event };
      }
      if (inbox.behind()) continue;
      if (!told) yield { kind: 'caught_up', seq: last };
      told = true;
      const item = await inbox.next();
      if (item && 'seq' in item) {
        if (item.seq <= last) continue;
        last = item.seq;
        yield { kind: 'event', event: item };
      } else if (item) yield item;
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
    const about = item.kind === 'delta' ? item.run : runOf(item.event);
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
    /** The next page of the log. A short page is its end: from then on, in the same breath, what comes is kept. */
    backlog(last: number): Event[] {
      const events = store.events({ after: last, ...(run === undefined ? {} : { run }), limit: page });
      if (events.length < page) behind = false;
      return events;
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
