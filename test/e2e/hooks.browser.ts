/** Hooks of a run on its page: what ran, what nobody had said yes to, and saying it. */
import { commandRun, stageQuestions } from '../fakes/staged-guard.ts';
import { expect, test } from './fixtures.ts';

test.beforeEach(({ stage }) => stageQuestions(stage));

test('are listed with their state, and what the repository has now is trusted where it is shown', async ({
  page,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  await visit(`/runs/${commandRun}`);
  const bar = page.getByRole('group').filter({ has: page.getByRole('heading', { name: 'Hooks' }) });
  await expect(bar.getByText('1 not trusted')).toBeVisible();
  await bar.locator('summary').focus();
  await page.keyboard.press('Enter');
  await expect(bar.getByText('did not run: nobody had said yes to it')).toBeVisible();
  await expect(bar.getByText('with the files scripts/guard.sh')).toBeVisible();
  await accessibleInBoth();
  await laidOutAtAll();
  await bar.getByRole('button', { name: 'Trust these hooks' }).press('Enter');
  await bar.getByRole('button', { name: 'Trust exactly these' }).press('Enter');
  await expect(bar.getByText('the next run works with it')).toBeVisible();
  const transcript = page.getByRole('region', { name: 'Transcript' });
  await expect(transcript.getByText('Hook at PostToolUse Edit')).toBeVisible();
  await expect(transcript.getByText('There is no such command in the sandbox')).toBeVisible();
});
