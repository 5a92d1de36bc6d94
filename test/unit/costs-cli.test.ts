/** What a terminal says of costs that have no forecast. */
import { expect, test } from 'vitest';
import { costLines } from '#cli/print/costs.ts';
import { createPaint } from '#cli/print/paint.ts';

test('tasks are no routine with too few runs', () => {
  const lines = costLines(createPaint({}, {}), {
    ...{ timeZone: 'UTC', days: [], purposes: [] },
    routines: [
      { routine: 'one-off', micros: 1000, runs: 36, forecast: null },
      { routine: 'triage', micros: 1000, runs: 2, forecast: null },
    ],
  });
  expect(lines.find((line) => line.startsWith('one-off'))).toMatch(/tasks are never due again/);
  expect(lines.find((line) => line.startsWith('triage'))).toMatch(/fewer than 3 runs$/);
});
