/** What was missed is said once, can be made up for, and stays away once it was seen. */
import { missed, stageMissed } from '../fakes/staged-time.ts';
import { expect, test } from './fixtures.ts';

const hour = 3_600_000;

test('missed due times are one sentence, each with its routine', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  stageMissed(stage);
  await visit('/');
  const notice = page.getByRole('region', { name: 'Missed due times' });
  await expect(notice.getByRole('heading')).toHaveText('2 due times were missed while the machine was asleep.');
  await accessibleInBoth();
  await laidOutAtAll();
  await notice.getByRole('link', { name: 'Why? Flaky test hunt' }).click();
  await expect(page).toHaveURL(/\/routines\/flaky-test-hunt\?why=/);
  await expect(page.getByRole('status', { name: 'Answer' })).toContainText('The machine was asleep.');
});

test('a run by hand makes up for it; what is dismissed stays away, what is new does not', async ({
  page,
  stage,
  visit,
}) => {
  stageMissed(stage);
  await visit('/');
  const notice = page.getByRole('region', { name: 'Missed due times' });
  await notice.getByRole('button', { name: 'Run now: Flaky test hunt' }).click();
  await expect(notice.getByRole('heading')).toHaveText('1 due time was missed while the machine was asleep.');
  expect(stage.runs()[0]).toMatchObject({ routine: 'flaky-test-hunt', trigger: { kind: 'person' } });
  await notice.getByRole('button', { name: 'Dismiss the missed due times' }).click();
  await expect(notice).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('region', { name: 'Needs you' })).toBeVisible();
  await expect(notice).toHaveCount(0);
  missed(stage, 'risk-review', Date.now() - hour, { cause: 'machine_off', count: 3 });
  missed(stage, 'risk-review', Date.now() - hour / 2, { cause: 'host_down' });
  await expect(notice.getByRole('heading')).toHaveText(
    '4 due times were missed: one while Nightshift was not running and three while the machine was off.',
  );
});

test('what a person chose, or a later run stood in for, is not called missed', async ({ page, stage, visit }) => {
  missed(stage, 'risk-review', Date.now() - 2 * hour, { cause: 'paused' });
  missed(stage, 'risk-review', Date.now() - 3 * hour, { cause: 'outside_hours' });
  missed(stage, 'flaky-test-hunt', Date.now() - 4 * hour, { state: 'coalesced', cause: 'coalesced' });
  missed(stage, 'flaky-test-hunt', Date.now() - hour, { state: 'ran_late', run: 'run-000000caught', cause: 'asleep' });
  await visit('/');
  await expect(page.getByRole('region', { name: 'Last 24 hours' })).toContainText('Folded');
  await expect(page.getByRole('region', { name: 'Missed due times' })).toHaveCount(0);
});
