/** A run that is over is handed over as a file, which replays byte for byte; one that still works is not. */
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';

test.setTimeout(180_000);

test('what the page of a run saves is a cassette of it, made by the real host', async ({ page, realHost }) => {
  await page.goto(realHost.url);
  await page.getByRole('button', { name: 'Try it on a demo workspace' }).click();
  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(page.locator('h1')).toHaveText('Overnight log triage proposed a change.', { timeout: 120_000 });
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toMatch(/^overnight-log-triage-run-[0-9a-z]+\.cassette\.jsonl$/);
  const file = join(realHost.home, 'saved.jsonl');
  await download.saveAs(file);
  expect(await realHost.nightshift('runs', 'replay', file)).toMatchObject({ same: true, first: null, departs: null });
});

test('the button is there for runs that are over and fits at every width', async ({
  page,
  stage,
  visit,
  laidOutAtAll,
}) => {
  const [over] = stage.runs().filter(({ state, turns }) => state === 'ended' && turns > 0);
  const [working] = stage.runs().filter(({ state }) => state === 'running');
  await visit(`/runs/${working?.id}`);
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Export' })).toHaveCount(0);
  await visit(`/runs/${over?.id}`);
  await expect(page.getByRole('button', { name: 'Export' })).toBeVisible();
  await laidOutAtAll();
});
