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
  await expect(bar.getByText('about 2,470 tokens in every request')).toBeVisible();
  await expect(bar.getByText('2 skills')).toBeVisible();
  await expect(bar.getByText('2 problems')).toBeVisible();
  await bar.locator('summary').focus();
  await page.keyboard.press('Enter');
  await expect(bar.getByText('there is no docs/testing.md. Add the file, or take the @ away.')).toBeVisible();
  await expect(bar.getByText('of the repository, 240 tokens, imported by CLAUDE.md')).toBeVisible();
  await expect(bar.getByText('of the repository, 110 tokens, since it touched files there')).toBeVisible();
  const skills = bar.getByLabel('Skills');
  await expect(
    skills.getByText('called by the agent or a prompt: 14 tokens in every request, 420 tokens once called'),
  ).toBeVisible();
  await expect(
    skills.getByText('allowed-tools does nothing here; it gets no permission that the run does not have'),
  ).toBeVisible();
  await expect(skills.getByText('command yours, everywhere')).toBeVisible();
  await expect(bar.getByText('its front matter has no end. Mend it; until then it cannot be called.')).toBeVisible();
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
