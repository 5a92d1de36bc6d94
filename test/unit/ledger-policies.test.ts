/** The ledger with policies, hand-edited files and wrong clocks: rows, causes and runs as they are stored. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PoliciesChange } from '#contract/policies.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { createPausingAll } from '#core/ledger/pause-all.ts';
import { openRoutines } from '#core/routines/routines.ts';
import { firstMessage } from '#core/session/prompt.ts';
import { openStore } from '#core/store/event-log.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { countingIds, scratch, spec } from '../fakes/places.ts';

type Change = Omit<Partial<RoutineSpec>, 'policies'> & { policies?: object };

function setUp(change: Change = {}, start = '2026-11-20T12:00:00.000Z') {
  const directory = scratch();
  const clock = manualClock(start);
  const store = openStore(join(directory, 'a.db'), clock);
  onTestFinished(() => store.close());
  const routines = openRoutines(join(directory, 'routines'));
  const ids = countingIds();
  const ledger = createLedger({ store, routines, clock, ids });
  routines.add('triage', spec(change as Partial<RoutineSpec>));
  store.commit((w) => ledger.begin(w, 'triage'));
  const rows = () => store.read.occurrences({ limit: 1000 }).reverse();
  const file = join(directory, 'routines', 'triage', 'routine.yaml');
  return { clock, store, routines, ledger, rows, ids, file, pausing: createPausingAll({ store, clock }) };
}

test('on time there is neither cause nor reason, and a missed range says from when', () => {
  const { clock, ledger, rows } = setUp();
  clock.jump('2026-11-24T03:00:01.000Z');
  ledger.account('host');
  expect(rows()).toMatchObject([
    { dueAt: '2026-11-23T03:00:00.000Z', from: '2026-11-21T03:00:00.000Z', count: 3, cause: 'coalesced' },
    { dueAt: '2026-11-24T03:00:00.000Z', from: null, count: 1, cause: null, reason: null },
  ]);
});

test('a minutely routine and a year without a machine: a handful of rows, and one run', () => {
  const { clock, ledger, rows } = setUp({ schedule: '* * * * *' });
  clock.jump('2027-11-20T12:00:00.000Z');
  ledger.account('host');
  expect(rows().map(({ state, cause }) => cause ?? state)).toEqual(['too_late', 'coalesced', 'claimed']);
  expect(rows()[1]).toMatchObject({
    count: 10_080,
    from: '2027-11-13T12:00:00.000Z',
    dueAt: '2027-11-20T11:59:00.000Z',
  });
  expect(rows()[0]?.dueAt).toBe('2027-11-13T11:59:00.000Z');
});

test('a late occurrence carries why nobody was there, and keeps it when it has run', () => {
  const { clock, ledger, store, rows } = setUp();
  store.records.addPresence({
    ...{ from: clock.now(), to: Date.parse('2026-11-21T08:00:00.000Z'), boot: null, kind: 'asleep', detail: null },
  });
  clock.jump('2026-11-21T08:00:00.000Z');
  const [row] = ledger.account('host');
  expect(row).toMatchObject({ state: 'claimed', cause: 'asleep', reason: null });
  const run = store.read.run(row?.run ?? '');
  if (run) store.commit((w) => ledger.settle(w, run, 'ran', null));
  expect(rows()).toMatchObject([
    {
      state: 'ran_late',
      cause: 'asleep',
      reason: 'Started 5 h after it was due; when it was due, the machine was asleep.',
    },
  ]);
});

test('a newer occurrence takes the place of the one that waits', () => {
  const { clock, ledger, store, rows } = setUp({ schedule: '0 * * * *', policies: { overlap: 'queue_one' } });
  for (const hour of ['13', '14', '15']) {
    clock.jump(`2026-11-20T${hour}:00:00.000Z`);
    ledger.account('host');
    if (hour === '13') store.commit((w) => w.append({ type: 'run.dispatched', run: 'run-00000001', attempt: 1 }));
  }
  expect(rows().map(({ state, cause, run }) => [state, cause, run])).toEqual([
    ['claimed', null, 'run-00000001'],
    ['coalesced', 'coalesced', 'run-00000002'],
    ['claimed', null, 'run-00000003'],
  ]);
  expect(store.outbox.pending('run')).toEqual(['run-00000001', 'run-00000003']);
  expect(store.read.run('run-00000002')).toMatchObject({ state: 'ended', outcome: 'stopped' });
});

test('cancel the old: asked for in the same commit, so that it survives a crash', () => {
  const { clock, ledger, store } = setUp({ schedule: '0 * * * *', policies: { overlap: 'cancel_old' } });
  clock.jump('2026-11-20T13:00:00.000Z');
  ledger.account('host');
  clock.jump('2026-11-20T14:00:00.000Z');
  ledger.account('host');
  expect(store.outbox.pending('cancel')).toEqual(['run-00000001']);
});

test('jitter is the same every day and for every process, differs between routines, and moves no due instant', () => {
  const { clock, ledger, store, routines, ids, rows } = setUp({ policies: { jitter: 60 } });
  const wish = routines.usable('triage').spec;
  const jitter = ledger.jitter('triage', wish);
  expect(createLedger({ store, routines, clock, ids }).jitter('triage', wish)).toBe(jitter);
  const others = Array.from({ length: 50 }, (_, i) => ledger.jitter(`other-${i}`, wish));
  expect(new Set(others).size).toBeGreaterThan(40);
  expect(Math.max(...others)).toBeLessThan(3_600_000);
  clock.jump('2026-11-21T03:00:00.000Z');
  ledger.account('host');
  expect(rows()).toMatchObject([{ dueAt: '2026-11-21T03:00:00.000Z' }]);
});

test('all paused: skipped while it lasts, due again after, and the pause is on record', () => {
  const { clock, ledger, pausing, rows, store } = setUp();
  pausing.pause('2026-11-22T12:00:00.000Z');
  expect(pausing.current()).toMatchObject({ until: '2026-11-22T12:00:00.000Z' });
  clock.jump('2026-11-23T03:00:00.000Z');
  ledger.account('host');
  expect(rows().map(({ state, cause, count }) => [state, cause, count])).toEqual([
    ['skipped', 'paused_all', 2],
    ['claimed', null, 1],
  ]);
  expect(pausing.current()).toBeNull();
  pausing.pause(null);
  clock.jump('2026-11-24T00:00:00.000Z');
  pausing.resume();
  clock.jump('2026-11-24T03:00:00.000Z');
  expect(ledger.account('host')).toMatchObject([{ state: 'skipped', cause: 'overlapped' }]);
  expect(store.events({ after: 0, limit: 100 }).filter(({ type }) => type === 'routines.paused_all')).toHaveLength(3);
  expect(() => pausing.pause('2026-11-01T00:00:00.000Z')).toThrow(/past/);
});

test('a file edited by hand: the old schedule counts until it is noticed, the new one from then on', () => {
  const { clock, ledger, routines, rows, store } = setUp();
  clock.jump('2026-11-21T02:00:00.000Z');
  routines.save('triage', spec({ schedule: '0 1 * * *' }));
  clock.jump('2026-11-21T03:00:10.000Z');
  expect(ledger.account('host')).toMatchObject([{ dueAt: '2026-11-21T03:00:00.000Z', state: 'claimed' }]);
  clock.jump('2026-11-22T03:00:10.000Z');
  ledger.account('host');
  expect(rows().map(({ dueAt }) => dueAt)).toEqual(['2026-11-21T03:00:00.000Z', '2026-11-22T01:00:00.000Z']);
  expect(store.events({ after: 0, limit: 100 })).toContainEqual(
    expect.objectContaining({ type: 'routine.changed', what: 'edited' }),
  );
});

test('paused and resumed by hand: what fell in between is not made up for', () => {
  const { clock, ledger, routines, rows } = setUp();
  routines.save('triage', spec({ paused: true }));
  ledger.account('host');
  clock.jump('2026-11-24T12:00:00.000Z');
  ledger.account('host');
  routines.save('triage', spec());
  ledger.account('host');
  expect(rows()).toEqual([]);
  clock.jump('2026-11-25T03:00:00.000Z');
  ledger.account('host');
  expect(rows()).toMatchObject([{ dueAt: '2026-11-25T03:00:00.000Z', state: 'claimed' }]);
});

test('a file broken while it is due: blocked, with the place to mend [every-occurrence-accounted]', () => {
  const { clock, ledger, rows, file, routines } = setUp();
  writeFileSync(file, 'schedule: [\n');
  clock.jump('2026-11-22T03:00:00.000Z');
  ledger.account('host');
  expect(rows()).toMatchObject([
    {
      state: 'blocked',
      cause: 'blocked',
      count: 2,
      run: null,
      reason: expect.stringMatching(/routine\.yaml, line \d/),
    },
  ]);
  routines.save('triage', spec());
  clock.jump('2026-11-23T03:00:00.000Z');
  ledger.account('host');
  expect(rows()).toHaveLength(2);
});

test('a zone that the system has lost: nothing is claimed, nothing is forgotten', () => {
  const { clock, ledger, store, rows, file } = setUp();
  const [whole, lost] = [readFileSync(file, 'utf8'), { state: 'active', schedule: '0 3 * * *' } as const];
  store.records.addSpan('triage', { ...lost, from: clock.now(), timeZone: 'Mars/Olympus' });
  writeFileSync(file, whole.replace('UTC', 'Mars/Olympus'));
  clock.jump('2026-11-21T03:00:00.000Z');
  expect(ledger.account('host')).toEqual([]);
  // It is there again.
  store.records.addSpan('triage', { ...lost, from: clock.now(), timeZone: 'UTC' });
  writeFileSync(file, whole);
  expect(ledger.account('host')).toMatchObject([{ state: 'claimed' }]);
  expect(rows()).toHaveLength(1);
});

test('a zone that the system has lost, mended by hand: it counts from then on', () => {
  const { clock, ledger, store } = setUp();
  store.records.addSpan('triage', {
    ...{ from: clock.now(), state: 'active', schedule: '0 3 * * *', timeZone: 'Mars/Olympus' },
  });
  clock.jump('2026-11-21T12:00:00.000Z');
  expect(ledger.account('host')).toEqual([]);
  expect(store.records.spanAt('triage', clock.now())?.timeZone).toBe('UTC');
  expect(store.outbox.pending('alarms')).toHaveLength(1);
  clock.jump('2026-11-22T03:00:00.000Z');
  expect(ledger.account('host')).toMatchObject([{ state: 'claimed', count: 1 }]);
});

test('what falls due while a change is being written counts by the new schedule, and is in one row', () => {
  const { clock, ledger, routines, rows, store } = setUp();
  clock.jump('2026-11-21T02:59:59.900Z');
  ledger.change('triage', () => {
    routines.save('triage', spec({ schedule: '*/15 * * * *' }));
    clock.jump('2026-11-21T03:00:00.200Z');
  });
  expect(rows()).toEqual([]);
  expect(ledger.account('host')).toMatchObject([{ dueAt: '2026-11-21T03:00:00.000Z', count: 1, state: 'claimed' }]);
  expect(store.records.spec('run-00000001')?.schedule).toBe('*/15 * * * *');
});

test('an instant that was claimed a moment early is not in a second row after an edit', () => {
  const { clock, ledger, routines, rows } = setUp();
  clock.jump('2026-11-21T02:59:59.000Z');
  expect(ledger.account('os_timer')).toHaveLength(1);
  ledger.change('triage', () => routines.save('triage', spec({ schedule: '0 * * * *' })));
  clock.jump('2026-11-21T06:00:00.000Z');
  ledger.account('host');
  expect(rows().map(({ dueAt, from, count }) => [dueAt.slice(11, 16), from?.slice(11, 16), count])).toEqual([
    ['03:00', undefined, 1],
    ['05:00', '04:00', 2],
    ['06:00', undefined, 1],
  ]);
});

test('a change that cannot be written leaves the account as it was', () => {
  const { clock, ledger, rows, store } = setUp();
  clock.jump('2026-11-21T03:00:05.000Z');
  const before = [store.seq(), store.records.accountedTo('triage')];
  const fail = () => {
    throw new Error('no space left');
  };
  expect(() => ledger.change('triage', fail)).toThrow('no space');
  expect(() => ledger.remove('triage', fail)).toThrow('no space');
  expect([store.seq(), store.records.accountedTo('triage')]).toEqual(before);
  expect(ledger.account('host')).toHaveLength(1);
  expect(rows()).toHaveLength(1);
});

test('a crash between the files and the record of a removal: found at the next look, with the reason', () => {
  const { clock, ledger, routines, rows } = setUp();
  clock.jump('2026-11-23T03:00:05.000Z');
  routines.remove('triage');
  expect(ledger.account('host')).toMatchObject([{ state: 'skipped', cause: 'removed', count: 3 }]);
  expect(rows()[0]?.reason).toBe("The routine's folder was gone before anybody had looked at these 3 instants.");
  expect(ledger.account('host')).toEqual([]);
  // A new one of the same name owes nothing, and the old rows stay.
  routines.add('triage', spec());
  ledger.account('host');
  clock.jump('2026-11-24T03:00:05.000Z');
  expect(ledger.account('host')).toMatchObject([{ state: 'claimed', count: 1 }]);
  expect(rows()).toHaveLength(2);
});

test('a clock that was days ahead: the account goes on from now, it is said, and no instant gets a second row', () => {
  const { clock, ledger, store, rows } = setUp();
  clock.jump('2026-12-20T12:00:00.000Z');
  ledger.account('host');
  const before = rows().length;
  clock.jump('2026-11-20T12:10:00.000Z');
  expect(ledger.account('host')).toEqual([]);
  const alert = store.events({ after: 0, limit: 100 }).find(({ type }) => type === 'alert.raised');
  expect(alert).toMatchObject({ routine: 'triage', text: expect.stringContaining('clock that was wrong') });
  for (let day = 21; day <= 30; day++) {
    clock.jump(`2026-11-${day}T03:00:00.000Z`);
    ledger.account('host');
  }
  expect(rows().length).toBe(before + 10);
  clock.jump('2026-12-21T03:00:00.000Z');
  ledger.account('host');
  const keys = rows().map(({ dueAt }) => dueAt);
  expect(keys).toEqual([...new Set(keys)]);
});

test('a clock set back by an hour runs nothing twice', () => {
  const { clock, ledger } = setUp({ schedule: '*/10 * * * *', policies: { overlap: 'parallel' } });
  clock.jump('2026-11-20T13:00:00.000Z');
  ledger.account('host');
  clock.jump('2026-11-20T12:30:00.000Z');
  expect(ledger.account('host')).toEqual([]);
  clock.jump('2026-11-20T13:00:30.000Z');
  expect(ledger.account('host')).toEqual([]);
  clock.jump('2026-11-20T13:10:00.000Z');
  expect(ledger.account('host')).toMatchObject([{ dueAt: '2026-11-20T13:10:00.000Z' }]);
});

test('in 1970 nothing is claimed, and a routine begun then does not owe half a century', () => {
  const { clock, ledger } = setUp({}, '1970-01-01T00:10:00.000Z');
  clock.jump('1970-01-03T00:00:00.000Z');
  expect(ledger.account('host')).toEqual([]);
  clock.jump('2026-11-20T12:00:00.000Z');
  expect(ledger.account('host')).toEqual([]);
  clock.jump('2026-11-21T03:00:00.000Z');
  expect(ledger.account('host')).toMatchObject([{ state: 'claimed', count: 1 }]);
});

test('the agent is told when it was due, what time it is and what was missed', () => {
  const { clock, ledger, store } = setUp({ timeZone: 'Europe/Berlin', schedule: '0 7 * * *' });
  clock.jump('2026-11-23T08:31:00.000Z');
  const run = store.read.run(ledger.account('host').at(-1)?.run ?? '');
  const text = firstMessage(
    spec({ timeZone: 'Europe/Berlin' }),
    run?.trigger ?? { kind: 'person' },
    '2026-11-23T08:31:00.000Z',
  );
  expect(text).toContain('due 2026-11-23 07:00');
  expect(text).toContain('now it is 09:31');
  expect(text).toContain('2 occurrences were missed');
});

test('an edit that names one policy leaves the others as they were', () => {
  expect(PoliciesChange.parse({ jitter: 5 })).toEqual({ jitter: 5 });
  expect(() => PoliciesChange.parse({ overlap: 'both' })).toThrow();
  expect(() => PoliciesChange.parse({ colour: 'red' })).toThrow();
});
