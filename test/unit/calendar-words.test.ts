/** Plain words and cron, side by side: what is understood, and what is refused rather than guessed at. */
import { describe, expect, test } from 'vitest';
import { Fault } from '#contract/faults.ts';
import { Schedule } from '#contract/schedules.ts';
import { readSchedule } from '#core/calendar/calendar.ts';

/** A Friday, 11:00 in Berlin. */
const now = Date.parse('2026-11-20T10:00:00Z');

describe('understood', () => {
  test.each([
    ['every weekday at 7:30', '30 7 * * 1-5'],
    ['Every Weekday, at 7:30 AM.', '30 7 * * 1-5'],
    ['7:30 on weekdays', '30 7 * * 1-5'],
    ['every day at 9am', '0 9 * * *'],
    ['daily at 12 a.m.', '0 0 * * *'],
    ['every night at 2', '0 2 * * *'],
    ['every day at 9:30 and 17:30', '30 9,17 * * *'],
    ['weekends at 10:00', '0 10 * * 6,0'],
    ['mondays and thursdays at 18:00', '0 18 * * 1,4'],
    ['mon, wed & fri at 6pm', '0 18 * * 1,3,5'],
    ['monday to friday at 9', '0 9 * * 1-5'],
    ['friday to monday at 9', '0 9 * * 5,6,0,1'],
    ['weekly on sunday at noon', '0 12 * * 0'],
    ['first Monday of the month at 9', '0 9 * * 1#1'],
    ['every second tuesday of the month at 9', '0 9 * * 2#2'],
    ['first and third monday of every month at 9', '0 9 * * 1#1,1#3'],
    ['last friday of the month at 17:00', '0 17 * * 5L'],
    ['last friday of march and june at 9', '0 9 * 3,6 5L'],
    ['last day of the month at 23:30', '30 23 L * *'],
    ['last weekday of the month at 17:00', '0 17 LW * *'],
    ['first weekday of the month at 9', '0 9 1W * *'],
    ['3 days before the end of the month at 12', '0 12 L-3 * *'],
    ['on the weekday nearest the 15th at 9', '0 9 15W * *'],
    ['on the 1st and 15th at 6', '0 6 1,15 * *'],
    ['monthly on the 1st at 6', '0 6 1 * *'],
    ['on the 25th of december at 9', '0 9 25 12 *'],
    ['every year on 25 december at 9', '0 9 25 12 *'],
    ['every day in march at 9', '0 9 * 3 *'],
    ['every minute', '* * * * *'],
    ['every 15 minutes', '*/15 * * * *'],
    ['every half hour', '*/30 * * * *'],
    ['every 2 hours', '0 */2 * * *'],
    ['every 120 minutes', '0 */2 * * *'],
    ['every hour at :20', '20 * * * *'],
    ['hourly at 20 past the hour', '20 * * * *'],
    ['every 15 minutes between 9 and 17 on weekdays', '*/15 9-16 * * 1-5'],
    ['every hour from 9am to 5pm on weekdays', '0 9-17 * * 1-5'],
    ['every hour at :20 between 9 and 17', '20 9-16 * * *'],
    ['every 2 hours between 22 and 6', '0 0,2,4,6,22 * * *'],
    ['noon', '0 12 * * *'],
    ['midnight', '0 0 * * *'],
    ['@weekly', '0 0 * * 0'],
    ['@Yearly', '0 0 1 1 *'],
    ['0\t9 * * Fri-Sun', '0 9 * * fri-sun'],
    ['every 7 minutes', 'every 7 minutes from 1970-01-01T00:00Z'],
    ['every 90 minutes from 2026-01-01T00:00', 'every 90 minutes from 2025-12-31T23:00Z'],
    ['every 24 hours starting 2026-01-01 06:00', 'every 1440 minutes from 2026-01-01T05:00Z'],
    ['every 3 days at 07:30 from 2026-11-20', 'every 3 days at 07:30 from 2026-11-20'],
    ['every three days at 7:30', 'every 3 days at 07:30 from 1970-01-01'],
    ['every day at 7:30 from 2026-12-01', 'every day at 07:30 from 2026-12-01'],
    ['every month at 7:30 from 2026-11-30', 'every month at 07:30 from 2026-11-30'],
    ['every other tuesday at 9', 'every 2 weeks at 09:00 from 1970-01-06'],
    ['every 2 weeks on friday at 9 from 2026-11-18', 'every 2 weeks at 09:00 from 2026-11-20'],
    ['every 2 months on the 15th at 9 from 2026-11-20', 'every 2 months at 09:00 from 2026-12-15'],
    ['tomorrow at 7', 'at 2026-11-21T06:00Z'],
    ['today at 18:00', 'at 2026-11-20T17:00Z'],
    ['next friday at 9', 'at 2026-11-27T08:00Z'],
    ['in 2 hours', 'at 2026-11-20T12:00Z'],
    ['in 90 minutes', 'at 2026-11-20T11:30Z'],
    ['in 3 days at 8', 'at 2026-11-23T07:00Z'],
    ['2026-12-24 18:00', 'at 2026-12-24T17:00Z'],
    ['at 2026-12-24T18:00:30.250-05:00', 'at 2026-12-24T23:00:30.250Z'],
  ])('%s', (text, canonical) => {
    const calendar = readSchedule(text, 'Europe/Berlin', now);
    expect(calendar.canonical).toBe(canonical);
    expect(Schedule.parse(calendar.schedule)).toEqual(calendar.schedule);
    const again = readSchedule(canonical, 'Europe/Berlin');
    expect(again.schedule).toEqual(calendar.schedule);
    expect(calendar.next(now, 1)).not.toEqual([]);
  });
});

describe('refused with the reason, the field and a cure', () => {
  test.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['0 3 * *', '4 fields, cron has five'],
    ['0 0 3 * * *', '6 fields, cron has five'],
    ['0 0 3 * * * 2026', '7 fields, cron has five'],
    ['5', '1 field, cron has five'],
    ['61 3 * * *', '"61" is no minute'],
    ['0 24 * * *', '"24" is no hour'],
    ['0 3 0 * *', '"0" is no day of the month'],
    ['0 3 * 13 *', '"13" is no month'],
    ['0 3 * * 8', '"8" is no weekday'],
    ['0 3 * * funday', '"funday" is no weekday'],
    ['0 3 * * 5#6', '"5#6" is no weekday'],
    ['0 3 * * L', '"l" is no weekday'],
    ['0 3 L-31 * *', '"l-31" is no day of the month'],
    ['0 3 5,,6 * *', 'is no day of the month'],
    ['0 3 -5 * *', 'is no day of the month'],
    ['0 22-2 * * *', 'runs backwards'],
    ['0 9 * * fri-mon', 'runs backwards'],
    ['5/15 * * * *', 'step without a range'],
    ['*/90 * * * *', 'step 90 in the minute, which has 60 values'],
    ['*/0 * * * *', 'step 0'],
    ['0 */25 * * *', 'step 25 in the hour'],
    ['0 0 30 2 *', 'never fires'],
    ['0 0 31 4 *', 'never fires'],
    ['0 0 31W 2,6 *', 'never fires'],
    ['@reboot', 'not a time'],
    ['@every 5m', 'not known here'],
    ['@fortnightly', 'not a schedule'],
    ['H H * * *', '"h" is no minute'],
    ['0 ? * * *', '"?" is no hour'],
    ['0 3 * * *\u0000', 'control characters'],
    ['0 3 * * *\n0 4 * * *', 'control characters'],
    ['every \u001b[31mday at 9', 'control characters'],
    ['x'.repeat(201), 'longer than 200'],
    ['every 1 second', 'more often than once a minute'],
    ['every 61 seconds', 'not a whole number of minutes'],
    ['every 59 seconds', 'more often than once a minute'],
    ['every 0 minutes', 'steps of nothing'],
    ['every 5000 weeks on monday at 9', 'further than 1000 weeks'],
    ['every 999999 hours', 'longer than 1000 days'],
    ['whenever', 'not understood'],
    ['every morning', 'not understood'],
    ['every second tuesday at 9', 'not understood'],
    ['friday the 13th at 9', 'refused'],
    ['every friday on the 13th at 9', 'not understood'],
    ['every day at 25:00', 'not understood'],
    ['every day at 9 and at 10 daily', 'not understood'],
    ['every 15 minutes between 22 and 6 on weekdays', 'not understood'],
    ['every day', 'at what time'],
    ['every 3 days', 'at what time'],
    ['at 7', 'on which days'],
    ['monday at 9', 'once or every week'],
    ['25 december at 9', 'once or every year'],
    ['every 2 weeks at 9', 'not understood'],
    ['every day at 9:00 and 17:30', 'cannot hold together'],
    ['at 2026-02-30T07:00', 'not understood'],
    ['today at 7', 'over already'],
    ['in 0 minutes', 'not understood'],
    ['in 999999 weeks at 9', 'too far ahead'],
    ['constructor at 9', 'not understood'],
  ])('%j', (text, why) => {
    const error = refusal(text);
    expect(error).toMatchObject({ code: 'input', field: 'schedule', cure: expect.stringMatching(/\w/) });
    if (why !== 'refused') expect(error?.message).toContain(why);
    expect(error?.message).not.toMatch(/\p{Cc}/u);
  });

  test('a zone that does not exist', () => {
    for (const zone of ['Mars/Olympus', '', 'Europe/Berlin\u0000'])
      expect(() => readSchedule('0 3 * * *', zone)).toThrow(
        expect.objectContaining({ code: 'input', field: 'timeZone', cure: expect.any(String) }),
      );
  });

  test('words that hold only now, when nobody says when that is', () => {
    for (const text of ['in 2 hours', 'tomorrow at 7', 'next monday at 9'])
      expect(() => readSchedule(text, 'UTC')).toThrow(
        expect.objectContaining({ field: 'schedule', message: expect.stringContaining('means nothing later') }),
      );
  });
});

test('whatever the words, they are refused, or read back as the same schedule', () => {
  const vocabulary =
    'every each on the at in of from between and to other daily weekly monthly hourly day days weekday weekends monday ' +
    'fridays first second last 1st 15th month january 25 december 2 15 90 9 9am 17:30 :20 noon minutes hours weeks ' +
    'months 2026-11-21 2026-11-21T07:00Z tomorrow next , every at 9 * */5 1-5 L';
  const words = vocabulary.split(' ');
  let state = 7;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  let read = 0;
  for (let i = 0; i < 40_000; i++) {
    const text = Array.from({ length: 2 + random(6) }, () => words[random(words.length)]).join(' ');
    try {
      const { canonical, schedule, words: shown } = readSchedule(text, 'America/New_York', now);
      expect(readSchedule(canonical, 'America/New_York').schedule, text).toEqual(Schedule.parse(schedule));
      expect(shown, text).not.toBe('');
      read++;
    } catch (error) {
      expect(error, text).toBeInstanceOf(Fault);
    }
  }
  expect(read).toBeGreaterThan(100);
});

function refusal(text: string): Fault | undefined {
  try {
    readSchedule(text, 'Europe/Berlin', now);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  return undefined;
}
