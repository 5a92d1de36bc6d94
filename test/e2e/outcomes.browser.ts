/** How runs end, in the page's own words: what to do next is a place in the page, a report is read where it is found. */
import type { Reason } from '#contract/runs.ts';
import type { Stage } from '../fakes/staged-host.ts';
import { reportRun } from '../fakes/staged-night.ts';
import { expect, test } from './fixtures.ts';

const run = 'run-0000000ended1';
const noRecording =
  'This is the rehearsal model: it has no recording for this routine. Add a key with `nightshift model key`, or set ANTHROPIC_API_KEY, and the same routine runs on a real model.';

function end(stage: Stage, outcome: 'failed' | 'nothing_to_propose', reason: Reason): void {
  stage.say({ type: 'run.queued', run, routine: 'docs-drift', trigger: { kind: 'person' } });
  stage.say({ type: 'run.ended', run, outcome, reason, proposal: null });
}

/** A run that the rehearsal model ended for want of a recording. */
function runOut(stage: Stage): void {
  const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
  const content = [{ type: 'text', text: noRecording }];
  stage.say({ type: 'run.queued', run, routine: 'docs-drift', trigger: { kind: 'person' } });
  stage.say({ type: 'message.finished', run, turn: 1, content, stopReason: 'end_turn', usage, costMicros: 0 });
  const reason = { code: 'nothing_changed' as const, message: noRecording };
  stage.say({ type: 'run.ended', run, outcome: 'nothing_to_propose', reason, proposal: null });
}

test('a run without a key leads to the place for one, and names no command [errors-cure]', async ({
  page,
  stage,
  visit,
  accessible,
}) => {
  const cure = 'Store one with `nightshift model key` (it reads standard input), or set ANTHROPIC_API_KEY.';
  end(stage, 'failed', { code: 'model.key_missing', message: 'There is no API key', cure });
  await visit(`/runs/${run}`);
  const header = page.locator('main header').first();
  await expect(header.getByText('There is no API key.', { exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Transcript' })).toContainText('There is no API key.');
  await expect(page.locator('main')).not.toContainText('`');
  await expect(page.locator('main')).not.toContainText('nightshift model');
  const facts = page.getByLabel('Facts of this run');
  await expect(facts).toContainText('None was asked');
  await expect(facts).not.toContainText(/not chosen yet|Not ready yet/);
  await accessible();
  await header.getByRole('link', { name: 'Store a key in Settings' }).click();
  await expect(page).toHaveURL(/\/settings$/);
  await expect(page.getByLabel('API key')).toBeVisible();
});

test('what is not there leads back to where the others are', async ({ page, visit }) => {
  await visit('/runs/run-000000none');
  await page.getByRole('link', { name: 'All runs' }).click();
  await expect(page).toHaveURL(/\/runs$/);
  await visit('/proposals/prop-000000none');
  await page.getByRole('link', { name: 'All proposals' }).click();
  await expect(page).toHaveURL(/\/proposals$/);
});

test('a command that remains is shown as code', async ({ page, stage, visit }) => {
  const cure = 'Run `git fsck` in the repository.';
  end(stage, 'failed', { code: 'repo.git_failed', message: 'git cannot read `main`', cure });
  await visit(`/runs/${run}`);
  await expect(page.locator('main header').first().locator('code', { hasText: 'git fsck' })).toBeVisible();
  await expect(page.locator('main')).not.toContainText('`');
  await visit('/runs');
  await expect(page.locator('main')).not.toContainText('`');
});

test('a rehearsal that ran out says how to get a model: by a key', async ({ page, stage, visit }) => {
  runOut(stage);
  await visit(`/runs/${run}`);
  await expect(page.getByRole('link', { name: 'Store a key in Settings' })).toBeVisible();
  await expect(page.locator('main')).not.toContainText('nightshift model key');
});

test('a rehearsal that was chosen is not put down to a missing key', async ({ page, stage, visit }) => {
  const routine = stage.routines.get('docs-drift');
  if (routine?.spec) stage.routines.set('docs-drift', { ...routine, spec: { ...routine.spec, model: 'rehearsal' } });
  runOut(stage);
  await visit(`/runs/${run}`);
  await expect(page.getByText('it has no recording for this routine.').first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Choose another model for it' })).toHaveAttribute(
    'href',
    '/routines/docs-drift/edit',
  );
  await expect(page.locator('main')).not.toContainText(/add a key|store a key|real model/i);
});

test('a report is called one and reads as one, on its page and in the morning', async ({ page, visit, accessible }) => {
  await visit(`/runs/${reportRun}`);
  await expect(page.locator('h1')).toHaveText('Risk review left a report.');
  const report = page.getByRole('region', { name: 'Report' });
  await expect(report.getByRole('heading', { name: 'Three risks, most urgent first' })).toBeInViewport();
  await expect(report.getByRole('cell', { name: 'src/retry.js' })).toBeVisible();
  await accessible();

  await visit('/');
  const reports = page.getByRole('region', { name: 'Reports' });
  await expect(reports.getByRole('heading', { name: 'Three risks, most urgent first' })).toBeVisible();
  await expect(reports).not.toContainText('**');
  await expect(page.getByRole('list', { name: 'Due times' }).getByText('Report', { exact: true })).toBeVisible();
  await reports.getByRole('link', { name: 'Read all of it' }).click();
  await expect(page).toHaveURL(new RegExp(reportRun));
});
