/** Money that is presumed, and a cap that another one makes void, are said on the screen as what they are. */
import { stageBudgets } from '../fakes/staged-guard.ts';
import { workingRun } from '../fakes/staged-night.ts';
import { expect, test } from './fixtures.ts';

test('a run says what of its cost is presumed and why, and how long it waits to ask again', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
}) => {
  await visit(`/runs/${workingRun}`);
  const presumed = { type: 'cost.presumed', run: workingRun, purpose: 'session', costMicros: 120_000 } as const;
  stage.say({ ...presumed, why: 'no_answer' });
  const failed = { type: 'model.retrying', run: workingRun, turn: 21, attempt: 1, status: null } as const;
  stage.say({ ...failed, message: 'No answer: ECONNRESET', waitMs: 1_240 });
  stage.say({ ...presumed, why: 'not_counted' });
  stage.say(presumed);
  const transcript = page.getByRole('region', { name: 'Transcript' });
  await expect(transcript.getByText('$0.12 presumed spent')).toHaveCount(3);
  await expect(transcript.getByText('The question was sent and its answer never began.')).toBeVisible();
  await expect(transcript.getByText('The server did not say what the answer used.')).toBeVisible();
  await expect(transcript.getByText('The call was under way when its host died.')).toBeVisible();
  await expect(transcript.getByText('attempt 1; trying again in 2 s')).toBeVisible();
  await expect(page.getByLabel('Facts of this run')).toContainText('$0.36 of the cost');
  await accessibleInBoth();
});

test('a cap that another one makes void is said with the budgets', async ({ page, stage, visit, accessibleInBoth }) => {
  stageBudgets(stage);
  const words = 'A run of triage may cost $2, but the cap of all routines for a day is $1 and stops it first.';
  stage.budgets.warnings = [words];
  await visit('/settings');
  await expect(page.getByRole('region', { name: 'Budgets' }).getByText(words)).toBeVisible();
  await accessibleInBoth();
});
