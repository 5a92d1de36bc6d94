/** Every screen, full, in both themes and two widths: readable for everyone, nothing clipped, nothing refused. */
import * as night from '../fakes/staged-night.ts';
import { expect, test } from './fixtures.ts';

const screens = {
  tonight: { path: '/', says: 'need you' },
  routines: { path: '/routines', says: 'One routine cannot be read.' },
  routine: { path: '/routines/overnight-log-triage', says: 'Overnight log triage' },
  'broken routine': { path: '/routines/dependency-notes', says: 'dependency-notes' },
  editor: { path: '/routines/new', says: 'What should be done tonight?' },
  'editor of a routine': { path: '/routines/flaky-test-hunt/edit', says: 'Edit Flaky test hunt' },
  runs: { path: '/runs', says: 'One run is working.' },
  run: { path: `/runs/${night.longRun}`, says: 'Overnight log triage proposed a change.' },
  'working run': { path: `/runs/${night.workingRun}`, says: 'Flaky test hunt is working.' },
  'failed run': { path: `/runs/${night.failedRun}`, says: 'Flaky test hunt failed.' },
  'run with a report': { path: `/runs/${night.reportRun}`, says: 'Risk review left a report.' },
  proposals: { path: '/proposals', says: 'Two proposals wait for you.' },
  proposal: { path: `/proposals/${night.openProposal}`, says: 'Price an order without a discount' },
  settings: { path: '/settings', says: 'Routines rehearse with recorded answers.' },
  'address that leads nowhere': { path: '/nowhere', says: 'There is nothing at this address.' },
};

for (const [name, { path, says }] of Object.entries(screens))
  test(`${name}: accessible and laid out, light and dark, wide and narrow`, async ({
    page,
    visit,
    laidOut,
    accessibleInBoth,
  }) => {
    await visit(path);
    await expect(page.locator('h1')).toContainText(says);
    await accessibleInBoth();
    for (const width of [1280, 800, 400]) {
      await page.setViewportSize({ width, height: 840 });
      await expect(page.locator('h1')).toBeVisible();
      await laidOut();
    }
  });

test('the rehearsal is named on every screen, in every width [rehearsal-says-so]', async ({ page, visit }) => {
  for (const { path } of Object.values(screens).slice(0, 6)) {
    await visit(path);
    for (const width of [1280, 800, 400]) {
      await page.setViewportSize({ width, height: 840 });
      await expect(
        page.getByText('Rehearsal: recorded answers, no AI').filter({ visible: true }).first(),
      ).toBeVisible();
    }
  }
});

test.describe('with nothing there', () => {
  test.use({ staged: 'empty' });

  test('the first start invites to the demo and to a routine', async ({ page, visit, accessible, laidOut }) => {
    await visit('/');
    await expect(page.getByRole('button', { name: 'Try it on a demo workspace' })).toBeEnabled();
    await expect(page.getByRole('link', { name: 'New routine' })).toBeVisible();
    await accessible();
    await laidOut();
  });

  for (const [path, says] of [
    ['/routines', 'No routines yet.'],
    ['/runs', 'No runs yet.'],
    ['/proposals', 'No proposal waits for you.'],
    ['/proposals/prop-000000none', 'There is no such proposal.'],
    ['/runs/run-000000none', 'There is no such run.'],
    ['/routines/none', 'There is no such routine.'],
  ] as const)
    test(`${path} says so and what to do`, async ({ page, visit, accessible, laidOut }) => {
      await visit(path);
      await expect(page.locator('h1')).toHaveText(says);
      await accessible();
      await laidOut();
    });
});
