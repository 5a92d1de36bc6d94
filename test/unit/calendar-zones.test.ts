/** Every zone the runtime knows, around every change of its clocks for nine years, against the minute-by-minute calculator. */
import { expect, test } from 'vitest';
import { readSchedule } from '#core/calendar/calendar.ts';
import { localTime, openZone } from '#core/calendar/zone.ts';
import { clocks, due, offsets } from './calendar-oracle.ts';

const hour = 3_600_000;
const week = 168 * hour;
const first = Date.UTC(2024, 0);
const last = Date.UTC(2033, 0);
const perChange = 3;

const crons = [
  ...['0 0 * * *', '30 0 * * *', '15 1 * * *', '30 1 * * 0', '0 2 * * *', '30 2 * * *', '15 2 LW * *', '30 3 L-1 * *'],
  ...[
    '59 23 * * *',
    '30 23 * * *',
    '45 23 L * *',
    '0,30 1-3 * * *',
    '5,50 0,23 * * *',
    '0 1 29-31 * 6',
    '10 0 * * 1#1',
  ],
  ...[
    '*/15 * * * *',
    '*/7 * * * *',
    '0 */2 * * *',
    '5 0-23/5 * * *',
    '*/20 0-3 * * 5L',
    '0 */3 */2 * 0',
    '1 0 1-31 * 1',
  ],
  ...['0 2 1W,15W * *', '20,40 2 * 3,4,9-11 0,5,6', '0 * * * *', '* 1,2 * * *'],
];

/** A small generator of its own, so that a failure comes again: mulberry32. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Looks once a week, then once a minute by halves. */
function changes(timeZone: string): number[] {
  const offset = offsets(timeZone);
  const found: number[] = [];
  for (let at = first; at < last; at += week) {
    if (offset(at) === offset(at + week)) continue;
    let [low, high] = [at / 60_000, (at + week) / 60_000];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offset(middle * 60_000) === offset(at)) low = middle;
      else high = middle;
    }
    found.push(high * 60_000);
  }
  return found;
}

test('due instants around every change of clocks, in every zone', { timeout: 120_000 }, () => {
  const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')];
  const random = chance(20_261_121);
  let compared = 0;
  for (const timeZone of zones) {
    const around = changes(timeZone);
    // A zone without changes is looked at once, on a day picked by chance.
    for (const change of around.length > 0 ? around : [first + random(3000) * 24 * hour]) {
      const [from, to] = [change - 14 * hour, change + 30 * hour];
      const minutes = clocks(timeZone, from - 30 * hour, to, 15);
      for (let i = 0; i < perChange; i++) {
        const expression = crons[random(crons.length)] ?? '';
        const wanted = due(expression, minutes, from);
        const calendar = readSchedule(expression, timeZone);
        const where = `${expression} in ${timeZone} around ${new Date(change).toISOString()}`;
        const next = calendar.next(from, wanted.length + 1);
        expect(next.slice(0, wanted.length), where).toEqual(wanted);
        expect(next[wanted.length] ?? Infinity, where).toBeGreaterThan(to);
        const start = change - 2 * hour + random(240) * 60_000;
        expect(calendar.next(start, 1)[0], where).toBe(wanted.find((at) => at > start) ?? next[wanted.length]);
        const before = wanted.filter((at) => at < start).at(-1);
        if (before !== undefined) expect(calendar.prev(start), where).toBe(before);
        compared += wanted.length;
      }
    }
  }
  expect(zones.length).toBeGreaterThan(400);
  expect(compared).toBeGreaterThan(100_000);
});

test('a local time is written as its zone shows it', () => {
  const at = Date.parse('2026-10-25T00:30:00Z');
  expect(localTime(openZone('Europe/Berlin'), at)).toBe('2026-10-25T02:30:00+02:00');
  expect(localTime(openZone('Europe/Berlin'), at + hour)).toBe('2026-10-25T02:30:00+01:00');
  expect(localTime(openZone('America/St_Johns'), at)).toBe('2026-10-24T22:00:00-02:30');
  expect(localTime(openZone('asia/kathmandu'), 0)).toBe('1970-01-01T05:30:00+05:30');
});
