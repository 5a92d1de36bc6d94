/** Files that would run on the person's machine: first in the review, with their reasons, and approved by number. */
import { guardedProposal, stageQuarantine } from '../fakes/staged-guard.ts';
import { expect, test } from './fixtures.ts';

test.beforeEach(async ({ stage, visit }) => {
  stageQuarantine(stage);
  await visit(`/proposals/${guardedProposal}`);
});

test('they are a group of their own above the others, each with the reason', async ({
  page,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  const files = page.getByRole('navigation', { name: 'Changed files' });
  await expect(files.getByRole('heading')).toHaveText('Would run on your machine');
  await expect(files.getByRole('button')).toHaveText([/^package\.json/, /^ci\.yml/, /^order\.js/]);
  const changes = page.getByRole('region', { name: 'Changes' });
  await expect(changes.getByRole('heading')).toHaveText([
    ...['Would run on your machine', 'package.json', '.github/workflows/ci.yml', 'The other files', 'src/order.js'],
  ]);
  await expect(changes.getByText('a package manager runs what it names.')).toBeVisible();
  await expect(changes.getByText('continuous integration runs it.')).toBeVisible();
  await accessibleInBoth();
  await laidOutAtAll();
});

test('it lands only after a tick that names their number', async ({ page, stage, accessible, laidOut }) => {
  await page.keyboard.press('a');
  const dialog = page.getByRole('dialog', { name: 'Approve this change?' });
  const approve = dialog.getByRole('button', { name: 'Approve' });
  await expect(dialog.getByRole('region', { name: 'Would run on your machine' }).getByRole('listitem')).toHaveText([
    'package.json: a package manager runs what it names.',
    '.github/workflows/ci.yml: continuous integration runs it.',
  ]);
  await expect(approve).toBeDisabled();
  await accessible();
  await laidOut();
  await dialog.getByRole('checkbox', { name: 'I have looked at the 2 files that would run on this machine.' }).check();
  await approve.click();
  await expect(page.getByText('Landed on main', { exact: true })).toBeVisible();
  expect(stage.proposals().find(({ id }) => id === guardedProposal)?.state).toBe('approved');
});
