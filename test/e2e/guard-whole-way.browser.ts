/** On a real host: a rule of the routine asks, the run is parked, a person answers on the page, the same run goes on. */
import { expect, test } from './fixtures.ts';

test.setTimeout(120_000);

test('a rule written in the editor parks a real run; a yes on its page lets it finish', async ({
  page,
  realHost,
  accessible,
  laidOut,
}) => {
  await page.goto(realHost.url);
  await page.getByRole('button', { name: 'Try it on a demo workspace' }).click();
  await expect(page.locator('h1')).toHaveText('Overnight log triage');
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByRole('heading', { name: 'What it may do by itself' }).click();
  await page.getByRole('textbox', { name: 'Ask optional' }).fill('Edit(/src/**)');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Run now' }).click();

  await expect(page.locator('h1')).toHaveText('Overnight log triage waits for your answer.', { timeout: 50_000 });
  const asked = page.getByRole('region', { name: 'It waits for your answer' });
  await expect(asked.getByRole('figure', { name: 'The exact change' })).toContainText('firstOrderOnly');
  await accessible();
  await laidOut();
  const [question] = (await realHost.nightshift('questions', 'list')) as { run: string }[];
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(page.locator('h1')).toHaveText('One run waits for your answer.');
  await page.keyboard.press('a');
  await expect(page.getByText('Answered in the browser.')).toBeVisible();

  await page.goto(new URL(`/runs/${question?.run}`, page.url()).href);
  await expect(page.locator('h1')).toHaveText('Overnight log triage proposed a change.', { timeout: 50_000 });
  const transcript = page.getByRole('region', { name: 'Transcript' });
  await expect(transcript.getByText('You approved it')).toHaveCount(1);
  await expect(transcript.getByText('The approval was used; it is good for once')).toHaveCount(1);
});
