/** Hard expressions in hard zones, against a calculator that looks at every minute, and against croner where it reads them. */
import { Cron } from 'croner';
import { expect, test } from 'vitest';
import { readSchedule } from '#core/calendar/calendar.ts';
import { clocks, due } from './calendar-oracle.ts';

const hour = 3_600_000;
const times = [
  '0 0',
  '30 0',
  '30 1',
  '0 2',
  '15 2',
  '30 2',
  '59 23',
  '30 23',
  '0,30 1-3',
  '5,50 0,23',
  '0 0-6',
  '* *',
  '*/15 *',
  '*/7 *',
  '0 *',
  '30 */2',
  '10-50/20 *',
  '0 0-23/5',
  '*/30 1,2',
];
const days = [
  '* * *',
  '* * 0',
  '* * 5-7',
  '* * fri-sun',
  '13 * fri',
  '*/2 * mon',
  '1-31 * 1',
  '1-7 * *',
  '29,30,31 * *',
  '* mar,oct,nov sun',
  '* 1-12/3 *',
  'L * *',
  'L-2 * *',
  'L,L-3,15W * *',
  'LW * *',
  '1W,31W * *',
  '* * 0#1,0#2',
  '* * 0#5',
  '* * sunL,5l',
  'L * 6#4',
];
/** A day before a change, each with what is hard about it. */
const stretches: [zone: string, from: string][] = [
  ['UTC', '2026-02-26T12:00:00Z'],
  ['Europe/Berlin', '2026-03-27T22:00:00Z'],
  ['Europe/Berlin', '2026-10-23T22:00:00Z'],
  ['America/New_York', '2027-03-12T22:00:00Z'],
  ['America/New_York', '2027-11-05T22:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-02T12:00:00Z'], // half an hour
  ['Australia/Lord_Howe', '2027-04-02T12:00:00Z'],
  ['Africa/Cairo', '2026-04-22T20:00:00Z'], // gap at midnight
  ['Africa/Cairo', '2026-10-28T20:00:00Z'], // fold over midnight
  ['America/Havana', '2026-03-06T20:00:00Z'],
  ['America/Nuuk', '2026-03-27T12:00:00Z'], // gap at the end of a day
  ['America/Nuuk', '2026-10-23T12:00:00Z'],
  ['Antarctica/Troll', '2026-03-27T20:00:00Z'], // two hours
  ['Antarctica/Troll', '2026-10-23T20:00:00Z'],
  ['Africa/Casablanca', '2027-02-05T20:00:00Z'], // Ramadan
  ['Africa/Casablanca', '2027-03-12T20:00:00Z'],
  ['Atlantic/Azores', '2026-10-23T20:00:00Z'],
  ['Asia/Kathmandu', '2026-02-26T12:00:00Z'],
  ['Pacific/Apia', '2011-12-28T12:00:00Z'], // 30 December left out
  ['Pacific/Kwajalein', '1993-08-19T12:00:00Z'], // 21 August left out
  ['America/St_Johns', '2010-11-05T12:00:00Z'], // fold at 00:01, over midnight
  ['Asia/Pyongyang', '2018-05-03T00:00:00Z'], // half-hour gap at 23:30
  ['Antarctica/Casey', '2023-03-07T12:00:00Z'], // three hours back
];

test.each(stretches)('%s from %s: every minute of four days', (timeZone, start) => {
  const from = Date.parse(start);
  const to = from + 96 * hour;
  const minutes = clocks(timeZone, from - 30 * hour, to, 5);
  for (const [index, time] of times.entries())
    for (const each of [days[0], ...days.filter((_, i) => i % 4 === index % 4)]) {
      const expression = `${time} ${each}`;
      const wanted = due(expression, minutes, from);
      const calendar = readSchedule(expression, timeZone);
      const where = `${expression} in ${timeZone} from ${start}`;
      const next = calendar.next(from, wanted.length + 1);
      expect(next.slice(0, wanted.length).map(iso), where).toEqual(wanted.map(iso));
      expect(next[wanted.length] ?? Infinity, where).toBeGreaterThan(to);
      expect(calendar.between(from, to, 3), where).toEqual({
        newest: wanted.toReversed().slice(0, 3),
        total: wanted.length,
      });
      const middle = wanted[Math.floor(wanted.length / 2)];
      if (middle !== undefined) expect(calendar.prev(middle + 1), where).toBe(middle);
    }
});

test('two years of days: the dates of months and weekdays, by every hour', () => {
  const from = Date.parse('2027-06-15T00:00:00Z');
  const to = Date.parse('2029-06-15T00:00:00Z');
  const hours = clocks('UTC', from - 30 * hour, to, 1, hour);
  for (const each of days) {
    const expression = `0 7 ${each}`;
    const wanted = due(expression, hours, from);
    const found = readSchedule(expression, 'UTC').next(from, wanted.length);
    expect(found.map(iso), expression).toEqual(wanted.map(iso));
    expect(wanted.length, expression).toBeGreaterThan(4);
  }
});

// Not America/Nuuk: a clock time in a gap that ends with the day is lost there by croner 11.0.1.
test.each(['Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'Antarctica/Troll'])(
  'croner agrees on what it reads: %s',
  (timeZone) => {
    const from = new Date('2026-03-01T00:00:00Z');
    for (const [index, time] of times.entries())
      for (const each of days.filter((text, i) => i % 3 === index % 3 && !/L-/.test(text))) {
        const expression = `${time} ${each}`;
        const options = { timezone: timeZone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true } as const;
        const wanted = new Cron(expression, options).nextRuns(60, from).map((at) => at.toISOString());
        expect(readSchedule(expression, timeZone).next(from.getTime(), 60).map(iso), expression).toEqual(wanted);
      }
  },
);

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
