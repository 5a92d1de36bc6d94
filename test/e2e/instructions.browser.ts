/** What a run was told by files: which ones, what they weigh, what of them does not count, and what came later. */
import { commandRun, stageQuestions } from '../fakes/staged-guard.ts';
import { expect, test } from './fixtures.ts';

test.beforeEach(({ stage }) => stageQuestions(stage));

test('the files, their weight and what is wrong with them, opened by keyboard', async ({
  page,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  await visit(`/runs/${commandRun}`);
  const bar = page.getByRole('group').filter({ has: page.getByRole('heading', { name: 'What it was told' }) });
  await expect(bar.getByText('5 files')).toBeVisible();
  await expect(bar.getByText('about 2,456 tokens in every request')).toBeVisible();
  await expect(bar.getByText('1 problem')).toBeVisible();
  await bar.locator('summary').focus();
  await page.keyboard.press('Enter');
  await expect(bar.getByText('there is no docs/testing.md. Add the file, or take the @ away.')).toBeVisible();
  await expect(bar.getByText('of the repository, 240 tokens, imported by CLAUDE.md')).toBeVisible();
  await expect(bar.getByText('of the repository, 110 tokens, since it touched files there')).toBeVisible();
  await accessibleInBoth();
  await laidOutAtAll();
  const transcript = page.getByRole('region', { name: 'Transcript' });
  await expect(transcript.getByText('Instructions for the files it touched')).toBeVisible();
  await expect(transcript.getByText('src/billing/CLAUDE.md')).toBeVisible();
  await expect(transcript.getByText('The conversation had nearly filled the context')).toBeVisible();
  const summary = transcript.getByText('rounds twice').first();
  await expect(summary).toBeHidden();
  await transcript.getByText('31 lines to read').press('Enter');
  await expect(summary).toBeVisible();
  await laidOutAtAll();
});
