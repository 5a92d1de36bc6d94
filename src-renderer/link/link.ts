/** Keeps the page in step with the host: a snapshot once, then every event exactly once and in order, across any number of broken connections. */
import type { ApiClient } from '#contract/api.ts';
import type { StreamItem } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { Door } from './door.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';

export type Phase = { is: 'connecting' } | { is: 'live' } | { is: 'offline'; retryAt: number; attempts: number };

/** Where the link puts what it hears. */
export interface Sink {
  /** Sequence number of the last event taken in; null before the first snapshot. */
  seq(): number | null;
  snapshot(snapshot: Snapshot): void;
  /** In the order they were sent. After it returns, `seq()` counts them. */
  items(batch: StreamItem[]): void;
  phase(phase: Phase): void;
  /** Connected again and caught up: facts that are no events may be stale. */
  refreshed(client: ApiClient): void;
}

export interface Link {
  /** Throws the `host.unreachable` fault while there is no connection. */
  client(): ApiClient;
  retryNow(): void;
  stop(): void;
}

/** Milliseconds before attempt n, the last one for all further attempts. */
const waits = [300, 1000, 2000, 3000, 5000, 10_000];

/** @param batch calls a function soon, at most once per screen frame */
export function startLink(open: () => Promise<Door>, sink: Sink, batch: (flush: () => void) => void): Link {
  let door: Door | undefined;
  let stopped = false;
  let attempts = 0;
  let wake = () => {};

  void (async () => {
    sink.phase({ is: 'connecting' });
    while (!stopped) {
      try {
        door = await open();
        // A connection that came too late.
        if (stopped) door.close();
        // A stream that does not notice the end of its connection must not hold up the next one.
        await Promise.race([follow(door), door.closed]);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
      } finally {
        door?.close();
        door = undefined;
      }
      if (stopped) return;
      const wait = waits[Math.min(attempts, waits.length - 1)] ?? 0;
      attempts += 1;
      sink.phase({ is: 'offline', retryAt: Date.now() + wait, attempts });
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();

  async function follow({ client }: Door): Promise<void> {
    const status = await client.host.status();
    const known = sink.seq();
    // A log shorter than what was seen is another log: start over.
    if (known === null || status.seq < known) sink.snapshot(await takeSnapshot(client));
    const stream = await client.events.follow({ after: sink.seq() ?? 0 });
    const queue: StreamItem[] = [];
    let asked = false;
    const flush = () => {
      asked = false;
      if (queue.length > 0) sink.items(queue.splice(0));
    };
    try {
      for await (const item of stream) {
        if (item.kind === 'caught_up') {
          flush();
          attempts = 0;
          sink.phase({ is: 'live' });
          sink.refreshed(client);
          continue;
        }
        queue.push(item);
        if (!asked) {
          asked = true;
          batch(flush);
        }
      }
    } finally {
      flush();
    }
  }

  return {
    client() {
      if (!door)
        throw new Fault('host.unreachable', 'Not connected to the host.', { cure: 'Wait for the connection.' });
      return door.client;
    },
    retryNow: () => wake(),
    stop() {
      stopped = true;
      door?.close();
      wake();
    },
  };
}
