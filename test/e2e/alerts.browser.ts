/** What should be looked at stands above everything, comes by itself, and is put away by mouse or keyboard for good. */
import { Fault } from '#contract/faults.ts';
import { failedRun, workingRun } from '../fakes/staged-night.ts';
import { expect, test } from './fixtures.ts';

const price =
  'Nothing says what the model "qwen3-coder" costs, so it counts at the dearest price that Nightshift knows: $15 per million tokens of the prompt, $75 of the answer. Say it with `nightshift model price qwen3-coder --input <dollars> --output <dollars>`, or `--free` where nobody bills it.';
const hour = 3_600_000;

test('an alert comes without a reload, leads to its run, and stays away once it was put away', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  await visit('/');
  const notice = page.getByRole('region', { name: 'Alerts' });
  await expect(page.getByRole('region', { name: 'Needs you' })).toBeVisible();
  await expect(notice).toHaveCount(0);
  stage.say({ type: 'alert.raised', about: workingRun, routine: 'flaky-test-hunt', text: price });
  await expect(notice.getByRole('heading')).toHaveText('One alert');
  await expect(notice.getByRole('listitem')).toContainText('so it counts at the dearest price');
  await expect(notice.locator('code').first()).toContainText('nightshift model price qwen3-coder');
  const unknown = { type: 'alert.raised', about: null, routine: null } as const;
  stage.say({ ...unknown, text: 'The system clock was set back by 3 hours' }, Date.now() - 2 * hour);
  stage.say({ ...unknown, routine: 'overnight-log-triage', text: `A ${'very-long-'.repeat(30)}word` });
  stage.say({ ...unknown, routine: 'gone', text: 'The routine had a clock that was wrong.' });
  await expect(notice.getByRole('heading')).toHaveText('Four alerts');
  await accessibleInBoth();
  await laidOutAtAll();
  await notice.getByRole('button', { name: 'Show 1 more' }).click();
  await notice.getByRole('link', { name: 'Run of Flaky test hunt' }).click();
  await expect(page).toHaveURL(new RegExp(`/runs/${workingRun}$`));
  const transcript = page.getByRole('region', { name: 'Transcript' });
  await expect(transcript.getByText('so it counts at the dearest price')).toBeVisible();
  await visit('/');
  await notice.getByRole('button', { name: /^Put away: The routine had/ }).click();
  await expect(notice.getByRole('heading')).toHaveText('Three alerts');
  await page.reload();
  await expect(notice.getByRole('heading')).toHaveText('Three alerts');
  await expect(notice).not.toContainText('a clock that was wrong');
});

test('by keyboard: the one in focus, then all of them; the focus goes on', async ({ page, stage, visit }) => {
  for (const text of ['First.', 'Second.', 'Third.'])
    stage.say({ type: 'alert.raised', about: failedRun, routine: 'flaky-test-hunt', text });
  await visit('/');
  const notice = page.getByRole('region', { name: 'Alerts' });
  await expect(notice.getByRole('listitem')).toHaveText([/^Third\./, /^Second\./, /^First\./]);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  for (let held = 0; held < 3; held += 1) await page.keyboard.down('x');
  await page.keyboard.up('x');
  await expect(notice.getByRole('listitem')).toHaveText([/^Third\./, /^First\./]);
  await expect(notice.locator(':focus')).toHaveCount(1);
  await page.keyboard.press('Shift+X');
  await expect(notice).toHaveCount(0);
  stage.say({ type: 'alert.raised', about: null, routine: null, text: 'Fourth.' });
  await expect(notice.getByRole('listitem')).toHaveText(/^Fourth\./);
});

test('what could not be put away stays, and says why', async ({ page, stage, visit, accessibleInBoth }) => {
  stage.say({ type: 'alert.raised', about: null, routine: null, text: 'Look.' });
  await visit('/');
  stage.refuse('alerts.dismiss', new Fault('data.full', 'The disk is full.', { cure: 'Free some space.' }));
  const notice = page.getByRole('region', { name: 'Alerts' });
  await notice.getByRole('button', { name: 'Put away: Look.' }).click();
  await expect(notice.getByRole('alert')).toContainText('Free some space.');
  await expect(notice.getByRole('listitem')).toHaveCount(1);
  await accessibleInBoth();
});

test.describe('with nothing else', () => {
  test.use({ staged: 'empty' });

  test('the sentence of the day speaks of it', async ({ page, stage, visit, laidOut }) => {
    stage.say({ type: 'alert.raised', about: null, routine: null, text: 'Look.' });
    await visit('/');
    await expect(page.locator('h1')).toHaveText('One alert to look at.');
    await laidOut();
  });
});
