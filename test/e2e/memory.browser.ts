/** What runs remember of a repository, on the page of a routine: offers decided, files read, edited and forgotten. */
import { stageRules } from '../fakes/staged-guard.ts';
import { expect, test } from './fixtures.ts';

test.beforeEach(({ stage }) => stageRules(stage));

test('an offer is kept, and a file is edited and forgotten', async ({
  page,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  await visit('/routines/release-notes');
  const section = page.getByRole('region', { name: 'What its runs remember' });
  const offer = section.getByRole('region', { name: 'Offer 41' });
  await expect(offer.getByText('The routine asks for your yes.')).toBeVisible();
  await expect(offer.getByLabel('testing.md as it would be')).toContainText('The suite needs TZ=UTC.');
  await section.locator('summary').press('Enter');
  const text = section.getByLabel('Text of MEMORY.md');
  await expect(text).toHaveValue('- testing.md: how to run the tests\n');
  await accessibleInBoth();
  await laidOutAtAll();
  await offer.getByRole('button', { name: 'Keep it' }).press('Enter');
  await expect(offer).toBeHidden();
  await expect(section.getByText('testing.md', { exact: true })).toBeVisible();
  const save = section.getByRole('button', { name: 'Save' });
  await expect(save).toBeDisabled();
  await text.fill('- testing.md: TZ=UTC\n');
  await save.press('Enter');
  await expect(section.getByText('21 bytes')).toBeVisible();
  await section.getByRole('button', { name: 'Forget MEMORY.md' }).press('Enter');
  await section.getByRole('button', { name: 'Forget it' }).press('Enter');
  await expect(section.getByText('MEMORY.md', { exact: true })).toBeHidden();
});
