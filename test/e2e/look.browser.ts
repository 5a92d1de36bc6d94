/** Looks. */
import { mkdirSync } from 'node:fs';
import { commandRun, hiddenRun, editRun, guardedProposal, stageBudgets, stageQuarantine, stageQuestions, stageRules } from '../fakes/staged-guard.ts';
import { test } from './fixtures.ts';
test.use({ strict: false });
const paths = (process.env.LOOK ?? '').split(',').filter(Boolean);
const named: Record<string, string> = { questions: '/questions', run: `/runs/${commandRun}`, hidden: `/runs/${hiddenRun}`, edit: `/runs/${editRun}`, tonight: '/', runs: '/runs', settings: '/settings', proposal: `/proposals/${guardedProposal}`, routine: '/routines/release-notes', editor: '/routines/release-notes/edit' };
test('look', async ({ page, stage, visit }) => {
  test.setTimeout(300000);
  mkdirSync('/tmp/look', { recursive: true });
  stageQuestions(stage); stageBudgets(stage); stageQuarantine(stage); stageRules(stage);
  for (const name of paths) {
    await visit(named[name] ?? '/');
    for (const [scheme, width] of [['light', 1280], ['dark', 800], ['light', 400]] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 840 });
      if (name === 'editor') await page.evaluate(() => { for (const d of document.querySelectorAll('details')) d.open = true; });
      await page.waitForTimeout(300);
      const h = await page.evaluate(() => document.querySelector('main')!.scrollHeight);
      await page.setViewportSize({ width, height: Math.min(4200, Math.max(840, h + 60)) });
      await page.waitForTimeout(200);
      await page.screenshot({ path: `/tmp/look/${name}-${width}.png` });
    }
  }
});
