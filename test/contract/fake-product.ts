/** A product small enough to see through: a durable event log and methods that fail in every way there is. */
import { EventEmitter, once } from 'node:events';
import { isContractProcedure } from '@orpc/contract';
import Database from 'better-sqlite3';
import { api, type Handlers } from '#contract/api.ts';
import type { Event, StreamItem } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import type { Activity } from '#server/life.ts';

export const runId = 'run-0000test';
/** Following this run breaks with a fault after the first item. */
export const brokenRun = 'run-0000broken';
export const secret = 'sk-not-for-the-wire';

export interface FakeProduct {
  handlers: Handlers;
  activity: Activity;
  append(count: number): void;
  setBusy(busy: boolean): void;
  /** How many calls of `proposals.diff`, which never answers, were cancelled. */
  cancelled(): number;
  /** How many followers are being served. */
  followers(): number;
  close(): void;
}

/** `file`: where the events are kept; `:memory:` for none. */
export function fakeProduct(file = ':memory:', host: Partial<Handlers['host']> = {}): FakeProduct {
  const db = new Database(file);
  db.exec('CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, text TEXT NOT NULL)');
  const bell = new EventEmitter({ captureRejections: false }).setMaxListeners(0);
  let busy = false;
  let cancelled = 0;
  let followers = 0;

  const append = (count: number) => {
    const insert = db.prepare('INSERT INTO event (text) VALUES (?)');
    db.transaction(() => {
      for (let i = 0; i < count; i++) insert.run(`message ${i}`);
    })();
    bell.emit('news');
  };
  const after = (seq: number): Event[] =>
    db
      .prepare<[number], { seq: number; text: string }>(
        'SELECT seq, text FROM event WHERE seq > ? ORDER BY seq LIMIT 100',
      )
      .all(seq)
      .map(({ seq, text }) => ({
        type: 'message.added',
        run: runId,
        text,
        from: 'nightshift',
        seq,
        at: new Date(0).toISOString(),
      }));

  async function* follow(
    from: number,
    run: string | undefined,
    signal?: AbortSignal,
  ): AsyncGenerator<StreamItem, void, void> {
    followers++;
    let seq = from;
    let caughtUp = false;
    try {
      while (!signal?.aborted) {
        const news = once(bell, 'news', { signal });
        news.catch(() => {});
        const events = after(seq);
        for (const event of events) {
          yield { kind: 'event', event };
          seq = event.seq;
          if (run === brokenRun) throw new Fault('data.full', 'The disk is full.', { cure: 'Free some space.' });
        }
        if (events.length > 0) continue;
        if (!caughtUp) yield { kind: 'caught_up', seq };
        caughtUp = true;
        await news.catch(() => {});
      }
    } finally {
      followers--;
    }
  }

  const handlers = fill({
    routines: {
      preview: async ({ schedule, count }) => ({
        ...{ schedule: { kind: 'manual' }, canonical: schedule, words: `${schedule} x ${count}` },
        ...{ next: [], exactness: 'exact' },
      }),
      get: async ({ routine }) => {
        throw new Fault('not_found', `There is no routine ${routine}.`, { field: 'routine', cure: 'List them.' });
      },
      run: async () => {
        append(50);
        return { run: runId };
      },
    },
    runs: {
      stop: async () => {
        // Words that, on the client's side, would mean a broken connection.
        throw new DOMException(`WebSocket is not open, says ${secret}`, 'AbortError');
      },
      list: async () => [{ id: secret } as never],
    },
    proposals: {
      diff: (_input, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            cancelled++;
            reject(new Error('interrupted at work'));
          });
        }),
    },
    events: { follow: async ({ after: from, run }, signal) => follow(from, run, signal) },
    host,
  });
  return {
    handlers,
    append,
    activity: {
      busy: () => busy,
      onIdle: (fn) => {
        bell.on('idle', fn);
        return () => bell.off('idle', fn);
      },
    },
    setBusy(now) {
      busy = now;
      if (!now) bell.emit('idle');
    },
    cancelled: () => cancelled,
    followers: () => followers,
    close: () => db.close(),
  };
}

type Some<T> = { [K in keyof T]?: Partial<T[K]> };

function fill(given: Some<Handlers>): Handlers {
  const walk = (contract: object, some: unknown): unknown => {
    if (isContractProcedure(contract)) return some ?? (() => Promise.reject(new Error('not part of this test')));
    const part = (key: string) => (some as Record<string, unknown> | undefined)?.[key];
    return Object.fromEntries(Object.entries(contract).map(([key, inner]) => [key, walk(inner, part(key))]));
  };
  return walk(api, given) as Handlers;
}
