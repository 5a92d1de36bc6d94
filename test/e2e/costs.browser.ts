/** What was paid and what is likely to come: days to walk through by keyboard, routines with their forecasts. */
import type { Costs } from '#contract/costs.ts';
import { Fault } from '#contract/faults.ts';
import { longRun } from '../fakes/staged-night.ts';
import { expect, test } from './fixtures.ts';

const dayMs = 86_400_000;
const today = Date.UTC(2026, 10, 21);

function paid(days: number): Costs {
  const each = Array.from({ length: days }, (_, index) => {
    const micros = index % 7 === 3 ? 0 : 180_000 + ((index * 73) % 11) * 41_000;
    return {
      ...{ from: new Date(today - (days - 1 - index) * dayMs).toISOString(), micros },
      routines: micros === 0 ? [] : [{ routine: 'overnight-log-triage', micros }],
    };
  });
  const total = each.reduce((sum, { micros }) => sum + micros, 0);
  return {
    ...{ timeZone: 'Europe/London', days: each },
    purposes: [
      { purpose: 'session', micros: total - 90_000 },
      { purpose: 'classifier', micros: 90_000 },
    ],
    routines: [
      {
        ...{ routine: 'overnight-log-triage', micros: total, runs: 26 },
        forecast: {
          ...{ runs: 26, p50RunMicros: 310_000, p90RunMicros: 590_000, due: 30 },
          ...{ p50MonthMicros: 9_900_000, p90MonthMicros: 11_300_000, capMonthMicros: 60_000_000 },
        },
      },
      { routine: `gone-${'long-'.repeat(9)}name`, micros: 40_000, runs: 1, forecast: null },
      { routine: 'one-off', micros: 30_000, runs: 36, forecast: null },
    ],
  };
}

test('days by keyboard, routines with what they cost and will cost', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  stage.costs = paid;
  await visit('/');
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await expect(page.locator('h1')).toContainText('in the last 30 days; the next 30 will likely cost about $9.90.');
  const bars = page.getByRole('slider', { name: 'Day' });
  await bars.focus();
  await expect(bars).toHaveAttribute('aria-valuetext', /^Sat,? 21 Nov, \$/);
  await page.keyboard.press('ArrowLeft');
  await expect(bars).toHaveAttribute('aria-valuetext', /^Fri,? 20 Nov, \$/);
  await page.keyboard.press('Home');
  await expect(bars).toHaveAttribute('aria-valuenow', '1');
  const routines = page.getByRole('list', { name: 'What each routine costs' });
  await expect(routines).toContainText('Half of its last 26 runs cost at most $0.31, nine of ten at most $0.59.');
  const tasks = routines.getByRole('listitem').filter({ hasText: 'One-off task' });
  await expect(tasks).toContainText('No forecast: a task is never due again.');
  await expect(tasks).not.toContainText('gone');
  await expect(routines).toContainText(
    'Due 30 times in the next 30 days: about $9.90, in nine of ten months at most $11.30. Its caps end it at $60.00.',
  );
  await expect(routines).toContainText('which is gone');
  await accessibleInBoth();
  await laidOutAtAll();
  await page.getByRole('button', { name: '7 days' }).click();
  await expect(page.locator('h1')).toContainText('in the last 7 days');
});

test('before anything was paid, and when it cannot be read', async ({ page, stage, visit, laidOutAtAll }) => {
  stage.costs = (days) => ({
    ...paid(days),
    ...{ purposes: [], routines: [] },
    days: paid(days).days.map((day) => ({ ...day, micros: 0, routines: [] })),
  });
  await visit('/costs');
  await expect(page.locator('h1')).toHaveText('Nothing was paid in the last 30 days.');
  await expect(page.getByText('No bars to show')).toBeVisible();
  await laidOutAtAll();
  stage.refuse('budgets.costs', new Fault('data.full', 'The disk is full.', { cure: 'Free some space.' }));
  await page.reload();
  await expect(page.locator('h1')).toHaveText('The costs could not be read.');
  await expect(page.getByRole('alert')).toContainText('Free some space.');
});

test('a run says what each of its requests cost, and what they come to together', async ({
  page,
  visit,
  accessible,
}) => {
  await visit(`/runs/${longRun}`);
  const facts = page.getByLabel('Facts of this run');
  await facts.getByText('What each request cost').click();
  const rows = facts.getByRole('row');
  await expect(rows).toHaveCount(60);
  await expect(rows.nth(1)).toContainText('conversation');
  await expect(rows.last()).toContainText('Together');
  await accessible();
});
