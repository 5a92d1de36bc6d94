/** What a routine may do by itself: every field of it is shown, edited and refused in its place. */
import { Fault } from '#contract/faults.ts';
import { stageRules } from '../fakes/staged-guard.ts';
import { expect, test } from './fixtures.ts';

test.beforeEach(({ stage }) => stageRules(stage));

test('every field of the editor acts', async ({ page, stage, visit, accessible, laidOutAtAll }) => {
  await visit('/routines/release-notes/edit');
  await expect(page.getByText('Ask, 4 rules, 2 hosts')).toBeVisible();
  await page.getByRole('heading', { name: 'What it may do by itself' }).click();
  await expect(page.getByRole('radio', { name: 'Ask', exact: true })).toBeChecked();
  await expect(page.getByLabel('Answer within', { exact: true })).toHaveCount(0);
  await accessible();
  await laidOutAtAll();
  await page.setViewportSize({ width: 1280, height: 840 });
  await page.getByRole('radio', { name: 'Only what is allowed' }).check();
  await page.getByRole('radio', { name: 'Wait for me' }).check();
  await page.getByLabel('Answer within', { exact: true }).fill('36');
  await page.getByLabel('Answer within: unit').selectOption('hours');
  await page.getByRole('textbox', { name: 'Allow optional' }).fill('Bash(make check)\n\n  Edit(/src/**)  ');
  await page.getByRole('textbox', { name: 'Ask optional' }).fill('');
  await page.getByLabel('Deny').fill('Read(/.env*)\nBash(curl:*)');
  await page.getByLabel('Hosts it may reach').fill('packages.example.org');
  for (const [label, value] of [
    ['$ a day, all its runs', '7.5'],
    ['Tool calls', '40'],
    ['Tokens, all', '300000'],
    ['Tokens, written', '20000'],
  ] as const)
    await page.getByLabel(label).fill(value);
  await page.getByRole('combobox', { name: 'Advisor' }).fill('claude-opus-5-5');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(/\/routines\/release-notes$/);
  expect(stage.routines.get('release-notes')?.spec).toMatchObject({
    permissionMode: 'dontAsk',
    whenAsked: 'park',
    advisor: 'claude-opus-5-5',
    answerWithin: 36 * 60,
    permissions: { allow: ['Bash(make check)', 'Edit(/src/**)'], ask: [], deny: ['Read(/.env*)', 'Bash(curl:*)'] },
    network: ['packages.example.org'],
    limits: { dollarsPerDay: 7.5, toolCalls: 40, tokens: 300_000, outputTokens: 20_000, turns: 60 },
  });
  await expect(page.getByText('advised by claude-opus-5-5')).toBeVisible();
  // What is emptied is gone, though a field that is left out stays as it was.
  await visit('/routines/release-notes/edit');
  await page.getByRole('combobox', { name: 'Advisor' }).fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(/\/routines\/release-notes$/);
  expect(stage.routines.get('release-notes')?.spec?.advisor).toBeNull();
});

test('an edit of something else leaves the rules as they are', async ({ page, stage, visit }) => {
  const before = stage.routines.get('release-notes')?.spec;
  await visit('/routines/release-notes/edit');
  await page.getByLabel('Turns').fill('12');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(/\/routines\/release-notes$/);
  expect(stage.routines.get('release-notes')?.spec).toEqual({ ...before, limits: { ...before?.limits, turns: 12 } });
});

test('what is no rule, no host or no time is refused beside its field, the host’s refusal too', async ({
  page,
  stage,
  visit,
  accessible,
  laidOut,
}) => {
  await visit('/routines/release-notes/edit');
  await page.getByRole('heading', { name: 'What it may do by itself' }).click();
  await page.getByRole('radio', { name: 'Wait for me' }).check();
  await page.getByLabel('Answer within', { exact: true }).fill('0');
  await page.getByLabel('Deny').fill('Read(/.env*)\nrm -rf (');
  await page.getByLabel('Tool calls').fill('none');
  // Folded away, they come back with what is wrong.
  await page.getByRole('heading', { name: 'What it may do by itself' }).click();
  const save = page.getByRole('button', { name: 'Save' });
  await save.click();
  await expect(page.getByText('Three fields need you.')).toBeVisible();
  await expect(page.getByText('“rm -rf (” cannot be used.')).toBeVisible();
  await expect(page.getByText('From 1 minute to 30 days, in whole minutes.')).toBeVisible();
  await expect(page.getByText('A whole number from 1 to 100000.')).toBeVisible();
  await accessible();
  await laidOut();
  await page.getByLabel('Answer within', { exact: true }).fill('2');
  await page.getByLabel('Deny').fill('Read(/.env*)');
  await page.getByLabel('Tool calls').fill('10');
  const refusal = { field: 'network.0', cure: 'Write a name such as packages.example.org.' };
  stage.refuse('routines.edit', new Fault('input', '"10.0.0.1" is a private address.', refusal));
  await save.click();
  await expect(page.getByText('"10.0.0.1" is a private address.')).toBeVisible();
  await expect(page.getByLabel('Hosts it may reach')).toBeFocused();
  await save.click();
  await expect(page).toHaveURL(/\/routines\/release-notes$/);
});

test('its page says what it may do, in words', async ({ page, visit, accessible, laidOutAtAll }) => {
  await visit('/routines/release-notes');
  const facts = page.getByRole('complementary', { name: 'Facts' });
  await expect(
    facts.getByText('Asks for what no rule allows. What must be asked is denied, and it goes on without it.'),
  ).toBeVisible();
  await expect(facts.getByText('deny Read(/.env*)')).toBeVisible();
  await expect(facts.getByText('*.example.com:8443')).toBeVisible();
  await expect(facts.getByText('$5, all its runs together')).toBeVisible();
  await accessible();
  await laidOutAtAll();
});
