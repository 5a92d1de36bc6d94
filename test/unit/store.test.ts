import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import { Fault } from '#contract/faults.ts';
import { openStore } from '#core/store/event-log.ts';
import { follow } from '#core/store/follow.ts';
import { migrations } from '#core/store/migrations.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { scratch } from '../fakes/places.ts';

const start = '2026-11-20T03:00:00.000Z';
const hostStarted = { type: 'host.started', pid: 1, version: '1' } as const;
const queued = (run: string) => ({ type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } }) as const;

function open(file = join(scratch(), 'a.db')) {
  const store = openStore(file, manualClock(start));
  onTestFinished(() => {
    try {
      store.close();
    } catch {}
  });
  return { store, file };
}

test('sequence numbers count up from 1 without gaps, also past a transaction that was undone', () => {
  const { store } = open();
  store.commit((w) => w.append(hostStarted));
  expect(() =>
    store.commit((w) => {
      w.append(hostStarted);
      throw new Error('undone');
    }),
  ).toThrow('undone');
  store.commit((w) => [w.append(hostStarted), w.append(hostStarted)]);
  expect(store.events({ after: 0, limit: 10 }).map((e) => e.seq)).toEqual([1, 2, 3]);
  expect(store.seq()).toBe(3);
});

test('events, projection and outbox land together or not at all', () => {
  const { store } = open();
  expect(() =>
    store.commit((w) => {
      w.append(queued('run-00000001'));
      w.outbox.add('run', 'run-00000001');
      throw new Error('power cut');
    }),
  ).toThrow('power cut');
  expect(store.read.run('run-00000001')).toBeUndefined();
  expect(store.outbox.pending('run')).toEqual([]);
  expect(store.events({ after: 0, limit: 10 })).toEqual([]);
});

const run = 'run-00000001';
const reserve = { run, routine: 'triage', micros: 7, purpose: 'session' };
const turned = (turn: number) => ({ type: 'turn.started', run, turn }) as const;

test('what is kept in mind of runs, facts and money is as it was before a transaction that was undone', () => {
  const { store } = open();
  store.commit((w) => {
    w.append(queued(run));
    w.records.setFact('day_cap', '1');
    w.records.reserve(reserve);
    w.records.addSpending({ ...reserve, at: 5 });
  });
  const look = () => [
    ...[store.read.run(run)?.turns, store.records.fact('day_cap'), store.records.reserved().length],
    ...[store.records.standing(reserve, 0), store.records.spentMicros(0, 'triage')],
  ];
  const before = look();
  const undone = () =>
    store.commit((w) => {
      w.append(turned(3));
      w.records.setFact('day_cap', '2');
      w.records.release(1);
      w.records.reserve({ ...reserve, micros: 100 });
      w.records.addSpending({ ...reserve, at: 6 });
      w.records.addAllowance({ at: 6, routine: null, micros: 9 });
      look();
      throw new Error('undone');
    });
  expect(undone).toThrow('undone');
  expect(look()).toEqual(before);
  expect(store.commits()).toBe(1);
});

test('what somebody else wrote is seen by the next transaction', () => {
  const { store, file } = open();
  const { store: other } = open(file);
  store.commit((w) => [w.append(queued(run)), w.records.setFact('day_cap', '1'), w.records.reserve(reserve)]);
  expect([store.read.run(run)?.turns, store.records.reserved().length]).toEqual([0, 1]);
  other.commit((w) => [w.append(turned(4)), w.records.setFact('day_cap', '2'), w.records.reserve(reserve)]);
  store.commit((w) => {
    expect([store.read.run(run)?.turns, w.records.fact('day_cap'), w.records.reserved().length]).toEqual([4, '2', 2]);
    expect(w.append(hostStarted).seq).toBe(3);
  });
});

test('listeners hear committed events only, in order, also when one of them commits [commit-then-tell]', () => {
  const { store } = open();
  const heard: number[] = [];
  store.listen((item) => {
    if (item.kind === 'event' && item.event.seq === 1) store.commit((w) => w.append(hostStarted));
  });
  store.listen((item) => item.kind === 'event' && heard.push(item.event.seq));
  store.commit((w) => [w.append(hostStarted), w.append(hostStarted)]);
  expect(heard).toEqual([1, 2, 3]);
});

test('the log refuses to be changed', () => {
  const { store, file } = open();
  store.commit((w) => w.append(hostStarted));
  store.close();
  const raw = new Database(file);
  expect(() => raw.exec("UPDATE events SET type = 'x'")).toThrow('append-only');
  expect(() => raw.exec('DELETE FROM events')).toThrow('append-only');
  raw.close();
});

test('what was committed is there after reopening, and projections equal a replay of the events', () => {
  const { store, file } = open();
  store.commit((w) => w.append(queued('run-00000001')));
  store.commit((w) =>
    w.append({ type: 'run.ended', run: 'run-00000001', outcome: 'failed', reason: null, proposal: null }),
  );
  store.close();
  const again = open(file).store;
  expect(again.read.run('run-00000001')).toMatchObject({ state: 'ended', outcome: 'failed' });
  expect(again.events({ after: 0, limit: 10 })).toHaveLength(2);
});

test('a database of a newer version is refused with the cure and left as it is', () => {
  const { store, file } = open();
  store.close();
  const raw = new Database(file);
  raw.pragma(`user_version = ${migrations.length + 1}`);
  raw.close();
  expect(() => openStore(file, manualClock(start))).toThrow(
    expect.objectContaining({ code: 'data.newer', cure: expect.stringContaining('newer version') }),
  );
  const after = new Database(file);
  expect(after.pragma('user_version', { simple: true })).toBe(migrations.length + 1);
  after.close();
});

async function take(from: AsyncIterable<{ kind: string }>, count: number): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of from) if (items.push(item) === count) break;
  return items;
}

test('a follower gets every event once and in order, across the end of the backlog', async () => {
  const { store } = open();
  for (let i = 0; i < 2500; i++) store.commit((w) => w.append(hostStarted));
  const abort = new AbortController();
  const reader = follow(store, 10, undefined, abort.signal);
  const first = (await take({ [Symbol.asyncIterator]: () => ({ next: () => reader.next() }) }, 1000)) as {
    event: Event;
  }[];
  for (let i = 0; i < 100; i++) store.commit((w) => w.append(hostStarted));
  const more: number[] = [];
  while (more.length < 1590) {
    const { value } = await reader.next();
    if (value?.kind === 'event') more.push(value.event.seq);
  }
  const seqs = [...first.map((item) => item.event.seq), ...more];
  expect(seqs).toEqual(Array.from({ length: 2590 }, (_, i) => i + 11));
  abort.abort();
  const rest: boolean[] = [];
  while (!rest.at(-1)) rest.push((await reader.next()).done ?? false);
  expect(rest.length).toBeLessThan(5);
});

test('a follower that is slow loses deltas, never events', async () => {
  const { store } = open();
  const abort = new AbortController();
  const reader = follow(store, 0, undefined, abort.signal);
  expect((await reader.next()).value).toEqual({ kind: 'caught_up', seq: 0 });
  const waiting = reader.next();
  for (let i = 0; i < 6000; i++) {
    store.tell({ kind: 'delta', run: 'run-00000001', turn: 1, channel: 'text', text: '.' });
    if (i % 2 === 0) store.commit((w) => w.append(hostStarted));
  }
  const seqs: number[] = [];
  const { value: first } = await waiting;
  if (first?.kind === 'event') seqs.push(first.event.seq);
  while (seqs.length < 3000) {
    const { value } = await reader.next();
    if (value?.kind === 'event') seqs.push(value.event.seq);
  }
  expect(seqs).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1));
  abort.abort();
});

test('a follower of one run hears of that run only', async () => {
  const { store } = open();
  store.commit((w) => w.append(queued('run-00000001')));
  store.commit((w) => w.append(queued('run-00000002')));
  const abort = new AbortController();
  const reader = follow(store, 0, 'run-00000002', abort.signal);
  const { value } = await reader.next();
  expect(value).toMatchObject({ kind: 'event', event: { run: 'run-00000002', seq: 2 } });
  abort.abort();
  await reader.return(undefined);
});

test('faults are Faults', () => {
  expect(new Fault('input', 'x', { field: 'a' }).toData()).toMatchObject({ code: 'input', field: 'a' });
});

test('whoever opened last with a number of its own writes; the one before reads on and commits nothing', () => {
  const file = join(scratch(), 'a.db');
  const [first, second] = [1, 2].map((fence) => openStore(file, manualClock(start), fence));
  onTestFinished(() => void [first, second].map((each) => each?.close()));
  expect(() => first?.commit((w) => w.append(hostStarted))).toThrow(/taken over/);
  expect(second?.commit((w) => w.append(hostStarted)).seq).toBe(1);
  expect(first?.seq()).toBe(1);
  // Its numbers may begin anew when the lease was deleted by hand.
  const third = openStore(file, manualClock(start), 1);
  onTestFinished(() => third.close());
  expect(() => second?.commit((w) => w.append(hostStarted))).toThrow(/taken over/);
});
