/** How long audit records are kept: a setting of days; what cannot be read deletes nothing. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepDays } from '#host/audit/retention.ts';
import { scratch } from '../fakes/places.ts';

test.each([
  [undefined, 400],
  ['{}', 400],
  ['{"audit":{"keepDays":30}}', 30],
  ['{"audit":{"keepDays":0}}', Number.POSITIVE_INFINITY],
  ['{"audit":{"keepDays":"all"}}', Number.POSITIVE_INFINITY],
  ['no JSON', Number.POSITIVE_INFINITY],
])('settings %s: %d days', async (text, days) => {
  const file = join(scratch(), 'settings.json');
  if (text !== undefined) writeFileSync(file, text);
  expect(await keepDays(file)).toBe(days);
});
