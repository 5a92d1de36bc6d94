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

test.describe('a host that is killed', () => {
  // The broken connection and the refused ones after it are console errors of the browser's own.
  test.use({ strict: false, rehearsalPace: '1' });

  test('in the middle of a run comes back under the same page, which shows each row once [survives-kill] [stream-resumes]', async ({
    page,
    realHost,
  }) => {
    await page.setViewportSize({ width: 1280, height: 4000 });
    await page.goto(realHost.url);
    await page.getByRole('button', { name: 'Try it on a demo workspace' }).click();
    await page.getByRole('button', { name: 'Run now' }).click();
    await expect(page.getByRole('button', { name: /^Bash/ }).first()).toBeEnabled({ timeout: 60_000 });
    const { pid } = (await realHost.nightshift('host', 'status')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await expect(page.getByText('Not connected.')).toBeVisible();

    await expect(page.locator('h1')).toHaveText('Overnight log triage proposed a change.', { timeout: 120_000 });
    const transcript = page.getByRole('region', { name: 'Transcript' });
    await expect(transcript.getByText('Taken up again after a restart')).toHaveCount(1);
    const turns = await transcript.getByText(/^Turn \d+$/).allTextContents();
    expect(turns).toEqual([...new Set(turns)]);
    const { pid: second } = (await realHost.nightshift('host', 'status')) as { pid: number };
    expect(second).not.toBe(pid);
  });
});
