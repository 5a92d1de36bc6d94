import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLedger } from '#core/ledger/ledger.ts';
import { openRoutines } from '#core/routines/routines.ts';
import { openStore } from '#core/store/event-log.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { countingIds, scratch, spec } from '../fakes/places.ts';
import { limits } from '../fakes/records.ts';

function setUp(schedule = '0 3 * * *') {
  const directory = scratch();
  const clock = manualClock('2026-11-20T12:00:00.000Z');
  const store = openStore(join(directory, 'a.db'), clock);
  onTestFinished(() => store.close());
  const routines = openRoutines(join(directory, 'routines'));
  const ledger = createLedger({ store, routines, clock, ids: countingIds() });
  routines.add('triage', spec({ schedule }));
  store.commit((w) => ledger.begin(w, 'triage'));
  const endRun = (run: string) =>
    store.commit((w) => {
      w.append({ type: 'run.ended', run, outcome: 'nothing_to_propose', reason: null, proposal: null });
      const known = store.read.run(run);
      if (known) ledger.settle(w, known, 'ran', null);
    });
  const start = (run: string) =>
    store.commit((w) => {
      const few = limits({ turns: 1 });
      const git = { repository: '/r', branch: 'b', baseBranch: 'main', base: 'c' };
      w.append({
        type: 'run.started',
        run,
        model: 'm',
        rehearsal: true,
        permissionMode: 'acceptEdits',
        limits: few,
        ...git,
      });
    });
  const rows = () => store.read.occurrences({ limit: 100 });
  return { clock, store, routines, ledger, endRun, start, rows };
}

test('nothing of the past is due when a routine begins', () => {
  const { ledger, clock } = setUp();
  expect(ledger.account('cli')).toEqual([]);
  clock.jump('2026-11-21T02:59:00.000Z');
  expect(ledger.account('cli')).toEqual([]);
});

test('an instant is claimed once, however often and by whomever it is asked [one-trigger-one-run]', () => {
  const { ledger, clock, store, rows } = setUp();
  clock.jump('2026-11-21T03:00:01.000Z');
  const [claimed] = ledger.account('os_timer');
  expect(claimed).toMatchObject({
    dueAt: '2026-11-21T03:00:00.000Z',
    state: 'claimed',
    run: 'run-00000001',
    claimedBy: 'os_timer',
  });
  expect(ledger.account('cli')).toEqual([]);
  expect(ledger.account('host')).toEqual([]);
  expect(rows()).toHaveLength(1);
  expect(store.read.run('run-00000001')).toMatchObject({
    trigger: { kind: 'schedule', dueAt: '2026-11-21T03:00:00.000Z' },
  });
  expect(store.outbox.pending('run')).toEqual(['run-00000001']);
});

test('a timer that fires a moment early claims the instant it was set for', () => {
  const { ledger, clock } = setUp();
  clock.jump('2026-11-21T02:59:58.500Z');
  expect(ledger.account('os_timer')).toMatchObject([{ dueAt: '2026-11-21T03:00:00.000Z', state: 'claimed' }]);
  clock.jump('2026-11-21T03:00:00.500Z');
  expect(ledger.account('os_timer')).toEqual([]);
});

test('missed instants are folded into one row with their number and the newest one runs [every-occurrence-accounted]', () => {
  const { ledger, clock } = setUp();
  clock.jump('2026-11-25T09:00:00.000Z');
  expect(ledger.account('os_timer')).toMatchObject([
    {
      dueAt: '2026-11-24T03:00:00.000Z',
      state: 'coalesced',
      count: 4,
      run: null,
      reason: expect.stringContaining('4 instants'),
    },
    { dueAt: '2026-11-25T03:00:00.000Z', state: 'claimed', count: 1 },
  ]);
});

test('while a run is open its routine skips, and the row says which run was in the way [every-occurrence-accounted]', () => {
  const { ledger, clock, endRun } = setUp();
  clock.jump('2026-11-21T03:00:00.000Z');
  ledger.account('os_timer');
  clock.jump('2026-11-22T03:00:00.000Z');
  expect(ledger.account('os_timer')).toMatchObject([
    { state: 'skipped', run: null, reason: expect.stringContaining('run-00000001') },
  ]);
  endRun('run-00000001');
  clock.jump('2026-11-23T03:00:00.000Z');
  expect(ledger.account('os_timer')).toMatchObject([{ state: 'claimed' }]);
});

test('a row ends as ran, or as ran late with how late', () => {
  const { ledger, clock, endRun, start, rows } = setUp();
  clock.jump('2026-11-21T03:00:10.000Z');
  ledger.account('os_timer');
  start('run-00000001');
  endRun('run-00000001');
  expect(rows()[0]).toMatchObject({ state: 'ran', reason: null });
  clock.jump('2026-11-22T05:00:00.000Z');
  ledger.account('cli');
  start('run-00000002');
  endRun('run-00000002');
  expect(rows()[0]).toMatchObject({ state: 'ran_late', reason: 'Started 2 h after it was due.' });
});

test('a paused or a broken routine is not due, and takes no other down [file-is-truth]', () => {
  const { ledger, clock, routines } = setUp();
  routines.add('paused', spec({ name: 'paused', paused: true }));
  clock.jump('2026-11-21T03:00:00.000Z');
  expect(ledger.account('cli').map((row) => row.routine)).toEqual(['triage']);
});

test('one-off instants are due beside the schedule, once', () => {
  const { ledger, clock, store } = setUp('manual');
  store.commit((w) => w.records.addOneOff('triage', Date.parse('2026-11-20T12:00:10.000Z')));
  expect(ledger.account('os_timer')).toEqual([]);
  clock.jump('2026-11-20T12:00:10.100Z');
  expect(ledger.account('os_timer')).toMatchObject([{ dueAt: '2026-11-20T12:00:10.000Z', state: 'claimed' }]);
  expect(ledger.account('os_timer')).toEqual([]);
});

test('a schedule and a one-off that fall on the same instant are one occurrence', () => {
  const { ledger, clock, store, rows } = setUp();
  store.commit((w) => w.records.addOneOff('triage', Date.parse('2026-11-21T03:00:00.000Z')));
  clock.jump('2026-11-21T03:00:00.000Z');
  ledger.account('os_timer');
  expect(rows()).toHaveLength(1);
});
