/** Settings: what a day may cost and did, and what the sandbox enforces right now. */
import { Fault } from '#contract/faults.ts';
import { stageBudgets } from '../fakes/staged-guard.ts';
import { workingRun } from '../fakes/staged-night.ts';
import { expect, test } from './fixtures.ts';

test('spent, reserved and added stand apart; the cap can be set and is refused in place', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  stageBudgets(stage);
  await visit('/settings');
  const budgets = page.getByRole('region', { name: 'Budgets' });
  await expect(budgets.getByText('$11.24 of $22.00, $2.00 of it added for today')).toBeVisible();
  await expect(budgets.getByText('$1.30 reserved')).toHaveCount(2);
  const routines = budgets.getByRole('list', { name: 'Each routine today' }).getByRole('listitem');
  await expect(routines.first()).toHaveText('Overnight log triage$9.10 of $10.00at most $2.00 a run');
  await accessibleInBoth();
  await laidOutAtAll();
  const cap = budgets.getByLabel('Cap of all routines, dollars a day');
  const set = budgets.getByRole('button', { name: 'Set cap' });
  await expect(set).toBeDisabled();
  await cap.fill('none');
  await expect(budgets.getByText('An amount from 0.01 to 10000.')).toBeVisible();
  await expect(set).toBeDisabled();
  await cap.fill('35.5');
  stage.refuse('budgets.set', new Fault('data.full', 'The disk is full.', { cure: 'Free some space.' }));
  await set.click();
  await expect(budgets.getByText('The disk is full.')).toBeVisible();
  await set.click();
  await expect(page.getByText('All routines together: $35.50 a day, from now on.')).toBeVisible();
  await expect(budgets.getByText('$11.24 of $37.50')).toBeVisible();
  expect(stage.budgets.all.capMicros).toBe(35_500_000);
});

test('what is paid meanwhile is counted without asking', async ({ page, stage, visit }) => {
  stageBudgets(stage);
  await visit('/settings');
  const budgets = page.getByRole('region', { name: 'Budgets' });
  await expect(budgets.getByText('$11.24 of')).toBeVisible();
  stage.budgets.all.spentMicros = 12_000_000;
  const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
  stage.say({ type: 'side.answered', run: workingRun, purpose: 'classifier', usage, costMicros: 760_000 });
  await expect(budgets.getByText('$12.00 of')).toBeVisible();
});

test('budgets that cannot be read say so', async ({ page, stage, visit }) => {
  stage.refuse('budgets.get', new Fault('data.read_only', 'The data directory is read-only.'));
  await visit('/settings');
  const budgets = page.getByRole('region', { name: 'Budgets' });
  await expect(budgets.getByRole('alert')).toContainText('The data directory is read-only.');
});

test('what the sandbox enforces is listed, with the proof of the last run', async ({
  page,
  stage,
  visit,
  accessible,
  laidOutAtAll,
}) => {
  stage.doctor = [
    { name: 'git', state: 'ok', detail: 'version 2.39.5' },
    { name: 'sandbox', state: 'ok', detail: 'only the worktree is writable, home is invisible, no network' },
    { name: 'sandbox limits', state: 'ok', detail: 'the number of processes of a run is bounded' },
    { name: 'sandbox: home is invisible', state: 'ok', detail: 'tried from inside' },
    { name: 'sandbox: a process left in the background is gone with the sandbox', state: 'ok', detail: '0 were left' },
  ];
  await visit('/settings');
  const enforced = page.getByRole('region', { name: 'What is enforced right now' });
  await expect(enforced.getByText('The sandbox holds what it promises.')).toBeVisible();
  await expect(enforced.getByRole('listitem').filter({ visible: true })).toHaveText([
    'Home is invisible tried from inside',
    'A process left in the background is gone with the sandbox 0 were left',
  ]);
  await enforced.getByText('Proven by the last run, Flaky test hunt: 5 bounds').click();
  await expect(enforced.getByText('4 GB of memory, 256 processes')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Health' }).getByRole('listitem')).toHaveText([/Git/]);
  await accessible();
  await laidOutAtAll();
});

test('where no trial could be made, it says what the sandbox bounds', async ({ page, stage, visit }) => {
  stage.doctor = [
    {
      name: 'sandbox',
      state: 'ok',
      detail: '2 bounds',
      items: ['only the worktree is writable', 'no network, at all'],
    },
    {
      name: 'sandbox limits',
      state: 'warning',
      detail: 'processes cannot be bounded for root here',
      cure: 'Run it as you.',
    },
  ];
  await visit('/settings');
  const enforced = page.getByRole('region', { name: 'What is enforced right now' });
  await expect(enforced.getByText('The sandbox holds, with limits.')).toBeVisible();
  await expect(enforced.getByText('Processes cannot be bounded for root here. Run it as you.')).toBeVisible();
  await expect(enforced.getByRole('list', { name: 'Bounds' }).getByRole('listitem')).toHaveText([
    ...['Only the worktree is writable', 'No network, at all'],
  ]);
});

test('one bound that does not hold is named', async ({ page, stage, visit, accessible }) => {
  stage.doctor = [
    { name: 'sandbox', state: 'ok', detail: 'no network' },
    {
      name: 'sandbox: home is invisible',
      state: 'failed',
      detail: 'a canary was read',
      cure: 'No run starts until this holds.',
    },
  ];
  await visit('/settings');
  const enforced = page.getByRole('region', { name: 'What is enforced right now' });
  await expect(enforced.getByText('The sandbox does not hold: no run starts until it does.')).toBeVisible();
  await expect(enforced.getByText('Does not hold: home is invisible a canary was read')).toBeVisible();
  await accessible();
});

test('a sandbox that does not hold is said in both places, with the cure', async ({
  page,
  stage,
  visit,
  accessible,
}) => {
  const cure = 'Install it: sudo apt install bubblewrap';
  stage.doctor = [{ name: 'sandbox', state: 'failed', detail: 'bubblewrap cannot be started', cure }];
  await visit('/settings');
  const enforced = page.getByRole('region', { name: 'What is enforced right now' });
  await expect(enforced.getByText('The sandbox does not hold: no run starts until it does.')).toBeVisible();
  await expect(enforced.getByText(`Bubblewrap cannot be started. ${cure}.`)).toBeVisible();
  await expect(page.getByRole('region', { name: 'Health' }).getByText('Not well')).toBeVisible();
  await accessible();
});
