/** What can be asked, what leaves, and what a run looked up on the web, where one looks for it. */
import { workingRun } from '../fakes/staged-night.ts';
import { expect, test } from './fixtures.ts';

test('the settings list the models with what they hold, cost and how they stand', async ({
  page,
  visit,
  accessibleInBoth,
  laidOut,
}) => {
  await visit('/settings');
  await page.getByText(/\d+ models known/).click();
  const models = page.getByRole('list', { name: 'Models' });
  await expect(models).toContainText('claude-opus-5-5 · what auto means');
  await expect(models).toContainText('$0.1 in, $0.5 out per million up to 100,000 tokens');
  await expect(models).toContainText('will be retired on 2026-11-30: choose another model before then.');
  await expect(models).toContainText('was retired on 2026-06-15. Its successor is claude-opus-5-5.');
  await accessibleInBoth();
  await laidOut();
});

test('the editor says of a model that leaves when, and what takes its place', async ({ page, visit }) => {
  await visit('/routines/new');
  const model = page.getByRole('combobox', { name: 'Model' });
  await model.fill('claude-sonnet-4-5');
  await expect(page.getByText(/will be retired on 2026-11-30.*claude-sonnet-5-5/)).toBeVisible();
  await model.fill('claude-sonnet-5-5');
  await expect(page.getByText(/will be retired/)).toBeHidden();
});

test('what may be looked up, and what was, stands in the transcript', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
}) => {
  await visit(`/runs/${workingRun}`);
  const transcript = page.getByRole('region', { name: 'Transcript' });
  const reach = { allowed: ['docs.example.com'], blocked: [] };
  const problems = ['WebFetch is not offered.'];
  stage.say({ type: 'tools.offered', run: workingRun, strict: true, web: { search: reach, fetch: null }, problems });
  await expect(transcript).toContainText('It may search the web by way of the model’s address');
  await expect(transcript).toContainText('WebFetch is not offered.');
  stage.say({
    ...{ type: 'web.used', run: workingRun, turn: 1, call: 'srvtoolu_1', tool: 'WebSearch', ok: true, code: null },
    ...{ input: { query: 'sqlite wal' }, sources: [{ url: 'https://docs.example.com/wal', title: 'WAL mode' }] },
  });
  await expect(transcript).toContainText('sqlite wal');
  await accessibleInBoth();
});
