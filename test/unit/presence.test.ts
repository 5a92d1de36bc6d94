/** Two beats tell what the machine did in between. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Beat, createPresence, gapsBetween } from '#core/ledger/presence.ts';
import type { Moment } from '#core/ports.ts';
import { openStore } from '#core/store/event-log.ts';
import { createMachine } from '#host/presence/machine.ts';
import { parseMetered } from '#host/presence/metered-linux.ts';
import { readPower } from '#host/presence/power-linux.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { scratch } from '../fakes/places.ts';

const second = 1000;
const hour = 3600 * second;
const start = Date.parse('2026-11-20T22:00:00.000Z');
const at = (change: Partial<Beat> = {}): Beat => ({
  ...{ at: start, host: 'a', boot: 'one', uptime: 100 * hour, awake: 60 * hour, session: null },
  ...change,
});
/** The same machine, `wall` later by its clock, `up` by its own count, awake for `awake` of it. */
const later = (wall: number, up = wall, awake = up, change: Partial<Beat> = {}) =>
  at({ at: start + wall, uptime: 100 * hour + up, awake: 60 * hour + awake, ...change });
const kinds = (last: Beat, now: Beat) =>
  gapsBetween(last, now).map(({ kind, from, to }) => [kind, (from - start) / second, (to - start) / second]);

describe('between two beats', () => {
  test('a host that was there', () => expect(kinds(at(), later(30 * second))).toEqual([]));
  test('a lid that was shut', () =>
    expect(kinds(at(), later(8 * hour, 8 * hour, 20 * second))).toEqual([['asleep', 0, 28_800]]));
  test('a host that stood still on a machine that did not', () =>
    expect(kinds(at(), later(hour))).toEqual([['host_down', 0, 3600]]));
  test('two hosts with nobody in between', () =>
    expect(kinds(at(), later(hour, hour, hour, { host: 'b' }))).toEqual([['host_down', 0, 3600]]));
  test('two hosts with a night of sleep in between', () =>
    expect(kinds(at(), later(9 * hour, 9 * hour, hour, { host: 'b' }))).toEqual([['asleep', 0, 32_400]]));
  test('nobody logged in for a while', () =>
    expect(kinds(at(), later(9 * hour, 9 * hour, 9 * hour, { host: 'b', session: start + 8 * hour }))).toEqual([
      ['logged_out', 0, 28_800],
      ['host_down', 28_800, 32_400],
    ]));
  test('a machine that was switched off: off, then started, then logged in', () => {
    const now = at({
      at: start + 9 * hour,
      boot: 'two',
      host: 'b',
      uptime: hour,
      awake: hour,
      session: start + 8.5 * hour,
    });
    expect(kinds(at(), now)).toEqual([
      ['machine_off', 0, 28_800],
      ['logged_out', 28_800, 30_600],
      ['host_down', 30_600, 32_400],
    ]);
  });
  test('a clock set forwards, and back', () => {
    expect(kinds(at(), later(48 * hour, 30 * second))).toEqual([['clock_changed', 30, 172_800]]);
    expect(kinds(at(), later(-48 * hour, 30 * second))).toEqual([['clock_changed', -172_800, 30]]);
  });
  test('a clock set during a sleep', () =>
    expect(kinds(at(), later(10 * hour, 8 * hour, 0))).toEqual([
      ['asleep', 0, 28_800],
      ['clock_changed', 28_800, 36_000],
    ]));
  test('a clock that drifts a little', () => expect(kinds(at(), later(31 * second, 30 * second))).toEqual([]));
  test('a system that tells nothing', () => {
    const mute = { boot: null, uptime: null, awake: null };
    expect(kinds(at(mute), at({ ...mute, at: start + hour }))).toEqual([['asleep', 0, 3600]]);
    expect(kinds(at(mute), at({ ...mute, at: start - hour }))).toEqual([['clock_changed', -3600, 0]]);
  });
});

test('beats of a whole night are one row; the gap and what follows are two more', () => {
  const clock = manualClock('2026-11-20T22:00:00.000Z');
  const file = join(scratch(), 'a.db');
  const store = openStore(file, clock);
  onTestFinished(() => store.close());
  let asleep = 0;
  const moment = (): Moment => ({
    boot: 'b',
    uptime: clock.now() - start,
    awake: clock.now() - start - asleep,
    session: null,
  });
  const machine = { moment, conditions: async () => ({ onMains: null, unmetered: null }) };
  const presence = createPresence({ store, clock, machine }, 'host-1');
  for (let i = 0; i < 200; i++) {
    expect(presence.beat()).toBe(false);
    clock.advance(10 * second);
  }
  clock.advance(6 * hour);
  asleep += 6 * hour;
  expect(presence.beat()).toBe(true);
  clock.advance(30 * second);
  presence.beat();
  const rows = store.records.presence(0, Number.MAX_SAFE_INTEGER);
  expect(rows.map(({ kind }) => kind)).toEqual(['up', 'asleep', 'up']);
  expect(rows[1]?.to).toBe(rows[2]?.from);
  expect((rows[2]?.to ?? 0) - (rows[2]?.from ?? 0)).toBe(30 * second);
  clock.advance(12 * second);
  presence.last();
  expect(store.records.presence(0, Number.MAX_SAFE_INTEGER).at(-1)?.to).toBe(clock.now());
  const next = createPresence({ store, clock, machine }, 'host-2');
  clock.advance(hour);
  next.beat();
  expect(store.records.presence(0, Number.MAX_SAFE_INTEGER).map(({ kind }) => kind)).toEqual([
    ...['up', 'asleep', 'up', 'host_down', 'up'],
  ]);
});

test.skipIf(process.platform !== 'linux')('this machine tells its start and its waking time (Linux only)', () => {
  const machine = createMachine({ env: process.env });
  const [one, two] = [machine.moment(), machine.moment()];
  expect(one.boot).toMatch(/^[0-9a-f-]{36}$/);
  expect(two.boot).toBe(one.boot);
  expect(two.awake).toBeGreaterThanOrEqual(one.awake ?? Number.NaN);
  // A machine cannot have been awake for longer than it has been on; /proc/uptime counts in hundredths of a second.
  expect(one.uptime).toBeGreaterThan(0);
});

describe('power', () => {
  const supplies = (all: Record<string, Record<string, string>>) => {
    const directory = scratch();
    for (const [name, files] of Object.entries(all)) {
      mkdirSync(join(directory, name));
      for (const [file, value] of Object.entries(files)) writeFileSync(join(directory, name, file), `${value}\n`);
    }
    return readPower(directory);
  };
  const battery = { type: 'Battery', status: 'Discharging' };
  test.each([
    ['no battery', {}, true],
    ['plugged in', { AC: { type: 'Mains', online: '1' }, BAT0: { ...battery, status: 'Charging' } }, true],
    ['unplugged', { AC: { type: 'Mains', online: '0' }, BAT0: battery }, false],
    ['by USB-C', { BAT0: { ...battery, status: 'Charging' }, ucsi: { type: 'USB', online: '1' } }, true],
    ['a battery that says nothing', { BAT0: { type: 'Battery' } }, null],
    ["a mouse's battery", { hid: { ...battery, scope: 'Device' } }, true],
  ])('%s', (_, all, expected) => expect(supplies(all)).toBe(expected));
  test('no such directory', () => expect(readPower('/nowhere')).toBeNull());
});

test.each([
  ['GENERAL.STATE:100 (connected)\nGENERAL.METERED:yes\n', true],
  ['GENERAL.STATE:100 (connected)\nGENERAL.METERED:no (guessed)\n', false],
  [
    'GENERAL.STATE:30 (disconnected)\nGENERAL.METERED:yes\n\nGENERAL.STATE:100 (connected)\nGENERAL.METERED:no\n',
    false,
  ],
  ['GENERAL.STATE:100 (connected)\nGENERAL.METERED:unknown\n', null],
  ['', null],
])('%j is metered: %s', (output, expected) => expect(parseMetered(output)).toBe(expected));

const still = { conditions: async () => ({ onMains: null, unmetered: null }) };

test('the power went when the machine was started anew and the host before had not gone by itself', () => {
  const clock = manualClock(new Date(start).toISOString());
  const store = openStore(join(scratch(), 'a.db'), clock);
  onTestFinished(() => store.close());
  let moment: Moment = { boot: 'one', uptime: hour, awake: hour, session: null };
  const host = (name: string) => createPresence({ store, clock, machine: { ...still, moment: () => moment } }, name);
  const boots = (boot: string) => {
    clock.advance(hour);
    moment = { ...moment, boot, uptime: 1, awake: 1 };
  };
  const first = host('a');
  first.beat();
  expect(first.powerWent()).toBe(false);
  // Killed: the machine stayed on.
  clock.advance(hour);
  moment = { ...moment, uptime: 2 * hour, awake: 2 * hour };
  const second = host('b');
  second.beat();
  expect(second.powerWent()).toBe(false);
  boots('two');
  const third = host('c');
  third.beat();
  expect(third.powerWent()).toBe(true);
  third.last();
  boots('three');
  const fourth = host('d');
  fourth.beat();
  fourth.beat();
  expect(fourth.powerWent()).toBe(false);
});
