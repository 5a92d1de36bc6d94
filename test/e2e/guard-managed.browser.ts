/** What an administrator has fixed: locked in the routine editor beside its field and listed in Settings, each with its file. */
import { Fault } from '#contract/faults.ts';
import type { EffectiveSettings } from '#contract/settings.ts';
import { stageRules } from '../fakes/staged-guard.ts';
import { expect, test } from './fixtures.ts';

const file = '/etc/nightshift/managed-settings.json';
const settings: EffectiveSettings = {
  ...{ repository: null, files: [], mode: { value: 'default', file } },
  problems: ['/etc/claude-code/managed-settings.json can be written by others, so it does not count'],
  locked: [
    { what: 'forbiddenMode', values: ['acceptEdits'], file },
    { what: 'featureOff', values: ['network', 'auto'], file },
    { what: 'models', values: ['claude-opus-4-8', 'claude-haiku-4-5'], file },
    { what: 'deny', values: ['Bash(curl:*)'], file },
    { what: 'managedRulesOnly', values: [], file },
  ],
};

test('the editor locks what is fixed, and names the file', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  stageRules(stage);
  stage.settings = settings;
  await visit('/routines/release-notes/edit');
  await expect(
    page.getByText(`No model but claude-opus-4-8, claude-haiku-4-5 may answer: fixed in ${file}`, { exact: true }),
  ).toBeVisible();
  await page.getByRole('heading', { name: 'What it may do by itself' }).click();
  await expect(page.getByRole('radio', { name: 'May edit' })).toBeDisabled();
  await expect(page.getByRole('radio', { name: 'Automatic' })).toBeDisabled();
  await expect(page.getByRole('radio', { name: 'Read only' })).toBeEnabled();
  await expect(page.getByText(`“May edit” cannot be chosen: fixed in ${file}`)).toBeVisible();
  // With hosts it could not be saved: what is left of them can be taken out, nothing can be added then.
  await page.getByLabel('Hosts it may reach').fill('');
  await expect(page.getByLabel('Hosts it may reach')).not.toBeEditable();
  await expect(page.getByText(`No run may reach any host: fixed in ${file}`)).toBeVisible();
  await expect(page.getByText('Allow rules written here do not count')).toBeVisible();
  await accessibleInBoth();
  await laidOutAtAll();
});

test('Settings lists what is fixed and what does not count', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  stage.settings = settings;
  await visit('/settings');
  const fixed = page.getByRole('region', { name: 'Fixed by an administrator' });
  await expect(fixed.getByRole('listitem')).toHaveText([
    `Modes that nobody may choose: acceptEditsfixed in ${file}`,
    `Switched off: network, autofixed in ${file}`,
    `The only models: claude-opus-4-8, claude-haiku-4-5fixed in ${file}`,
    `Denied to every run: Bash(curl:*)fixed in ${file}`,
    `Allow rules of routines, repositories and persons do not countfixed in ${file}`,
    /can be written by others, so it does not count\.$/,
  ]);
  await accessibleInBoth();
  await laidOutAtAll();
});

test('where nothing is fixed nothing is said; what cannot be read is', async ({ page, stage, visit }) => {
  await visit('/settings');
  await expect(page.getByRole('region', { name: 'Budgets' })).toBeVisible();
  const fixed = page.getByRole('region', { name: 'Fixed by an administrator' });
  await expect(fixed).toHaveCount(0);
  stage.refuse('settings.effective', new Fault('data.read_only', 'The data directory is read-only.'));
  await page.reload();
  await expect(fixed.getByRole('alert')).toContainText('The settings files cannot be read');
});
