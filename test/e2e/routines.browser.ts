/** Writing, pausing and removing routines; the keys that work everywhere. */
import { Fault } from '#contract/faults.ts';
import { expect, test } from './fixtures.ts';

test('the editor previews the schedule as the host understands it', async ({ page, visit }) => {
  await visit('/routines/new');
  const preview = page.getByRole('region', { name: 'What this schedule means' });
  await expect(preview.getByRole('listitem')).toHaveCount(10);
  const when = page.getByLabel('When', { exact: true });
  await when.fill('15 6 1 * *');
  await page.getByLabel('Time zone').fill('Asia/Tokyo');
  await expect(preview.getByRole('listitem').first()).toContainText(/06:15.*\+09:00.*21:15 here/);
  await when.fill('61 * * * *');
  await expect(when).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText('is not a schedule')).toBeVisible();
  await page.getByRole('radio', { name: 'By hand' }).check();
  await expect(preview).toContainText('It starts only when you press Run now.');
});

test('every mistake is said beside its field, the host’s too, and then it is saved [errors-cure]', async ({
  page,
  stage,
  visit,
  accessible,
}) => {
  await visit('/routines/new');
  await expect(page.getByLabel('Name')).toBeFocused();
  const save = page.getByRole('button', { name: 'Put on the night shift' });
  await page.getByLabel('Turns').fill('many');
  await save.click();
  await expect(page.getByText('Four fields need you.')).toBeVisible();
  await expect(page.getByLabel('Name')).toBeFocused();
  await expect(page.getByText('A whole number from 1 to 500.')).toBeVisible();
  await accessible();

  await page.keyboard.type('Nightly tidy');
  await expect(page.getByLabel('Name')).toHaveValue('Nightly tidy');
  await page.getByLabel('What it is told').fill('Tidy up.');
  await page.getByLabel('Repository').fill('/srv/none');
  await page.getByLabel('Turns').fill('12');
  const message = '/srv/none does not exist.';
  stage.refuse(
    'routines.add',
    new Fault('repo.missing', message, { field: 'repository', cure: 'Give the path of a repository.' }),
  );
  await save.click();
  await expect(page.getByText(`${message} Give the path of a repository.`)).toBeVisible();
  await expect(page.getByLabel('Repository')).toBeFocused();
  await expect(page.getByText('One field needs you.')).toBeVisible();
  // What the host refused is over once it was changed; only what is wrong now counts.
  await page.getByLabel('Repository').fill('/srv/orders');
  await expect(page.getByText(/needs? you\.$/)).toHaveCount(0);
  await page.getByLabel('Name').fill('');
  await page.getByLabel('Dollars').fill('-1');
  await save.click();
  await expect(page.getByText('Two fields need you.')).toBeVisible();
  await expect(page.locator('main [aria-invalid]')).toHaveCount(2);
  await page.getByLabel('Name').fill('Nightly tidy');
  await page.getByLabel('Dollars').fill('2');
  await save.click();
  await expect(page.locator('h1')).toHaveText('Nightly tidy');
  expect(stage.routines.get('nightly-tidy')?.spec).toMatchObject({
    prompt: 'Tidy up.',
    limits: { turns: 12 },
    checks: [],
  });
});

test('an edit changes what was changed and keeps the rest', async ({ page, stage, visit }) => {
  const before = stage.routines.get('overnight-log-triage')?.spec;
  await visit('/routines/overnight-log-triage');
  await page.keyboard.press('e');
  await page.getByLabel('Dollars').fill('3.5');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('60 turns, 60 min, $3.5')).toBeVisible();
  expect(stage.routines.get('overnight-log-triage')?.spec).toEqual({
    ...before,
    limits: { ...before?.limits, dollars: 3.5 },
  });
});

test('pause and resume', async ({ page, visit }) => {
  await visit('/routines/overnight-log-triage');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('Paused: nothing is due until you resume it.')).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('list', { name: 'Next due times' })).toBeVisible();
});

test('a removed routine can be put back as it was', async ({ page, stage, visit, accessible }) => {
  const before = stage.routines.get('overnight-log-triage')?.spec;
  await visit('/routines/overnight-log-triage');
  await page.getByRole('button', { name: 'Remove this routine' }).click();
  await accessible();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByText('Removed Overnight log triage')).toBeVisible();
  expect(stage.routines.has('overnight-log-triage')).toBe(false);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator('h1')).toHaveText('Overnight log triage');
  expect(stage.routines.get('overnight-log-triage')?.spec).toEqual(before);
});

test('a broken one goes only after its id was typed', async ({ page, stage, visit }) => {
  await visit('/routines/dependency-notes');
  await expect(page.getByText('routine.yaml:4')).toBeVisible();
  await page.getByRole('button', { name: 'Remove this routine' }).click();
  const remove = page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true });
  await expect(remove).toBeDisabled();
  await page.getByLabel('Type dependency-notes to remove it').fill('dependency-notes');
  await remove.click();
  await expect(page.getByText('Removed dependency-notes')).toBeVisible();
  expect(stage.routines.has('dependency-notes')).toBe(false);
});

test('keys: go anywhere, find anything, list the keys', async ({ page, visit, accessible }) => {
  await visit('/');
  for (const [key, path] of [
    ['p', '/proposals'],
    ['u', '/routines'],
    ['r', '/runs'],
    ['s', '/settings'],
    ['t', '/'],
  ] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await expect(page).toHaveURL(new RegExp(`${path}$`));
  }
  await page.keyboard.press('Control+k');
  await expect(page.getByLabel('Search commands')).toBeFocused();
  await accessible();
  await page.keyboard.type('new rout');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/routines\/new$/);
  // Letters in a field are letters.
  await expect(page.getByLabel('Name')).toBeFocused();
  await page.getByLabel('Name').press('g');
  await page.getByLabel('Name').press('p');
  await expect(page.getByLabel('Name')).toHaveValue('gp');
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keys on this screen' });
  await expect(help).toContainText('Go to Proposals');
  await expect(help).toContainText('New routine');
  await accessible();
  await page.keyboard.press('Escape');
  await expect(help).toHaveCount(0);
});

test('the theme is chosen, kept, and applied before the page is drawn', async ({ page, visit }) => {
  await visit('/settings');
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  await page.getByRole('radio', { name: 'Dark' }).check();
  const dark = await background();
  expect(dark).not.toBe(light);
  await page.reload();
  expect(await background()).toBe(dark);
});

test('a stored key changes what answers, and is not kept in the page', async ({ page, visit }) => {
  await visit('/settings');
  await page.getByLabel('API key').fill('sk-ant-not-a-real-key');
  await page.getByRole('button', { name: 'Store key' }).click();
  await expect(page.locator('h1')).toHaveText('Routines are answered by claude-opus-4-8.');
  expect(await page.content()).not.toContain('sk-ant-not-a-real-key');
});

test('rows are walked with j and k, and opened with Enter', async ({ page, visit }) => {
  await visit('/runs');
  const ways = page.getByRole('list', { name: /^Runs, / }).getByRole('link');
  await expect(ways.nth(1)).toBeVisible();
  await page.keyboard.press('j');
  await expect(ways.nth(0)).toBeFocused();
  await page.keyboard.press('j');
  await expect(ways.nth(1)).toBeFocused();
  await page.keyboard.press('k');
  await expect(ways.nth(0)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/runs\/run-/);
  await visit('/routines');
  const routine = page.getByRole('list', { name: 'Routines' }).getByRole('link').first();
  await expect(routine).toBeVisible();
  await page.keyboard.press('j');
  await expect(routine).toBeFocused();
});

test('keys of one letter can be turned off; what has Ctrl stays', async ({ page, visit, accessible }) => {
  await visit('/settings');
  await page.getByRole('group', { name: 'Keys of one letter' }).getByRole('radio', { name: 'Off' }).check();
  await accessible();
  await page.reload();
  await page.getByRole('link', { name: 'Routines' }).click();
  await expect(page.locator('h1')).toContainText('routine');
  const add = page.getByRole('main').getByRole('link', { name: 'New routine' });
  await expect(add).not.toHaveAttribute('aria-keyshortcuts', /./);
  for (const key of ['n', 'j', 'g', 't', '?']) await page.keyboard.press(key);
  await expect(page).toHaveURL(/\/routines$/);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('show the keys');
  await page.keyboard.press('Enter');
  const help = page.getByRole('dialog', { name: 'Keys on this screen' });
  await expect(help).toContainText('Search or run a command');
  await expect(help).not.toContainText('Go to Proposals');
});

test('the theme is a command too', async ({ page, visit }) => {
  await visit('/');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('theme: dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('runs started by hand are told apart by their time, with room for the reason', async ({
  page,
  stage,
  visit,
  laidOut,
}) => {
  const message = 'The log of the last day holds no error whose cause lies in this repository, so nothing was changed.';
  for (const at of [1, 2, 3]) {
    const run = `run-000000byhand${at}`;
    const routine = 'overnight-log-triage';
    stage.say({ type: 'run.queued', run, routine, trigger: { kind: 'person' } }, Date.now() - at * 3_600_000);
    const reason = { code: 'nothing_changed' as const, message };
    stage.say({ type: 'run.ended', run, outcome: 'nothing_to_propose', reason, proposal: null });
  }
  await visit('/routines/overnight-log-triage');
  const rows = page.getByRole('list', { name: 'Runs started by hand' });
  await expect(rows.getByRole('listitem')).toHaveCount(3);
  await expect(rows).not.toContainText('Overnight log triage');
  const names = await rows.getByRole('link').allTextContents();
  expect(new Set(names).size).toBe(3);
  const reason = await rows.getByText(message).first().boundingBox();
  expect(reason?.width).toBeGreaterThan(400);
  await laidOut();
});

test('the states of routines stand at one height beside their names at 800', async ({ page, visit }) => {
  await page.setViewportSize({ width: 800, height: 840 });
  await visit('/routines');
  const apart = await page.getByRole('list', { name: 'Routines' }).evaluate((list) =>
    [...list.children].map((item) => {
      const middle = (element: Element | null) => {
        const box = element?.getBoundingClientRect();
        return box ? Math.round(box.top + box.height / 2) : Number.NaN;
      };
      return middle(item.querySelector('svg')?.parentElement ?? null) - middle(item.querySelector('h2'));
    }),
  );
  expect(apart.length).toBeGreaterThan(2);
  expect(Math.max(...apart.map(Math.abs))).toBeLessThanOrEqual(2);
});
