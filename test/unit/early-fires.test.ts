/** An OS timer that fires early because the OS knows other zone data: the host stays until the instant it meant. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEarlyFires } from '#core/ledger/early-fires.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import { startTicking } from '#core/ledger/tick.ts';
import { openRoutines } from '#core/routines/routines.ts';
import { openStore } from '#core/store/event-log.ts';
import { watchIdle } from '#server/life.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { countingIds, scratch, silent, spec } from '../fakes/places.ts';

const minute = 60_000;

/** What `due --by os_timer --routine triage` does to a host that nobody else needs. */
function setUp(now: string, change: Parameters<typeof spec>[0] = {}) {
  const directory = scratch();
  const clock = manualClock('2026-11-19T12:00:00.000Z');
  const store = openStore(join(directory, 'a.db'), clock);
  onTestFinished(() => store.close());
  const routines = openRoutines(join(directory, 'routines'));
  const ledger = createLedger({ store, routines, clock, ids: countingIds() });
  const early = createEarlyFires({ store, routines, clock });
  routines.add('triage', spec({ schedule: '0 3 * * *', ...change }));
  store.commit((writer) => ledger.begin(writer, 'triage'));
  clock.jump(now);
  const fire = () => {
    const rows = ledger.account('os_timer', 'triage');
    if (rows.length === 0) early.note('triage');
    return rows;
  };
  const waits = () => Math.max(0, early.until() - clock.now()) / minute;
  return { clock, store, routines, ledger, early, fire, waits };
}

test('an hour early: the host stays, the tick claims the instant, then the host goes [early-waits]', () => {
  const { clock, store, ledger, early, fire } = setUp('2026-11-20T02:00:00.500Z');
  ledger.account('sweep');
  // Yesterday's instant is long settled.
  clock.jump('2026-11-21T02:00:00.500Z');
  let left: string | null = null;
  const activity = { busy: () => false, onIdle: () => () => {}, neededUntil: early.until };
  let clients = 1;
  let change = () => {};
  const attached = {
    count: () => clients,
    onChange: (fn: () => void) => {
      change = fn;
    },
  };
  const unwatch = watchIdle(clock, 10_000, attached, activity, () => {
    left = new Date(clock.now()).toISOString();
  });
  const stop = startTicking({ clock, log: silent, beat: () => false, look: () => void ledger.account('host') });
  onTestFinished(() => {
    unwatch();
    stop();
  });
  expect(fire().map((row) => row.dueAt)).toEqual(['2026-11-20T03:00:00.000Z']);
  clock.advance(3 * minute);
  expect(fire()).toEqual([]);
  clients = 0;
  change();
  clock.advance(56 * minute);
  expect(left).toBeNull();
  clock.advance(2 * minute);
  expect(store.read.occurrence('triage', '2026-11-21T03:00:00.000Z')).toMatchObject({ claimedBy: 'host' });
  clock.advance(minute);
  expect(left).toBe('2026-11-21T03:01:10.000Z');
});

test.each([
  ['two hours early', '2026-11-20T01:00:00.000Z', {}, 121],
  ['more than two hours early', '2026-11-20T00:59:59.000Z', {}, 0],
  ['a paused routine', '2026-11-20T02:00:00.000Z', { paused: true }, 0],
  ['another zone', '2026-11-20T01:00:00.000Z', { timeZone: 'Europe/Berlin' }, 61],
])('%s', (_what, now, change, minutes) => {
  const { fire, waits } = setUp(now, change);
  fire();
  expect(waits()).toBe(minutes);
});

test('a fire whose instant somebody else claimed is not early, however near the next one is', () => {
  const { clock, ledger, fire, waits } = setUp('2026-11-20T03:00:00.200Z', { schedule: '*/5 * * * *' });
  ledger.account('host');
  expect(fire()).toEqual([]);
  expect(waits()).toBe(0);
  clock.jump('2026-11-20T03:04:00.000Z');
  expect(fire()).toEqual([]);
  expect(waits()).toBe(2);
});

test('an instant that a person added counts as well', () => {
  const { store, fire, waits } = setUp('2026-11-20T12:00:00.000Z', { schedule: 'manual' });
  store.commit((writer) => writer.records.addOneOff('triage', Date.parse('2026-11-20T12:30:00.000Z')));
  fire();
  expect(waits()).toBe(31);
});

test('a clock that was set back does not hold the host for a day', () => {
  const { clock, fire, waits } = setUp('2026-11-20T02:00:00.000Z');
  fire();
  expect(waits()).toBe(61);
  clock.jump('2026-11-19T12:00:00.000Z');
  expect(waits()).toBe(0);
});
