/** The page's link over connections that break, against an event log that goes on without it. */
import { expect, onTestFinished, test } from 'vitest';
import type { ApiClient } from '#contract/api.ts';
import type { Event, StreamItem } from '#contract/events.ts';
import type { Door } from '#link/door.ts';
import { type Phase, startLink } from '#link/link.ts';
import { verifies } from '../promises.ts';

/** A host in a few lines: a log, and connections that a test breaks after so many items. */
function scriptedLog() {
  let log: Event[] = [];
  let bell = Promise.withResolvers<void>();
  const asked: number[] = [];
  const ring = () => {
    bell.resolve();
    bell = Promise.withResolvers();
  };
  const append = (count: number) => {
    for (let i = 0; i < count; i += 1)
      log.push({ type: 'host.stopped', pid: 1, why: '', seq: log.length + 1, at: '2026-11-20T22:00:00.000Z' });
    ring();
  };
  async function* follow(after: number, breakAfter: number): AsyncGenerator<StreamItem> {
    asked.push(after);
    const until = log.length;
    let sent = 0;
    let seq = after;
    for (;;) {
      for (; seq < log.length; seq += 1) {
        if (seq === until) yield { kind: 'caught_up', seq };
        if (sent++ === breakAfter) throw new Error('the connection is gone');
        yield { kind: 'event', event: log[seq] as Event };
      }
      if (seq === until) yield { kind: 'caught_up', seq };
      await bell.promise;
    }
  }
  const open = (breakAfter: number): Door => ({
    client: {
      host: { status: async () => ({ seq: log.length }) },
      routines: { pausedAll: async () => null, list: async () => [], ledger: async () => [] },
      runs: { list: async () => [] },
      proposals: { list: async () => [] },
      questions: { list: async () => [] },
      alerts: { list: async () => [] },
      events: { follow: async ({ after }: { after: number }) => follow(after, breakAfter) },
    } as unknown as ApiClient,
    closed: new Promise(() => {}),
    close: () => {},
  });
  const replace = () => {
    log = [];
  };
  return { append, asked, open, replace };
}

function heard(open: () => Promise<Door>) {
  const state = { seq: null as number | null, seqs: [] as number[], snapshots: 0, phases: [] as Phase['is'][] };
  const link = startLink(
    open,
    {
      seq: () => state.seq,
      snapshot: ({ host }) => {
        state.seq = host.seq;
        state.snapshots += 1;
      },
      items: (batch) => {
        for (const item of batch)
          if (item.kind === 'event') {
            state.seqs.push(item.event.seq);
            state.seq = item.event.seq;
          }
      },
      phase: ({ is }) => {
        state.phases.push(is);
        // A person who does not want to wait.
        if (is === 'offline') setImmediate(() => link.retryNow());
      },
      refreshed: () => {},
    },
    (flush) => setImmediate(flush),
  );
  onTestFinished(() => link.stop());
  return { state, link };
}

test(verifies('stream-resumes', 'every event once and in order, however often the connection breaks'), async () => {
  const log = scriptedLog();
  let breaks = 0;
  const { state } = heard(async () => log.open(breaks++ < 12 ? 7 : Number.POSITIVE_INFINITY));
  await expect.poll(() => state.phases).toContain('live');
  for (let round = 0; round < 20; round += 1) {
    log.append(6);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => state.seqs.at(-1)).toBe(120);
  expect(state.seqs).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
  expect(state.snapshots).toBe(1);
  expect(log.asked.length).toBeGreaterThan(10);
});

test('a host that refuses is asked again until it takes the connection', async () => {
  const log = scriptedLog();
  log.append(3);
  let attempts = 0;
  const { state } = heard(async () => {
    attempts += 1;
    if (attempts < 4) throw new Error('refused');
    return log.open(Number.POSITIVE_INFINITY);
  });
  await expect.poll(() => state.phases).toEqual(['connecting', 'offline', 'offline', 'offline', 'live']);
});

test('another log, shorter than what was seen, is read from its start', async () => {
  const log = scriptedLog();
  log.append(5);
  let doors = 0;
  const { state } = heard(async () => {
    doors += 1;
    if (doors === 2) log.replace();
    return log.open(doors === 1 ? 0 : Number.POSITIVE_INFINITY);
  });
  await expect.poll(() => state.phases).toContain('live');
  log.append(1);
  await expect.poll(() => state.snapshots).toBe(2);
  expect(state.seq).toBe(0);
});

test('without a connection a call says so at once, with the cure [errors-cure]', async () => {
  const { link } = heard(() => Promise.reject(new Error('refused')));
  expect(() => link.client()).toThrow(expect.objectContaining({ code: 'host.unreachable', cure: expect.any(String) }));
});
