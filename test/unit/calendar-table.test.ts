/** Due instants against a recorded table, which was worked out elsewhere and without the runtime's zone data. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readSchedule } from '#core/calendar/calendar.ts';

/*
 * Each row: zone, cron expression, from, to, how many instants are due in (from, to], and the first twelve digits of the
 * SHA-256 of their minutes since the epoch, joined by commas. Made with Python's zoneinfo and the IANA data of 2026 by
 * looking at every minute. A minute is due when the local clock matches; with fixed times (no star and no step in minute
 * or hour) also when it is the first after a gap that holds a match, unless the whole day was left out, and not when the
 * clock has shown it before. All stretches lie in the past, where zone data stay what they are.
 */
const rows = readFileSync(new URL('../golden/calendar-brute-force.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const minute = 60_000;

test('as many expressions, and through as many changes of clocks, as the table is there for', () => {
  const column = (index: number) => new Set(rows.map((row) => row.split('\t')[index]));
  expect(column(1).size).toBeGreaterThanOrEqual(600);
  expect(column(0).size).toBeGreaterThanOrEqual(30);
});

test('the calculator finds every instant of the table, forwards and backwards, and no other', () => {
  for (const row of rows) {
    const [zone = '', expression = '', start = '', end = '', count = '', digits] = row.split('\t');
    const [from, to] = [Date.parse(start), Date.parse(end)];
    const calendar = readSchedule(expression, zone);
    const due = calendar.next(from, Number(count) + 1).filter((at) => at <= to);
    expect([due.length, digest(due)], row).toEqual([Number(count), digits]);
    expect(calendar.between(from, to, 1), row).toEqual({ newest: due.slice(-1), total: due.length });
    if (due.length > 1) expect(calendar.prev(due.at(-1) ?? 0), row).toBe(due.at(-2));
  }
});

function digest(instants: number[]): string {
  const text = instants.map((at) => at / minute).join();
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
