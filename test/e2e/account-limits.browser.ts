/** Limits of the account are said where one looks: until when a run waits, counted down, and what is left of each rate. */
import { workingRun } from '../fakes/staged-night.ts';
import { expect, test } from './fixtures.ts';

const reason = 'Usage limit reached; it asks to wait 7200 s';

test('a run that waits for its account counts down on its own page and on Tonight, and then goes on', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
}) => {
  await visit(`/runs/${workingRun}`);
  const until = new Date(Date.now() + 2 * 3_600_000 + 90_000).toISOString();
  stage.say({ type: 'run.held', run: workingRun, until, reason, wait: 1, of: 3 });
  const note = page.getByRole('region', { name: 'It waits for its account' });
  await expect(note).toContainText(/goes on in 2 h/);
  await expect(note).toContainText('Wait 1 of 3.');
  await expect(page.getByLabel('Facts of this run')).toContainText('waiting for the account does not count');
  await expect(page.getByRole('region', { name: 'Transcript' })).toContainText('Waits for a limit of its account');
  await accessibleInBoth();
  await visit('/');
  await expect(page.getByText('One run waits for a limit of the account.')).toBeVisible();
  const waiting = page.getByRole('region', { name: 'Waiting for the account' });
  await expect(waiting).toContainText(/goes on in 2 h/);
  await expect(waiting).toContainText(reason);
  await accessibleInBoth();
  stage.say({ type: 'run.resumed', run: workingRun, why: 'limit_lifted' });
  await expect(waiting).toBeHidden();
});

test('the settings say what the account has left and until when', async ({ page, stage, visit, accessibleInBoth }) => {
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  stage.model = {
    ...stage.model,
    limits: [
      {
        ...{ account: 'a'.repeat(16), address: 'https://api.anthropic.com', model: 'claude-opus-5-5', waiting: 3 },
        ...{ seenAt: at(-60_000), closedUntil: at(600_000) },
        rates: [{ kind: 'requests', limit: 50, remaining: 47, resetAt: at(600_000) }],
      },
    ],
  };
  await visit('/settings');
  const limits = page.getByRole('list', { name: 'Limits of the account' });
  await expect(limits).toContainText(/requests 47 of 50 left until \d\d:\d\d:\d\d/);
  await expect(limits).toContainText(/limited, goes on in \d+ min/);
  await expect(limits).toContainText('3 requests waiting');
  await accessibleInBoth();
});
