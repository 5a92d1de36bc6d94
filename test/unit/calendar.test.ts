import { describe, expect, test } from 'vitest';
import { readSchedule } from '#core/calendar/calendar.ts';

const at = (iso: string) => Date.parse(iso);
const next = (schedule: string, zone: string, from: string, count = 3) =>
  readSchedule(schedule, zone)
    .next(at(from), count)
    .map((each) => new Date(each).toISOString());

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

  test('presets have their own names, and manual never comes', () => {
    expect(next('weekdays', 'UTC', '2026-11-20T10:00:00Z', 1)).toEqual(['2026-11-23T09:00:00.000Z']);
    expect(next('manual', 'UTC', '2026-11-20T10:00:00Z')).toEqual([]);
    expect(readSchedule('nightly', 'UTC').words).toBe('At 03:00');
  });

  test('a span is counted whole and answered with its newest instants', () => {
    const { newest, total } = readSchedule('0 * * * *', 'UTC').between(
      at('2026-11-20T00:30:00Z'),
      at('2026-11-20T05:00:00Z'),
      2,
    );
    expect(total).toBe(5);
    expect(newest.map((each) => new Date(each).toISOString())).toEqual([
      '2026-11-20T05:00:00.000Z',
      '2026-11-20T04:00:00.000Z',
    ]);
  });
});

describe('refused with the field and the cure', () => {
  test.each([
    ['0 3 * *', 'schedule', 'cron has five'],
    ['whenever', 'schedule', 'cron has five'],
    ['0 0 3 * * *', 'schedule', 'cron has five'],
    ['61 3 * * *', 'schedule', 'not a schedule'],
    ['0 3 * * funday', 'schedule', 'not a schedule'],
    ['0 0 30 2 *', 'schedule', 'never fires'],
  ])('%s', (schedule, field, why) => {
    expect(() => readSchedule(schedule, 'UTC')).toThrow(
      expect.objectContaining({
        code: 'input',
        field,
        message: expect.stringContaining(why),
        cure: expect.any(String),
      }),
    );
  });

  test('a zone that does not exist', () => {
    expect(() => readSchedule('0 3 * * *', 'Mars/Olympus')).toThrow(
      expect.objectContaining({ code: 'input', field: 'timeZone', message: expect.stringContaining('Mars/Olympus') }),
    );
  });
});
