/** The whole way on a real host: first start, demo, a real run in the real sandbox, review, landed in the repository. */
import { expect, test } from './fixtures.ts';

test.setTimeout(180_000);

test('from the first start to a landed change [checks-with-evidence] [rehearsal-says-so]', async ({
  page,
  realHost,
  accessible,
  laidOut,
}) => {
  await page.goto(realHost.url);
  await page.getByRole('button', { name: 'Try it on a demo workspace' }).click();
  await expect(page.locator('h1')).toHaveText('Overnight log triage');
  await accessible();
  await laidOut();

  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(page).toHaveURL(/\/runs\/run-/);
  await expect(page.locator('h1')).toHaveText('Overnight log triage proposed a change.', { timeout: 120_000 });
  await expect(page.getByText('Rehearsal: recorded answers, no AI').first()).toBeVisible();
  await expect(page.getByLabel('Facts of this run')).toContainText('Held by the sandbox');
  await accessible();
  await laidOut();

  await page.getByRole('link', { name: 'Open the proposal' }).click();
  await expect(page.getByRole('heading', { name: /went from failing to passing/ })).toBeVisible();
  await expect(page.getByText(/failed \(exit 1\) before/).first()).toBeVisible();
  await expect(page.getByText('passed after').first()).toBeVisible();
  await accessible();
  await laidOut();

  const [proposal] = (await realHost.nightshift('proposals', 'list')) as {
    repository: string;
    baseBranch: string;
    head: string;
  }[];
  if (!proposal) throw new Error('There is no proposal.');
  const { repository, baseBranch, head } = proposal;
  const untouched = await realHost.git(repository, 'rev-parse', baseBranch);
  await page.keyboard.press('a');
  await page.getByLabel('Onto branch').fill('reviewed');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/Landed on reviewed as/)).toBeVisible();
  expect(await realHost.git(repository, 'rev-parse', 'reviewed')).toBe(head);
  expect(await realHost.git(repository, 'rev-parse', baseBranch)).toBe(untouched);

  await page.goto(new URL('/', page.url()).href);
  // Whether its timer could be set depends on this machine and is said here; the proposal is off the list.
  await expect(page.locator('h1')).not.toContainText('proposal');
  await expect(page.getByRole('list', { name: 'Due times' })).toHaveCount(0);
});
