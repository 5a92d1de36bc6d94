/** What a run was to reach and what was found of it, on every screen that speaks of the run; and the fields that ask for it. */
import { gradedRun, impossibleRun, stageAims, taskRun } from '../fakes/staged-aims.ts';
import { expect, test } from './fixtures.ts';

test.beforeEach(({ stage }) => stageAims(stage));

test('a graded run: its status is what was found, criterion by criterion, each with its place', async ({
  page,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  await visit(`/runs/${gradedRun}`);
  await expect(page.locator('h1')).toContainText('needs revision, and its tries are used up.');
  const rubric = page.getByRole('region', { name: 'Rubric' });
  await expect(rubric.getByText('CHANGELOG.md:7')).toBeVisible();
  await expect(rubric.getByText('Needs revision: `docs/retries.md` explains the limit')).toBeVisible();
  await expect(rubric.getByText('Could not be checked: The error message is understandable')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Goal' }).getByText('# pass 41')).toBeVisible();
  const transcript = page.getByRole('region', { name: 'Transcript' });
  await expect(transcript.getByText('Goal, round 1: not met yet')).toBeVisible();
  await expect(transcript.getByText('Graded, iteration 3: max iterations reached')).toBeVisible();
  await expect(transcript.getByText('Needs revision, tries used up')).toBeVisible();
  await accessibleInBoth();
  await laidOutAtAll();
  await page.setViewportSize({ width: 1280, height: 840 });
  await visit('/runs');
  await expect(page.getByText('Needs revision, tries used up')).toBeVisible();
});

test('a goal that is judged impossible asks, with what the judge quotes', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  await visit(`/runs/${impossibleRun}`);
  const asked = page.getByRole('region', { name: 'It waits for your answer' });
  await expect(asked.getByRole('figure', { name: 'The goal' })).toHaveText(/Every test passes/);
  await expect(asked.getByRole('figure', { name: 'What the judge quotes' })).toHaveText('ENOTFOUND');
  await accessibleInBoth();
  await laidOutAtAll();
  await page.setViewportSize({ width: 1280, height: 840 });
  await asked.getByRole('button', { name: 'Approve' }).click();
  await expect(asked).toHaveCount(0);
  expect(stage.questions().find(({ run }) => run === impossibleRun)?.state).toBe('approved');
});

test('a task is named as one and leads to no routine', async ({ page, visit }) => {
  await visit(`/runs/${taskRun}`);
  await expect(page.locator('h1')).toContainText('One-off task failed.');
  await expect(page.getByText('None: a task of its own')).toBeVisible();
});

test('goal and rubric are fields of a routine; what nobody can check is said while it is written', async ({
  page,
  stage,
  visit,
  accessible,
  laidOutAtAll,
}) => {
  await visit('/routines/docs-drift/edit');
  await page.getByRole('heading', { name: 'When it is done' }).click();
  await page.getByLabel('Goal').fill('npm test passes');
  await page.getByLabel('Rubric').fill('- `CHANGELOG.md` names the fix\n- The code is clean');
  await expect(page.getByText('Nothing shows whether it is "clean".')).toBeVisible();
  await page.getByLabel('Files it must have').fill('docs/report.md\n/etc/passwd');
  await page.getByLabel('Gradings at most').fill('21');
  await accessible();
  await laidOutAtAll();
  await page.setViewportSize({ width: 1280, height: 840 });
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Two fields need you.')).toBeVisible();
  await page.getByLabel('Files it must have').fill('docs/report.md');
  await page.getByLabel('Gradings at most').fill('5');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(/\/routines\/docs-drift$/);
  expect(stage.routines.get('docs-drift')?.spec).toMatchObject({
    goal: 'npm test passes',
    rubric: '- `CHANGELOG.md` names the fix\n- The code is clean',
    ...{ artifacts: ['docs/report.md'], iterations: 5, goalRounds: 3 },
  });
  await expect(page.getByText('3 criteria, graded at most 5 times')).toBeVisible();
});

test('a long state in the list of runs stands beside the words of its row, not on them', async ({
  page,
  visit,
  laidOutAtAll,
}) => {
  await visit('/runs');
  await expect(page.getByText('Needs revision, tries used up')).toBeVisible();
  await laidOutAtAll();
});
