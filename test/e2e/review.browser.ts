/** Deciding a proposal by keyboard: comments, refusals with their cure, approval, rejection. */
import { Fault } from '#contract/faults.ts';
import { openProposal } from '../fakes/staged-night.ts';
import { expect, test } from './fixtures.ts';

const address = `/proposals/${openProposal}`;
const found = <T>(value: T | undefined): T => {
  if (!value) throw new Error('It is not on the stage.');
  return value;
};

test('the proof opens to both outputs', async ({ page, visit, accessible }) => {
  await visit(address);
  await expect(page.getByRole('heading', { name: '1 check went from failing to passing' })).toBeVisible();
  await page.getByRole('button', { name: /npm test failed \(exit 1\) before passed after/ }).click();
  await expect(page.getByText('not ok 1 - prices an order without a discount')).toBeVisible();
  await expect(page.getByText('# pass 3')).toBeVisible();
  await expect(page.getByText('Old orders that failed are not priced again.')).toBeVisible();
  await accessible();
});

test('a comment on a line goes back with its place, once', async ({ page, stage, visit, accessible }) => {
  await visit(address);
  await expect(page.getByText('export function discountOf(order) {')).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('c');
  await page.getByLabel('About line 12').fill('Name it shareOff.');
  await accessible();
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: 'Ask for changes' }).click();
  await page.getByLabel('About the whole change').fill('Mention it in the notes.');
  await page.getByRole('button', { name: 'Add comment' }).click();
  await page.getByRole('button', { name: 'Send 2 comments' }).click();
  await expect(page.getByText('Being revised')).toBeVisible();
  expect(found(stage.proposals().find(({ id }) => id === openProposal)).comments).toEqual([
    { path: 'src/pricing.js', line: 12, text: 'Name it shareOff.' },
    { text: 'Mention it in the notes.' },
  ]);
});

test('comments that are not sent survive a reload', async ({ page, visit }) => {
  await visit(address);
  await page.getByRole('button', { name: 'Comment on src/invoice.js' }).click();
  await page.getByLabel('About src/invoice.js').fill('Why here?');
  await page.getByRole('button', { name: 'Add comment' }).click();
  await page.reload();
  await expect(page.getByRole('region', { name: 'Ask for changes' })).toContainText('Why here?');
});

test('a refused approval says why and how to go on, and loses nothing [errors-cure]', async ({
  page,
  stage,
  visit,
  accessible,
}) => {
  const cure = 'Commit or stash them, or approve onto another branch.';
  stage.refuse('proposals.approve', new Fault('repo.checkout_dirty', 'main has uncommitted changes.', { cure }));
  await visit(address);
  await page.keyboard.press('a');
  const dialog = page.getByRole('dialog', { name: 'Approve this change?' });
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await expect(dialog.getByRole('alert')).toContainText('main has uncommitted changes.');
  await expect(dialog.getByRole('alert')).toContainText(cure);
  await accessible();

  await dialog.getByLabel('Onto branch').fill('review');
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText(/Landed on review as 9f31c07d, by fast-forward/)).toBeVisible();
  expect(found(stage.proposals().find(({ id }) => id === openProposal)).into).toBe('review');
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /Proposals 1/ })).toBeVisible();
});

test('a rejection keeps its reason and says what becomes of the branch', async ({ page, visit }) => {
  await visit(address);
  await page.keyboard.press('x');
  const dialog = page.getByRole('dialog', { name: 'Reject this change?' });
  await dialog.getByLabel('Why').fill('We replace it.');
  await dialog.getByRole('button', { name: 'Reject' }).click();
  await expect(page.getByText(/Rejected\. Nothing of it is in your branches\./)).toBeVisible();
});

test('a click on a line number begins a comment there; u changes the view', async ({ page, visit }) => {
  await visit(address);
  const row = page.locator('tr', { hasText: 'return cents(sum * (1 - discountOf(order))' });
  await row.locator('.diff-gutter').last().click();
  await expect(page.getByLabel('About line 12')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Split' })).toBeVisible();
  await page.keyboard.press('u');
  await expect(page.getByRole('button', { name: 'Unified' })).toBeVisible();
  await expect(page.locator('.diff-split').first()).toBeVisible();
});
