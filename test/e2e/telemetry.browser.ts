/** Telemetry is off until a person names a collector, and says what came of it. */
import { Fault } from '#contract/faults.ts';
import { expect, test } from './fixtures.ts';

test('switched on and off by keyboard; a wrong address and a refusal say what to do', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  await visit('/settings');
  const section = page.getByRole('region', { name: 'Telemetry' });
  await expect(section.getByText('Nothing about your runs is sent to anyone.')).toBeVisible();
  const field = section.getByLabel('OpenTelemetry collector');
  await field.fill('localhost');
  await expect(section.getByText('An address such as http://localhost:4318.')).toBeVisible();
  await expect(section.getByRole('button', { name: 'Switch on' })).toBeDisabled();
  await field.fill('http://localhost:4318');
  stage.refuse('telemetry.set', new Fault('data.full', 'The disk is full.', { cure: 'Free some space.' }));
  await page.keyboard.press('Enter');
  await expect(section.getByText('The disk is full.')).toBeVisible();
  stage.telemetry = {
    ...{ endpoint: null, waiting: 2 },
    last: {
      at: new Date().toISOString(),
      ok: false,
      message: 'The collector could not be reached: it does not answer',
    },
  };
  await page.keyboard.press('Enter');
  await expect(section.getByText('Every run that ends goes to http://localhost:4318; 2 runs waiting.')).toBeVisible();
  await expect(section.getByText('The collector could not be reached')).toBeVisible();
  await accessibleInBoth();
  await laidOutAtAll();
  await section.scrollIntoViewIfNeeded();
  await section.getByRole('button', { name: 'Switch off' }).press('Enter');
  await expect(section.getByText('Nothing about your runs is sent to anyone.')).toBeVisible();
});
