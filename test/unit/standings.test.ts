/** Where all routines stand is asked at once; each must still be judged by its own account. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLedger } from '#core/ledger/ledger.ts';
import { openRoutines } from '#core/routines/routines.ts';
import { openStore } from '#core/store/event-log.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { countingIds, scratch, spec } from '../fakes/places.ts';

const noon = Date.parse('2026-11-20T12:00:00.000Z');
const minute = 60_000;

function setUp() {
  const directory = scratch();
  const clock = manualClock('2026-11-20T12:00:00.000Z');
  const store = openStore(join(directory, 'a.db'), clock);
  onTestFinished(() => store.close());
  const routines = openRoutines(join(directory, 'routines'));
  const ledger = createLedger({ store, routines, clock, ids: countingIds() });
  const add = (id: string, more: object = {}) => {
    routines.add(id, spec({ name: id, schedule: 'manual', ...more }));
    store.commit((writer) => ledger.begin(writer, id));
  };
  return { clock, store, routines, ledger, add };
}

test('of many routines each is due by what was added to it, and by nothing of its neighbours', () => {
  const { clock, store, ledger, add } = setUp();
  for (const id of ['once', 'other', 'trial', 'later']) add(id);
  add('paused-once', { paused: true });
  add('paused-trial', { paused: true });
  store.commit(({ records }) => {
    records.addOneOff('once', noon + minute);
    records.addOneOff('later', noon + 10 * minute);
    records.addOneOff('paused-once', noon + minute);
    records.addTrial('trial', noon + minute);
    records.addTrial('paused-trial', noon + minute);
  });
  expect(ledger.account('os_timer')).toEqual([]);
  clock.jump('2026-11-20T12:01:00.000Z');
  const rows = ledger.account('os_timer').map(({ routine, state }) => [routine, state]);
  expect(rows).toEqual([
    ['once', 'claimed'],
    ['paused-trial', 'claimed'],
    ['trial', 'claimed'],
  ]);
  expect(ledger.account('os_timer')).toEqual([]);
});

test('a schedule counts from its own beginning, whatever was before and will be after', () => {
  const { store, add } = setUp();
  add('a', { schedule: 'nightly' });
  add('b');
  store.commit(({ records }) => {
    records.addSpan('a', { from: noon + minute, state: 'paused', schedule: 'hourly', timeZone: 'UTC' });
    records.addSpan('a', { from: noon + 2 * minute, state: 'removed', schedule: 'hourly', timeZone: 'UTC' });
  });
  const states = (now: number, only?: string) =>
    [...store.records.standings(now, now, only)].map(([id, { span }]) => [id, span?.state ?? null]);
  expect(states(noon - 1)).toEqual([
    ['a', null],
    ['b', null],
  ]);
  expect(states(noon, 'a')).toEqual([['a', 'active']]);
  expect(states(noon + minute, 'a')).toEqual([['a', 'paused']]);
  expect(states(noon + 2 * minute, 'a')).toEqual([['a', 'removed']]);
  expect(states(noon, 'nobody')).toEqual([]);
});

test('what was changed or removed by hand between two looks is noticed at the second', () => {
  const { clock, routines, ledger, add } = setUp();
  add('edited', { schedule: 'nightly' });
  add('removed', { schedule: 'nightly' });
  expect(ledger.account('host')).toEqual([]);
  routines.save('edited', spec({ name: 'edited', schedule: '5 12 * * *', timeZone: 'UTC' }));
  routines.remove('removed');
  clock.jump('2026-11-20T12:01:00.000Z');
  expect(ledger.account('host')).toEqual([]);
  clock.jump('2026-11-20T12:05:00.000Z');
  expect(ledger.account('host')).toMatchObject([{ routine: 'edited', dueAt: '2026-11-20T12:05:00.000Z' }]);
  clock.jump('2026-11-21T04:00:00.000Z');
  expect(ledger.account('host')).toEqual([]);
});
