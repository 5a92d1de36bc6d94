/** What a calendar answers, what it says in words, and what it writes down. */
import { describe, expect, test } from 'vitest';
import { readSchedule, requireAhead } from '#core/calendar/calendar.ts';

const at = (iso: string) => Date.parse(iso);
const iso = (instant: number) => new Date(instant).toISOString();
const next = (schedule: string, zone: string, from: string, count = 3) =>
  readSchedule(schedule, zone, at(from)).next(at(from), count).map(iso);

describe('due instants', () => {
  test('are counted in the zone of the routine', () => {
    expect(next('0 3 * * *', 'Europe/Berlin', '2026-11-20T00:00:00Z', 2)).toEqual([
      '2026-11-20T02:00:00.000Z',
      '2026-11-21T02:00:00.000Z',
    ]);
  });

  test('a fixed time that the change of clocks skips comes at the first instant after the gap', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  test('a fixed time that comes twice is due once', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  test('with a step, both passes of a repeated hour count and a skipped one has nothing', () => {
    expect(next('*/30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 5)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-26T01:00:00.000Z',
    ]);
    expect(next('*/30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 1)).toEqual(['2026-03-30T00:00:00.000Z']);
  });

  test('presets have their own names, and manual never comes', () => {
    expect(next('weekdays', 'UTC', '2026-11-20T10:00:00Z', 1)).toEqual(['2026-11-23T09:00:00.000Z']);
    expect(next('manual', 'UTC', '2026-11-20T10:00:00Z')).toEqual([]);
    expect(readSchedule('manual', 'UTC').prev(at('2026-11-20T10:00:00Z'))).toBeNull();
  });

  test('an interval is counted from its anchor in real time, and not before it', () => {
    const text = 'every 90 minutes from 2026-03-28T23:30Z';
    expect(next(text, 'Europe/Berlin', '2026-01-01T00:00:00Z')).toEqual([
      '2026-03-28T23:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-29T02:30:00.000Z',
    ]);
    const calendar = readSchedule(text, 'Europe/Berlin');
    expect(calendar.prev(at('2026-03-29T01:00:00Z'))).toBe(at('2026-03-28T23:30:00Z'));
    expect(calendar.prev(at('2026-03-28T23:30:00Z'))).toBeNull();
  });

  test('counted days keep their clock time; a month without the day ends with its last', () => {
    expect(next('every 3 days at 02:30 from 2026-03-26', 'Europe/Berlin', '2026-03-01T00:00:00Z')).toEqual([
      '2026-03-26T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-04-01T00:30:00.000Z',
    ]);
    expect(next('every 2 weeks at 09:00 from 2026-11-20', 'UTC', '2026-11-20T09:00:00Z', 1)).toEqual([
      '2026-12-04T09:00:00.000Z',
    ]);
    const monthly = readSchedule('every 3 months at 00:00 from 2026-11-30', 'UTC');
    expect(monthly.next(at('2026-11-30T00:00:00Z'), 2).map(iso)).toEqual([
      '2027-02-28T00:00:00.000Z',
      '2027-05-30T00:00:00.000Z',
    ]);
    expect(iso(monthly.prev(at('2027-05-30T00:00:00Z')) ?? 0)).toBe('2027-02-28T00:00:00.000Z');
  });

  test('a single instant comes once', () => {
    expect(next('at 2026-11-21T07:00', 'Europe/Berlin', '2026-11-20T00:00:00Z')).toEqual(['2026-11-21T06:00:00.000Z']);
    expect(next('at 2026-03-29T02:30', 'Europe/Berlin', '2026-03-01T00:00:00Z')).toEqual(['2026-03-29T01:00:00.000Z']);
    expect(next('at 2026-11-21T07:00', 'Europe/Berlin', '2026-11-21T06:00:00Z')).toEqual([]);
  });

  test('a span is counted whole and answered with its newest instants', () => {
    const hourly = readSchedule('0 * * * *', 'UTC');
    const { newest, total } = hourly.between(at('2026-11-20T00:30:00Z'), at('2026-11-20T05:00:00Z'), 2);
    expect(total).toBe(5);
    expect(newest.map(iso)).toEqual(['2026-11-20T05:00:00.000Z', '2026-11-20T04:00:00.000Z']);
    expect(hourly.between(at('2026-11-20T05:00:00Z'), at('2026-11-20T05:59:00Z'), 2)).toEqual({ newest: [], total: 0 });
  });

  test('a span of many years is counted up to 100,000, and the newest are still the newest', () => {
    const { newest, total } = readSchedule('* * * * *', 'UTC').between(0, at('2026-11-20T00:00:30Z'), 1);
    expect({ newest: newest.map(iso), total }).toEqual({ newest: ['2026-11-20T00:00:00.000Z'], total: 100_000 });
  });

  test('leap days come as far as years have four digits', () => {
    const days = next('0 0 29 2 *', 'America/New_York', '2026-11-20T00:00:00Z', 3000);
    expect(days.slice(0, 2)).toEqual(['2028-02-29T05:00:00.000Z', '2032-02-29T05:00:00.000Z']);
    // From 2028 to 9996 every fourth year, 1993 of them, less the 60 full centuries that 400 does not divide.
    expect([days.length, days.at(-1)]).toEqual([1933, '9996-02-29T05:00:00.000Z']);
  });

  test('a clock that stands in 1970 does no harm', () => {
    expect(next('0 0 * * *', 'Asia/Kathmandu', '1970-01-01T00:00:00Z', 1)).toEqual(['1970-01-01T18:30:00.000Z']);
    expect(next('in 2 hours', 'UTC', '1970-01-01T00:00:00Z')).toEqual(['1970-01-01T02:00:00.000Z']);
  });
});

describe('shown back in words', () => {
  test.each([
    ['nightly', 'At 03:00'],
    ['*/15 * * * *', 'Every 15 minutes'],
    ['0 */5 * * *', 'At 00:00, 05:00, 10:00, 15:00 and 20:00'],
    ['*/25 * * * *', 'At :00, :25 and :50 of every hour'],
    ['*/15 1,3 * * *', 'At :00, :15, :30 and :45 of the hours 1 and 3'],
    ['5-55/10 */12 * * *', 'At :05, :15, :25, :35, :45 and :55 of the hours 0 and 12'],
    ['0,30 9 * * *', 'At 09:00 and 09:30'],
    ['* */24 * * *', 'Every minute of the hour 0'],
    ['*/20 9-17 * * *', 'Every 20 minutes, between 09:00 and 17:59'],
    ['0 9 * */4 1', 'At 09:00, every Monday, only in January, May and September'],
    ['0 9 * 2-2 sun,7', 'At 09:00, every Sunday, only in February'],
    ['0 9 13 * 5', 'At 09:00, on day 13 of the month, and also every Friday'],
    ['0 9 */2 2 *', /^At 09:00, on day 1, 3, .* and 31 of the month, only in February$/],
    ['0 9 L-3,15W * *', 'At 09:00, on the weekday nearest to day 15 and the day 3 days before the last of the month'],
    ['0 9 * * fri#2,monL', 'At 09:00, on the second Friday and the last Monday of the month'],
    ['0 9 LW 1 *', 'At 09:00, on the last weekday of the month, only in January'],
    ['every 90 minutes from 2026-01-01T00:00Z', 'Every 90 minutes, counted from 2026-01-01 01:00'],
    ['every 2 weeks at 9 from 2026-11-20', 'Every 2 weeks on Friday at 09:00, counted from 2026-11-20'],
    [
      'every 2 months on the last day at 9',
      'Every 2 months on day 31 (or the last one) at 09:00, counted from 1970-01-31',
    ],
    ['at 2026-11-21T07:00', 'Once, on Saturday 2026-11-21 at 07:00'],
    ['manual', 'Only when you start it'],
  ])('%s', (schedule, words) => {
    const shown = readSchedule(schedule, 'Europe/Berlin').words;
    if (typeof words === 'string') expect(shown).toBe(words);
    else expect(shown).toMatch(words);
  });
});

describe('written down', () => {
  const now = at('2026-11-20T10:00:30.500Z');

  test("as the person's own words, with the exact spelling beside them", () => {
    const calendar = readSchedule(' Every Weekday at 7:30 ', 'Europe/Berlin', now);
    expect(calendar).toMatchObject({ kept: 'Every Weekday at 7:30', canonical: '30 7 * * 1-5', cron: '30 7 * * 1-5' });
    expect(readSchedule('0 9  l * FRIl', 'UTC')).toMatchObject({ kept: '0 9  l * FRIl', canonical: '0 9 L * friL' });
  });

  test('as the instant, where the words hold only now', () => {
    const calendar = readSchedule('in 2 hours', 'Europe/Berlin', now);
    expect(calendar).toMatchObject({ kept: 'at 2026-11-20T12:00:31Z', cron: null });
    expect(readSchedule(calendar.kept, 'Asia/Tokyo').schedule).toEqual(calendar.schedule);
  });

  test('only while it is ahead', () => {
    const calendar = readSchedule('at 2026-11-20T10:00Z', 'UTC', now);
    expect(() => requireAhead(calendar, now)).toThrow(expect.objectContaining({ code: 'input', field: 'schedule' }));
    expect(() => requireAhead(calendar, at('2026-11-20T09:59:59Z'))).not.toThrow();
    expect(() => requireAhead(readSchedule('nightly', 'UTC'), now)).not.toThrow();
  });
});
