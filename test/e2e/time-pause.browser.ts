/** All routines can be held back from anywhere, it is said on every screen while it is so, and lifted in one press. */
import { Fault } from '#contract/faults.ts';
import { expect, test } from './fixtures.ts';

test('the switch asks until when, the bar says it on every screen, the switch lifts it', async ({
  page,
  stage,
  visit,
  accessible,
  laidOut,
  accessibleInBoth,
}) => {
  await visit('/');
  const pause = page.getByRole('switch', { name: 'Pause all routines' });
  await expect(pause).not.toBeChecked();
  await pause.click();
  const dialog = page.getByRole('dialog', { name: 'Pause all routines until …' });
  await expect(dialog.getByRole('radio', { name: 'Tomorrow 07:00' })).toBeChecked();
  await accessible();
  await dialog.getByRole('button', { name: 'Pause all' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(pause).toBeChecked();
  const until = new Date(stage.pausedAll?.until ?? '');
  expect(until.getTime()).toBeGreaterThan(Date.now());
  const bar = page.getByText('All routines are paused until tomorrow 07:00.');
  await accessibleInBoth();
  for (const path of ['/', '/runs', '/settings']) {
    await visit(path);
    for (const width of [1280, 800, 400]) {
      await page.setViewportSize({ width, height: 840 });
      await expect(bar).toBeVisible();
      await laidOut();
    }
  }
  await page.setViewportSize({ width: 1280, height: 840 });
  await pause.click();
  await expect(bar).toHaveCount(0);
  await expect(pause).not.toBeChecked();
  expect(stage.pausedAll).toBeNull();
});

test('from the palette until it is lifted, and lifted from the palette', async ({ page, stage, visit }) => {
  await visit('/runs');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Pause all');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Pause all routines until …' });
  await dialog.getByRole('radio', { name: 'I resume' }).check();
  await dialog.getByRole('button', { name: 'Pause all' }).click();
  await expect(page.getByText('All routines are paused until you resume them.')).toBeVisible();
  expect(stage.pausedAll?.until).toBeNull();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Resume all');
  await page.keyboard.press('Enter');
  await expect(page.getByText('All routines are on again')).toBeVisible();
  expect(stage.pausedAll).toBeNull();
});

test('another door pauses and resumes: the page follows', async ({ page, stage, visit }) => {
  await visit('/');
  stage.pausedAll = { since: new Date().toISOString(), until: null };
  stage.say({ type: 'routines.paused_all', paused: true, until: null });
  await expect(page.getByText('Nothing starts until you resume the routines.')).toBeVisible();
  stage.pausedAll = null;
  stage.say({ type: 'routines.paused_all', paused: false, until: null });
  await expect(page.getByRole('switch', { name: 'Pause all routines' })).not.toBeChecked();
});

test('a time that is over is refused in place, and so is a host that refuses', async ({ page, stage, visit }) => {
  await visit('/');
  await page.getByRole('button', { name: 'Pause all…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pause all routines until …' });
  await dialog.getByRole('radio', { name: 'At…' }).check();
  await dialog.getByLabel('Day and time').fill('2020-01-01T07:00');
  await expect(dialog.getByText('Choose a time that is still to come.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Pause all' })).toBeDisabled();
  await dialog.getByRole('radio', { name: 'One hour' }).check();
  stage.refuse('routines.pauseAll', new Fault('internal', 'The store is full.', { cure: 'Free some space.' }));
  await dialog.getByRole('button', { name: 'Pause all' }).click();
  await expect(dialog.getByRole('alert')).toContainText('The store is full.');
});
