/** When a routine is due, what may come between, and the account of it: written, shown back, and asked about. */
import { Fault } from '#contract/faults.ts';
import { stageHardMonth } from '../fakes/staged-why.ts';
import { expect, test } from './fixtures.ts';

const triage = '/routines/overnight-log-triage';

test('plain words are shown back with their exact spelling and ten due times, changes of clocks marked', async ({
  page,
  stage,
  visit,
  accessible,
}) => {
  await visit('/routines/new');
  const meaning = page.getByRole('region', { name: 'What this schedule means' });
  await page.getByLabel('Time zone').fill('America/New_York');
  await page.getByLabel('When', { exact: true }).fill('second sunday of march and november at 2:30');
  const times = meaning.getByRole('list', { name: 'Next due times' }).getByRole('listitem');
  await expect(meaning.locator('code')).toHaveText('30 2 * 3,11 0#2');
  await expect(times).toHaveCount(10);
  // Clocks go forward at 2:00 of that very day, and back a week before the other.
  await expect(times.filter({ hasText: 'Clocks change before this: -05:00 becomes -04:00' })).toHaveCount(5);
  await expect(times.filter({ hasText: 'becomes -04:00' }).first()).toContainText('03:00');
  await expect(meaning).toContainText('The timer of this system keeps exactly these times.');
  await accessible();

  stage.exactness = 'superset';
  await page.getByRole('button', { name: 'every 90 minutes' }).click();
  await expect(page.getByLabel('When', { exact: true })).toHaveValue('every 90 minutes');
  await expect(meaning).toContainText('Every 90 minutes');
  await expect(meaning).toContainText('wakes us more often; we only run when it is due');
  await page.getByRole('button', { name: 'tomorrow at 7' }).click();
  await expect(times).toHaveCount(1);
  await page.getByRole('radio', { name: 'Weekdays' }).check();
  await expect(page.getByLabel('When', { exact: true })).toHaveValue('weekdays');
  await expect(meaning.locator('code')).toHaveText('0 9 * * 1-5');
  await expect(times).toHaveCount(10);
});

test('what cannot be read is refused beside the field, with the reason and a cure', async ({
  page,
  visit,
  accessible,
  laidOut,
}) => {
  await visit('/routines/new');
  const when = page.getByLabel('When', { exact: true });
  await when.fill('whenever it rains');
  await expect(when).toHaveAttribute('aria-invalid', 'true');
  const words = page.locator(`[id="${await when.getAttribute('aria-describedby')}"]`);
  await expect(words).toContainText('whenever it rains');
  await expect(words).toContainText('first monday of the month at 9');
  await accessible();
  await laidOut();
  await when.fill('nightly');
  await expect(when).not.toHaveAttribute('aria-invalid', /./);
  await page.getByLabel('Time zone').fill('Europe/Berlln');
  await expect(page.getByLabel('Time zone')).toHaveAttribute('aria-invalid', 'true');
  await when.fill('2020-01-01 07:00');
  await page.getByLabel('Time zone').fill('Europe/Berlin');
  await expect(page.getByText('it will not be due again')).toBeVisible();
});

test('every policy is written, kept and read back', async ({ page, stage, visit, laidOut, accessibleInBoth }) => {
  const before = stage.routines.get('overnight-log-triage')?.spec;
  await visit(`${triage}/edit`);
  const section = page.locator('details', { hasText: 'When things get in the way' });
  await expect(section).toContainText('as usual');
  await section.getByText('When things get in the way').click();
  await section.getByRole('radio', { name: 'Run each' }).check();
  await section.getByLabel('Not when later than', { exact: true }).fill('1.5');
  await section.getByLabel('Not when later than: unit').selectOption('hours');
  await section.getByLabel('Only on the same day').check();
  await section.getByLabel('While a run of this routine is open').selectOption('Let one wait');
  await section.getByLabel('Between two starts, at least', { exact: true }).fill('2');
  await section.getByLabel('Between two starts, at least: unit').selectOption('days');
  await section.getByLabel('Priority').fill('-3');
  await section.getByLabel('Start only in some hours').check();
  await section.getByLabel('From', { exact: true }).fill('23:00');
  await section.getByLabel('To', { exact: true }).fill('05:30');
  await section.getByLabel('Put off by up to, minutes').fill('20');
  await section.getByLabel('Paused until').fill('2031-01-02T08:00');
  await section.getByLabel('Only on mains power').check();
  await section.getByLabel('Only on a network that is not metered').check();
  await section.getByLabel('Keep the machine awake while it runs').uncheck();
  await section.getByLabel('Wake the machine for it').check();
  await expect(section).toContainText('13 answers of your own');
  await accessibleInBoth();
  for (const width of [1280, 800]) {
    await page.setViewportSize({ width, height: 840 });
    await laidOut();
  }
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('h1')).toHaveText('Overnight log triage');
  const policies = {
    catchUp: { mode: 'each', within: 90, sameDay: true },
    ...{ overlap: 'queue_one', jitter: 20, minimumDistance: 2880, activeHours: { from: '23:00', to: '05:30' } },
    ...{ onMains: true, unmetered: true, wake: true, keepAwake: false, priority: -3 },
    pausedUntil: '2031-01-02T08:00:00.000Z',
  };
  expect(stage.routines.get('overnight-log-triage')?.spec).toEqual({ ...before, policies });
  await expect(page.getByText('Only from 23:00 to 05:30.')).toBeVisible();

  await page.getByRole('link', { name: 'Edit' }).click();
  await section.getByText('When things get in the way').click();
  await expect(section.getByLabel('Not when later than', { exact: true })).toHaveValue('90');
  await expect(section.getByLabel('Between two starts, at least', { exact: true })).toHaveValue('2');
  await expect(section.getByLabel('Paused until')).toHaveValue('2031-01-02T08:00');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('h1')).toHaveText('Overnight log triage');
  expect(stage.routines.get('overnight-log-triage')?.spec).toEqual({ ...before, policies });
});

test('a policy out of range opens its section and takes the focus', async ({ page, visit }) => {
  await visit(`${triage}/edit`);
  const section = page.locator('details', { hasText: 'When things get in the way' });
  await section.getByText('When things get in the way').click();
  await section.getByLabel('Not when later than', { exact: true }).fill('40');
  await section.getByText('When things get in the way').click();
  await expect(section).not.toHaveAttribute('open', /.*/);
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(section.getByText('From 1 minute to 31 days, in whole minutes.')).toBeVisible();
  await expect(section.getByLabel('Not when later than', { exact: true })).toBeFocused();
});

test('the year shows what was and what is planned, as a picture and as a table', async ({
  page,
  stage,
  visit,
  accessible,
  laidOut,
}) => {
  stageHardMonth(stage, 'overnight-log-triage');
  await visit(triage);
  const year = page.getByRole('region', { name: 'The year' });
  const picture = year.getByRole('img');
  await expect(picture).toHaveAttribute('aria-label', /: \d+ ran, 1 late, 12 skipped, .*\d{3} planned\.$/);
  // Drawn at its real width, not scaled.
  expect(await picture.getAttribute('viewBox')).toBeNull();
  for (const width of [1280, 800]) {
    await page.setViewportSize({ width, height: 840 });
    await laidOut();
  }
  await page.setViewportSize({ width: 1280, height: 840 });
  await year.getByRole('button', { name: 'As a table' }).click();
  await expect(picture).toHaveCount(0);
  const header = year.getByRole('columnheader');
  await expect(header).toHaveText(['Day', 'ran', 'late', 'skipped', 'failed', 'planned']);
  const planned = await year.locator('tbody td:last-child').allTextContents();
  expect(planned.reduce((sum, text) => sum + Number(text || 0), 0)).toBeGreaterThan(100);
  await accessible();
  await laidOut();
});

test('the account is narrowed to a state, with reasons and causes', async ({ page, stage, visit }) => {
  stageHardMonth(stage, 'overnight-log-triage');
  await visit(triage);
  const rows = page.getByRole('list', { name: 'Due times', exact: true }).getByRole('listitem');
  await page.getByLabel('Show', { exact: true }).selectOption('Folded');
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('10 due times');
  await expect(rows).toContainText('asleep');
  await page.getByLabel('Show', { exact: true }).selectOption('Skipped');
  await expect(rows).toHaveCount(2);
  await expect(rows.filter({ hasText: 'on battery' })).toContainText('The machine was on battery.');
  await page.getByLabel('Show', { exact: true }).selectOption('Lost');
  await expect(page.getByText('No due time is in the state “Lost”.')).toBeVisible();
});

test('why is answered for a row, for any minute, and for an address', async ({ page, stage, visit, accessible }) => {
  const slept = stageHardMonth(stage, 'overnight-log-triage');
  await visit(triage);
  const panel = page.getByRole('region', { name: 'Why?' });
  const answer = panel.getByRole('status', { name: 'Answer' });
  const row = page.getByRole('listitem').filter({ hasText: 'on battery' });
  await row.getByRole('button', { name: /^Why\?/ }).click();
  await expect(answer).toBeFocused();
  await expect(answer).toContainText('Due then and skipped: The machine was on battery.');
  await expect(answer.getByRole('list', { name: 'Evidence' })).toContainText('The row was written.');

  await panel.getByLabel('What happened, or did not, at').fill('2026-01-02T12:34');
  await panel.getByRole('button', { name: 'Ask' }).click();
  await expect(answer).toContainText('Nothing was due then.');
  await accessible();
  await panel.getByLabel('What happened, or did not, at').fill('');
  await panel.getByRole('button', { name: 'Ask' }).click();
  await expect(panel.getByText('Give a day and a time.')).toBeVisible();

  await visit(`${triage}?why=${slept}`);
  await expect(answer).toContainText('Machine was asleep');
  stage.refuse('routines.why', new Fault('not_found', 'Nothing is known of it.', { cure: 'Look at the list.' }));
  await visit(`${triage}?why=2026-02-02T10:00:00.000Z`);
  await expect(answer).toContainText('There is no answer');
});

test('an account or a year that cannot be read says so', async ({ page, stage, visit, accessible }) => {
  stage.refuse('routines.preview', new Fault('internal', 'The calendar is closed.'));
  await visit(triage);
  await expect(page.getByText('The year cannot be shown')).toBeVisible();
  await expect(page.getByText('The calendar is closed.')).toBeVisible();
  await accessible();
});
