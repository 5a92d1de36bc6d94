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
  await page.keyboard.press('Shift+C');
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
  await expect(page.getByText('Why here?')).toBeVisible();
  const bar = page.getByRole('region', { name: 'Ask for changes' });
  await expect(bar.getByRole('button', { name: 'Send 1 comment' })).toBeVisible();
  await bar.getByRole('button', { name: '1 comment not sent' }).click();
  await bar.getByRole('button', { name: 'Remove this comment' }).click();
  await expect(page.getByText('Why here?')).toHaveCount(0);
});

test('the whole review by keyboard: hunk to hunk, a comment, and sent', async ({ page, stage, visit, laidOut }) => {
  await visit(address);
  await expect(page.getByText('export function discountOf(order) {')).toBeVisible();
  const current = page.locator('[aria-current=true]', { has: page.locator('.diff') });
  for (const [key, words] of [
    ['j', 'export function discountOf(order) {'],
    ['j', "import { discountOf, priceOrder } from './pricing.js';"],
    ['j', "import assert from 'node:assert/strict';"],
    ['k', "import { discountOf, priceOrder } from './pricing.js';"],
  ] as const) {
    await page.keyboard.press(key);
    await expect(current).toHaveCount(1);
    await expect(current).toContainText(words);
    await expect(current).toBeFocused();
    await expect(current.getByText(words)).toBeInViewport();
    // The mark is painted above the lines, not below them.
    expect(await current.evaluate((element) => getComputedStyle(element, '::after').borderInlineStartWidth)).toBe(
      '3px',
    );
  }
  await page.keyboard.press('c');
  await page.getByLabel('About line 2').fill('Two imports, please.');
  await page.keyboard.press('Control+Enter');
  await expect(current).toBeFocused();
  const note = page.getByText('Two imports, please.');
  const send = page.getByRole('button', { name: 'Send 1 comment' });
  await expect(send).toHaveAttribute('aria-keyshortcuts', 'Control+Enter');
  await laidOut();
  const [below, above] = await Promise.all([
    note.boundingBox(),
    page.getByRole('region', { name: 'Ask for changes' }).boundingBox(),
  ]);
  expect(found(below ?? undefined).y + found(below ?? undefined).height).toBeLessThanOrEqual(
    found(above ?? undefined).y,
  );
  await expect(note).toBeInViewport();

  await page.keyboard.press('c');
  await page.keyboard.press('Escape');
  await expect(current).toBeFocused();
  await send.focus();
  await expect(send).toBeFocused();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('Being revised')).toBeVisible();
  expect(found(stage.proposals().find(({ id }) => id === openProposal)).comments).toEqual([
    { path: 'src/invoice.js', line: 2, text: 'Two imports, please.' },
  ]);
});

test('a key means on its button what the list of keys says', async ({ page, visit }) => {
  await visit(address);
  await expect(page.getByText('export function discountOf(order) {')).toBeVisible();
  const keyOf = (name: string) => page.getByRole('button', { name }).first().getAttribute('aria-keyshortcuts');
  const shown = { Comment: await keyOf('Comment on this hunk'), Whole: await keyOf('Ask for changes') };
  expect(shown).toEqual({ Comment: 'c', Whole: 'Shift+C' });
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keys on this screen' });
  for (const words of ['Comment on this hunk', 'Ask for changes', 'Previous hunk', 'Previous file'])
    await expect(help.getByText(words, { exact: true })).toHaveCount(1);
  await expect(help).not.toContainText('Last ');
});

test('the facts of a proposal stand in one line at 1280', async ({ page, visit }) => {
  await visit(address);
  const tops = await page
    .locator('main header')
    .first()
    .evaluate((head) => {
      const time = head.querySelector('time');
      return [...(time?.parentElement?.children ?? [])].map((fact) => {
        const { top, bottom } = fact.getBoundingClientRect();
        return Math.round((top + bottom) / 2);
      });
    });
  expect(tops.length).toBeGreaterThan(4);
  expect(Math.max(...tops) - Math.min(...tops)).toBeLessThan(6);
});

test('a refused approval says why beside the branch and what to do there, and loses nothing [errors-cure]', async ({
  page,
  stage,
  visit,
  accessible,
}) => {
  const cure = 'Commit or stash what is there, or land it on another branch with --into <branch>.';
  stage.refuse(
    'proposals.approve',
    new Fault('repo.checkout_dirty', 'main cannot be moved: notes.txt differs', { cure }),
  );
  await visit(address);
  await page.keyboard.press('a');
  const dialog = page.getByRole('dialog', { name: 'Approve this change?' });
  await dialog.getByRole('button', { name: 'Approve' }).click();
  const branch = dialog.getByLabel('Onto branch');
  await expect(branch).toHaveAccessibleDescription(
    /main cannot be moved: notes\.txt differs\..*Choose another branch above\.$/s,
  );
  await expect(branch).toBeFocused();
  await expect(dialog).not.toContainText('--into');
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

test('each claim says what shows it, and leads to that call in the transcript', async ({ page, visit, accessible }) => {
  await visit(address);
  const claims = page.getByRole('region', { name: 'Claims' });
  await expect(claims.getByText('Backed', { exact: true })).toBeVisible();
  await expect(claims.getByText('Not backed', { exact: true })).toBeVisible();
  await expect(claims.getByText('Said only', { exact: true })).toBeVisible();
  await expect(claims.getByText('npm run import -- --dry is not on record of this run.')).toBeVisible();
  await expect(page.getByText(/on a clean checkout of .*not taken from the transcript/)).toBeVisible();
  await accessible();
  await claims.getByRole('link', { name: /^Bash grep ERROR/ }).click();
  await expect(page).toHaveURL(/\/runs\/.*\?call=call-7$/);
  const called = page.locator('button[aria-expanded=true]', { hasText: 'Bash' });
  await expect(called).toBeVisible();
  await expect(called).toBeInViewport();
});
