import { expect, test } from 'vitest';
import { cronOf, readLoop } from '#core/session/loop-words.ts';
import { openLoops } from '#core/session/open-loops.ts';

const now = Date.parse('2026-11-20T12:37:30.000Z');
const session = { run: 'run-00000001', created: 2, timeZone: 'Europe/Berlin', now };

test.each([
  ['/loop 5m look at it', 'look at it', 5],
  ['  /loop 30s look', 'look', 1],
  ['/loop 90s look', 'look', 2],
  ['/loop look at it every 2 hours', 'look at it', 120],
  ['/loop look, every 20 Minutes.', 'look', 20],
  ['/loop every 3 days tidy up', 'tidy up', 3 * 1440],
  ['/loop 1h\nlook\n- here\n- there', 'look\n- here\n- there', 60],
  ['/loop 10m look at it every 2 hours', 'look at it every 2 hours', 10],
  ['/loop look at every PR', 'look at every PR', null],
  ['/loop 5 minutes is what the build takes', '5 minutes is what the build takes', null],
])('%j is read without a model', (text, prompt, minutes) => {
  expect(readLoop(text)).toMatchObject({ prompt, interval: minutes === null ? null : { minutes } });
});

test.each(['look at it every 2 hours', '/looping 5m x', 'Please /loop 5m x', ''])('%j is no loop', (text) => {
  expect(readLoop(text)).toBeNull();
});

test.each(['/loop', '/loop 5m', '/loop every 2 hours', '/loop 0m x', '/loop 8d x', `/loop ${'9'.repeat(400)}d x`])(
  '%j is refused with a cure',
  (text) => {
    expect(() => readLoop(text)).toThrow(expect.objectContaining({ code: 'input', cure: expect.any(String) }));
  },
);

test.each([
  ['1 m', 1, '* * * * *', false],
  ['30 s', 1, '* * * * *', true],
  ['5 m', 5, '*/5 * * * *', false],
  ['7 m', 7, '*/6 * * * *', true],
  ['25 m', 25, '*/30 * * * *', true],
  ['50 m', 50, '37 * * * *', true],
  ['90 m', 90, '37 */2 * * *', true],
  ['2 h', 120, '37 */2 * * *', false],
  ['24 h', 1440, '37 13 * * *', false],
  ['3 d', 3 * 1440, '37 13 */3 * *', false],
])('%s becomes a clean step of the clock, and rounding is said', (asked, minutes, cron, rounded) => {
  const read = cronOf({ asked, minutes }, now, 'Europe/Berlin');
  expect(read.cron).toBe(cron);
  expect(read.rounded !== undefined).toBe(rounded);
});

test('texts become loops with ids that go on counting, and words that tell what was set up', () => {
  const { texts, loops } = openLoops(['Mend it.', '/loop 7m look', '/loop keep at it'], session);
  expect(texts[0]).toBe('Mend it.');
  expect(texts[1]).toMatch(/^look\n\n\(Nightshift has set this up as loop-3 .*rounded from 7 m/);
  expect(texts[2]).toMatch(/^keep at it\n\n\(.*loop-4.*ScheduleWakeup/);
  expect(loops).toMatchObject([
    { loop: 'loop-3', cron: '*/6 * * * *', dueAt: '2026-11-20T12:42:00.000Z', expiresAt: '2026-11-27T12:37:30.000Z' },
    { loop: 'loop-4', cron: null, dueAt: null },
  ]);
});

test('two loops that pace themselves, or more than fifty, are refused', () => {
  expect(() => openLoops(['/loop a', '/loop b'], session)).toThrow(/at most one/);
  expect(() => openLoops(Array(51).fill('/loop 5m a'), session)).toThrow(/at most 50/);
});
