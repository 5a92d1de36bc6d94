/** "Why did nothing happen at 03:00?" has an answer for every instant since the routine exists. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLedger } from '#core/ledger/ledger.ts';
import { createPausingAll } from '#core/ledger/pause-all.ts';
import { createPresence } from '#core/ledger/presence.ts';
import { why } from '#core/ledger/why.ts';
import type { Moment } from '#core/ports.ts';
import { openRoutines } from '#core/routines/routines.ts';
import { openStore } from '#core/store/event-log.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { countingIds, scratch, spec } from '../fakes/places.ts';

function setUp() {
  const directory = scratch();
  const clock = manualClock('2026-11-20T12:00:00.000Z');
  const store = openStore(join(directory, 'a.db'), clock);
  onTestFinished(() => store.close());
  const routines = openRoutines(join(directory, 'routines'));
  const ledger = createLedger({ store, routines, clock, ids: countingIds() });
  const moment: Moment = { boot: 'one', uptime: 0, awake: 0, session: null };
  const machine = { moment: () => ({ ...moment }), conditions: async () => ({ onMains: null, unmetered: null }) };
  const presence = createPresence({ store, clock, machine }, 'host-1');
  presence.beat();
  routines.add('triage', spec());
  store.commit((w) => ledger.begin(w, 'triage'));
  /** Lets time go by without a host, with the machine in the given state, and lets a host look. */
  function absent(to: string, how: 'asleep' | 'off' | 'up') {
    const ms = Date.parse(to) - clock.now();
    clock.jump(to);
    if (how === 'off') Object.assign(moment, { boot: `${moment.boot}+`, uptime: 60_000, awake: 60_000 });
    else
      Object.assign(moment, {
        uptime: (moment.uptime ?? 0) + ms,
        awake: (moment.awake ?? 0) + (how === 'up' ? ms : 0),
      });
    presence.beat();
    return ledger.account('host');
  }
  const ask = (at: string) => why({ store, clock }, 'triage', `2026-11-${at}:00.000Z`);
  return { clock, store, routines, ledger, absent, ask, pausing: createPausingAll({ store, clock }) };
}

test('asleep, off, and no host: each is told from the others [why-answered]', () => {
  const { absent, ask, store, ledger } = setUp();
  const end = (run: string | null | undefined) => {
    const known = store.read.run(run ?? '');
    if (known)
      store.commit((w) => {
        w.append({ type: 'run.ended', run: known.id, outcome: 'nothing_to_propose', reason: null, proposal: null });
        ledger.settle(w, known, 'ran', null);
      });
  };
  end(absent('2026-11-21T08:00:00.000Z', 'asleep').at(-1)?.run);
  expect(ask('21T03:00')).toMatchObject({
    due: true,
    occurrence: { state: 'ran_late', cause: 'asleep' },
    sentence: expect.stringContaining('asleep'),
  });
  expect(ask('21T03:00').evidence).toContainEqual(expect.objectContaining({ kind: 'asleep' }));
  end(absent('2026-11-22T08:00:00.000Z', 'off').at(-1)?.run);
  expect(ask('22T03:00')).toMatchObject({
    occurrence: { cause: 'machine_off' },
    sentence: expect.stringMatching(/off/),
  });
  end(absent('2026-11-23T08:00:00.000Z', 'up').at(-1)?.run);
  expect(ask('23T03:00')).toMatchObject({ occurrence: { cause: 'host_down' } });
});

test('an instant of a missed range is found in its row', () => {
  const { absent, ask } = setUp();
  absent('2026-11-25T08:00:00.000Z', 'off');
  expect(ask('22T03:00')).toMatchObject({
    due: true,
    occurrence: { state: 'coalesced', count: 4, dueAt: '2026-11-24T03:00:00.000Z' },
    sentence: expect.stringContaining('one of 4 instants'),
  });
  expect(ask('22T04:00')).toMatchObject({
    due: false,
    occurrence: null,
    sentence: expect.stringMatching(/^Nothing was due at 2026-11-22 04:00/),
  });
});

test('before, not due, ahead, not looked at yet', () => {
  const { ask, clock } = setUp();
  expect(ask('19T03:00').sentence).toBe('The routine began only at 2026-11-20T12:00:00.000Z.');
  expect(ask('20T15:30')).toMatchObject({
    due: false,
    sentence: expect.stringContaining('after: 2026-11-21T03:00:00.000Z'),
  });
  expect(ask('21T03:00')).toMatchObject({
    due: true,
    occurrence: null,
    sentence: expect.stringContaining('15 h ahead'),
  });
  clock.jump('2026-11-21T03:00:30.000Z');
  expect(ask('21T03:00').sentence).toContain('nobody has looked since');
});

test('paused by its file, paused with all, edited, removed', () => {
  const { ask, clock, routines, store, ledger, pausing } = setUp();
  const change = (paused: boolean, schedule = '0 3 * * *') => {
    routines.save('triage', spec({ paused, schedule }));
    store.commit((w) => ledger.begin(w, 'triage'));
  };
  change(true);
  clock.jump('2026-11-22T12:00:00.000Z');
  change(false);
  expect(ask('21T03:00')).toMatchObject({
    due: false,
    sentence: expect.stringContaining('paused since 2026-11-20T12'),
  });
  pausing.pause(null);
  clock.jump('2026-11-23T12:00:00.000Z');
  ledger.account('host');
  expect(ask('23T03:00')).toMatchObject({ due: true, occurrence: { cause: 'paused_all' } });
  expect(ask('23T03:00').evidence).toContainEqual(expect.objectContaining({ kind: 'paused_all' }));
  pausing.resume();
  change(false, '0 5 * * *');
  expect(ask('23T05:00').sentence).toContain('the schedule then was "0 3 * * *"');
  ledger.remove('triage', () => routines.remove('triage'));
  clock.jump('2026-11-25T12:00:00.000Z');
  expect(ask('24T05:00').sentence).toContain('removed at 2026-11-23T12:00:00.000Z');
});

test('a routine that never was, and a clock in 1970', () => {
  const { store, clock, ask } = setUp();
  expect(() => why({ store, clock }, 'nobody', '2026-11-20T03:00:00.000Z')).toThrow(/Nothing is known/);
  clock.jump('1970-01-01T00:00:00.000Z');
  expect(ask('21T03:00').sentence).toContain('1970');
});
