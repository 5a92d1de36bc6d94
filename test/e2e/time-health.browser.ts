/** Health: what is not well can be mended, and a drill shows fault by fault whether the account holds. */
import { stageDrill } from '../fakes/staged-time.ts';
import { expect, test } from './fixtures.ts';

test('Mend repairs the timers and shows what the checks say then', async ({ page, stage, visit }) => {
  stage.mended = stage.doctor.map(({ name, detail }) => ({ name, state: 'ok', detail }));
  await visit('/settings');
  const health = page.getByRole('region', { name: 'Health' });
  await expect(health.getByText('Careful')).toBeVisible();
  const timers = health.getByRole('listitem').filter({ hasText: 'OS timers' });
  await expect(timers).toContainText('routine-risk-review.timer is missing. 3 held, the next one at Thu 2 Jan 03:00.');
  await expect(timers).toContainText('Mend puts it right.');
  await timers.getByText('What the system holds: 3 timers').click();
  await expect(timers.getByText('flaky-test-hunt.timer, next Thu 2 Jan 03:00')).toBeVisible();
  await health.getByRole('button', { name: 'Mend' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('All is well')).toBeVisible();
  await expect(health.getByText('Careful')).toHaveCount(0);
  await expect(health.getByRole('button', { name: 'Mend' })).toHaveCount(0);
  await expect(health.getByRole('button', { name: 'Check again' })).toBeFocused();
});

test('what Mend cannot put right does not offer it', async ({ page, stage, visit }) => {
  stage.doctor = stage.doctor.filter(({ name }) => name !== 'OS timers');
  await visit('/settings');
  const health = page.getByRole('region', { name: 'Health' });
  await expect(health.getByText('Run: loginctl enable-linger')).toBeVisible();
  await expect(health.getByRole('button', { name: 'Mend' })).toHaveCount(0);
});

test('a drill shows each fault with its state and evidence', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  stageDrill(stage);
  await visit('/settings');
  const drill = page.getByRole('region', { name: 'Fault drill' });
  await drill.getByRole('button', { name: 'Start the drill' }).click();
  await expect(drill.getByRole('status')).toHaveText(
    'The account did not stay true everywhere: 2 held, 1 failed, 1 skipped.',
  );
  const rows = drill.getByRole('listitem').filter({ has: page.locator('details') });
  await expect(rows.filter({ hasText: 'Disk full' })).toContainText('Not so: 1 due time has no row.');
  await expect(drill.getByText('Not tried here: there is no user manager on this machine.')).toBeVisible();
  await rows.filter({ hasText: 'Host killed' }).getByText('3 pieces of evidence').click();
  await expect(drill.getByText('ledger: 1 row, ran')).toBeVisible();
  await accessibleInBoth();
  await laidOutAtAll();
});

test('a drill can be stopped, and ends when its reader leaves', async ({ page, stage, visit }) => {
  const stopped = stageDrill(stage, 1);
  await visit('/settings');
  const drill = page.getByRole('region', { name: 'Fault drill' });
  await drill.getByRole('button', { name: 'Start the drill' }).click();
  await expect(drill.getByText('Running', { exact: true })).toBeVisible();
  await expect(drill.getByRole('button', { name: 'Stop the drill' })).toBeFocused();
  await expect(drill.getByRole('status')).toHaveText('The drill is running: 1 held, 0 failed, 0 skipped so far.');
  await drill.getByRole('button', { name: 'Stop the drill' }).click();
  await expect(drill.getByText('Stopped', { exact: true })).toBeVisible();
  await expect(drill.getByRole('status')).toContainText('You stopped the drill');
  await stopped.left;
  const left = stageDrill(stage, 1);
  await drill.getByRole('button', { name: 'Drill again' }).click();
  await expect(drill.getByText('Running', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'Runs' }).click();
  await left.left;
});
