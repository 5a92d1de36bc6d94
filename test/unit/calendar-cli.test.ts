/** `nightshift schedule next`: no host, instants for scripts, a table for people. */
import { expect, test } from 'vitest';
import { cli } from '../fakes/cli-shell.ts';

const next = (...argv: string[]) => cli(['schedule', 'next', ...argv], {});

test('as JSON it is an array of instants in UTC, and no host is asked', async () => {
  const { code, out, err, attached } = await next(
    ...['0 3 * * *', '--tz', 'Europe/Berlin', '--from', '2026-03-28T00:00:00Z', '--count', '2', '--json'],
  );
  expect({ code, err, attached }).toEqual({ code: 0, err: '', attached: [] });
  expect(JSON.parse(out)).toEqual(['2026-03-28T02:00:00.000Z', '2026-03-29T01:00:00.000Z']);
});

test('for people it says the words, the exact spelling and each local time with its offset', async () => {
  const { code, out } = await next('every weekday at 7:30', '--tz', 'Asia/Kolkata', '--count', '1');
  expect(code).toBe(0);
  expect(out).toContain('At 07:30, Monday through Friday');
  expect(out).toContain('30 7 * * 1-5');
  expect(out).toMatch(/Mon +2026-11-23 07:30:00 +\+05:30 +2026-11-23T02:00:00\.000Z/);
});

test('words count from --from, a start without offset is local, and the zone is that of the machine', async () => {
  expect(JSON.parse((await next('in 2 hours', '--json')).out)).toEqual(['2026-11-21T00:00:00.000Z']);
  const { out } = await next('tomorrow at 7', '--from', '2026-07-01 12:00', '--json');
  expect(JSON.parse(out)).toEqual(['2026-07-02T05:00:00.000Z']);
});

test('a single instant that is over leaves nothing', async () => {
  const { code, out } = await next('at 2020-01-01T00:00Z', '--json');
  expect({ code, out }).toEqual({ code: 0, out: '[]\n' });
  expect((await next('manual')).out).toContain(
    'Never due by itself: only `nightshift routines run <routine>` starts it.',
  );
  const over = await next('at 2020-01-01T00:00Z', '--tz', 'UTC');
  expect(over.out).toContain('Not due any more: nothing of it lies after 2026-11-20 22:00:00.');
});

test.each([
  [['5/15 * * * *'], 'schedule', 'step without a range'],
  [['whenever'], 'schedule', 'not understood'],
  [['0 3 * * *', '--tz', 'Mars/Olympus'], 'timeZone', 'no time zone'],
  [['0 3 * * *', '--from', '2026-02-30'], '--from', 'no instant'],
  [['0 3 * * *', '--count', '0'], '--count', 'cannot be listed'],
  [['0 3 * * *', '--count', 'many'], '--count', 'whole number'],
])('%j is refused with exit code 2 and the reason on stderr', async (argv, field, why) => {
  const { code, out, err, attached } = await next(...argv, '--json');
  expect({ code, out, attached }).toEqual({ code: 2, out: '', attached: [] });
  const { error } = JSON.parse(err);
  expect(error).toMatchObject({ code: 'input', field, cure: expect.any(String) });
  expect(error.message).toContain(why);
});
