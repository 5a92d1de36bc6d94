/** Two hundred routines with long names: found, counted, drawn and told apart; and the keyboard keeps its place. */
import * as records from '../fakes/records.ts';
import { routineFrom, type Stage } from '../fakes/staged-host.ts';
import { missed } from '../fakes/staged-time.ts';
import { expect, test } from './fixtures.ts';

const schedules = ['nightly', '0 6 * * *', 'every weekday at 7:30', '*/5 * * * *', 'hourly', 'manual', 'weekly'];
const idOf = (n: number) => `service-${n}`;

function stageMany(stage: Stage): void {
  for (let n = 0; n < 200; n += 1) {
    const spec = records.spec({
      name: `Service ${n}: looks after its dependencies, its flaky tests and whatever its log`,
      description:
        n % 3 === 0 ? 'A description that goes on, for a person who wanted to say everything in one line' : '',
      schedule: schedules[n % schedules.length] ?? 'nightly',
      repository: `/home/sam/code/service-${n % 20}`,
      timeZone: ['Europe/London', 'Asia/Tokyo', 'America/New_York'][n % 3] ?? 'UTC',
    });
    stage.routines.set(idOf(n), routineFrom(idOf(n), spec));
  }
}

test('a routine among two hundred is found by its words, and going back finds it again', async ({
  page,
  stage,
  visit,
  accessible,
  laidOutAtAll,
}) => {
  stageMany(stage);
  await visit('/routines');
  const rows = page.getByRole('list', { name: 'Routines' }).getByRole('listitem');
  await expect(rows).toHaveCount(50);
  await page.getByRole('button', { name: 'Show 50 more' }).click();
  await expect(rows).toHaveCount(100);
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox', { name: 'Find a routine' })).toBeFocused();
  await page.keyboard.type('Service 199: LOG');
  await expect(rows).toHaveCount(1);
  await expect(page.getByText('1 of 205 routines')).toBeVisible();
  await accessible();
  await laidOutAtAll();
  await rows.getByRole('link').click();
  await expect(page.locator('h1')).toContainText('Service 199');
  await page.goBack();
  await expect(rows).toHaveCount(1);
  await page.getByRole('searchbox').fill('nothing like it');
  await expect(page.getByText('No routine is like that.')).toBeVisible();
});

test('a week of two hundred routines stays readable', async ({ page, stage, visit, accessible, laidOut }) => {
  stageMany(stage);
  await visit('/week');
  await expect(
    page.getByRole('gridcell', { name: /^5\d routines, Tomorrow 00:00 to 23:55, [\d,]+ times/ }),
  ).toBeVisible();
  for (const width of [1280, 800]) {
    await page.setViewportSize({ width, height: 840 });
    await laidOut();
  }
  await page.getByRole('button', { name: 'As a table' }).click();
  await expect(page.getByRole('row', { name: /Tomorrow 00:00 to 23:55/ })).toContainText('routines');
  await laidOut();
  await page.getByRole('button', { name: 'As lanes' }).click();
  await accessible();
});

test('Tonight lists a page at a time, and draws those that are involved', async ({ page, stage, visit, laidOut }) => {
  stageMany(stage);
  for (let n = 0; n < 60; n += 1)
    missed(stage, idOf(n), Date.now() - (n + 1) * 300_000, { cause: 'asleep', reason: 'The machine was asleep.' });
  await visit('/');
  const notice = page.getByRole('region', { name: 'Missed due times' });
  await expect(notice.getByRole('heading')).toHaveText('60 due times were missed while the machine was asleep.');
  await expect(notice.getByRole('listitem')).toHaveCount(5);
  await notice.getByRole('button', { name: 'Show 5 more' }).click();
  await expect(notice.getByRole('listitem')).toHaveCount(10);
  const rows = page.getByRole('list', { name: 'Due times' }).getByRole('listitem');
  await expect(rows).toHaveCount(25);
  await expect(page.getByText(/^And \d+ more routines: the week has them all\.$/)).toBeVisible();
  for (const width of [1280, 800]) {
    await page.setViewportSize({ width, height: 840 });
    await laidOut();
  }
});

test('what goes away hands the focus on, in its section or else to the screen', async ({ page, stage, visit }) => {
  missed(stage, 'risk-review', Date.now() - 3_600_000, { cause: 'asleep' });
  missed(stage, 'flaky-test-hunt', Date.now() - 7_200_000, { cause: 'asleep' });
  await visit('/');
  const notice = page.getByRole('region', { name: 'Missed due times' });
  await notice.getByRole('button', { name: 'Run now: Risk review' }).focus();
  await page.keyboard.press('Enter');
  await expect(notice.getByRole('listitem')).toHaveCount(1);
  await expect(notice.getByRole('link', { name: 'Why? Flaky test hunt' })).toBeFocused();
  await notice.getByRole('button', { name: 'Dismiss the missed due times' }).focus();
  await page.keyboard.press('Enter');
  await expect(notice).toHaveCount(0);
  await expect(page.getByRole('main')).toBeFocused();
});
