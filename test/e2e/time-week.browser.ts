/** The week: every due time of seven days, what collides in words, all of it with the keyboard and as a table. */
import { Fault } from '#contract/faults.ts';
import { stageWeek } from '../fakes/staged-time.ts';
import { expect, test } from './fixtures.ts';

test('due times stand in seven lanes, collisions in words; light and dark, wide and narrow', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  stageWeek(stage);
  await visit('/week');
  await expect(page.locator('h1')).toHaveText(
    /^(At least )?[\d,]+ runs in the coming seven days, (one|\w+) collisions?\.$/,
  );
  await expect(page.getByRole('grid').getByRole('row')).toHaveCount(7);
  await expect(page.getByRole('gridcell', { name: /^Licence check, .*05/ }).first()).toBeVisible();
  await expect(page.getByRole('list', { name: 'Collisions' })).toContainText(
    '3 runs at once in orders, where 2 may: Morning brief, Stale branches, Licence check. One waits.',
  );
  // What is due so often is one band a day, not hundreds of marks.
  await expect(page.getByRole('gridcell', { name: /^Health ping, Tomorrow 00:00 to 23:55, 288 times/ })).toBeVisible();
  await expect(page.getByText(/^Shown in part, being due so often: Health ping up to/)).toBeVisible();
  await accessibleInBoth();
  await laidOutAtAll();
});

test('arrows move through the lanes and Enter opens the routine', async ({ page, stage, visit }) => {
  stage.routines.delete('overnight-log-triage');
  stage.routines.delete('flaky-test-hunt');
  stage.routines.delete('risk-review');
  stageWeek(stage);
  stage.routines.delete('health-ping');
  await visit('/');
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await expect(page).toHaveURL(/\/week$/);
  const grid = page.getByRole('grid');
  const here = () => page.locator('[role=gridcell][aria-selected=true]').getAttribute('aria-label');
  await grid.focus();
  await page.keyboard.press('Home');
  const first = await here();
  await page.keyboard.press('ArrowRight');
  const second = await here();
  expect(second).not.toBe(first);
  await page.keyboard.press('ArrowLeft');
  expect(await here()).toBe(first);
  await page.keyboard.press('ArrowDown');
  const below = await here();
  const hour = /\d\d:\d\d/;
  expect(below).not.toBe(first);
  expect(hour.exec(below ?? '')?.[0].slice(0, 2)).toBe(hour.exec(first ?? '')?.[0].slice(0, 2));
  await page.keyboard.press('End');
  await expect(page.locator('[role=gridcell][aria-selected=true]')).toHaveAttribute('aria-label', /^Licence check/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/routines\/licence-check$/);
});

test('the table says the same, and leads to the routines', async ({ page, stage, visit, accessible, laidOut }) => {
  stageWeek(stage);
  await visit('/week');
  await expect(page.getByRole('gridcell').first()).toBeVisible();
  const marks = await page.getByRole('gridcell').count();
  await page.getByRole('button', { name: 'As a table' }).click();
  const rows = page.getByRole('table').locator('tbody tr');
  await expect(rows).toHaveCount(marks);
  await expect(rows.filter({ hasText: 'collides' }).filter({ hasText: 'Stale branches' })).not.toHaveCount(0);
  await accessible();
  await laidOut();
  await rows.getByRole('link', { name: 'Morning brief' }).first().click();
  await expect(page).toHaveURL(/\/routines\/morning-brief$/);
});

test('a week that cannot be read says why and can be asked for again', async ({ page, stage, visit, accessible }) => {
  stage.refuse('routines.preview', new Fault('internal', 'The calendar could not be opened.', { cure: 'Try again.' }));
  await visit('/week');
  await expect(page.locator('h1')).toHaveText('The week could not be read.');
  await expect(page.getByRole('alert')).toContainText('The calendar could not be opened.');
  await accessible();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('grid')).toBeVisible();
});

test('while all routines are paused, nothing will start', async ({ page, stage, visit }) => {
  stage.pausedAll = { since: new Date().toISOString(), until: null };
  await visit('/week');
  await expect(page.locator('h1')).toHaveText('Nothing will start in the coming seven days.');
  await expect(page.getByRole('gridcell').first()).toHaveAttribute('aria-label', /will be skipped$/);
});

test.describe('with no routines', () => {
  test.use({ staged: 'empty' });
  test('an empty week says so and what to do', async ({ page, visit, accessible, laidOut }) => {
    await visit('/week');
    await expect(page.locator('h1')).toHaveText('Nothing is due in the coming seven days.');
    await expect(page.getByRole('link', { name: 'New routine' })).toBeVisible();
    await accessible();
    await laidOut();
  });
});
