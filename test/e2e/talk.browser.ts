/** Talking to a session on its page: say, cut in, go on from a turn, hand over; and what is over for good. */
import { taskRoutine } from '#contract/tasks.ts';
import type { Stage } from '../fakes/staged-host.ts';
import { failedRun, workingRun } from '../fakes/staged-night.ts';
import { expect, test } from './fixtures.ts';

const idleRun = 'run-000000000idle';

/** A task that has ended its turn and can be talked to for a day. */
function stageIdle(stage: Stage): void {
  const run = idleRun;
  const usage = { input: 900, output: 40, cacheRead: 0, cacheWrite: 0 };
  stage.say({ type: 'run.queued', run, routine: taskRoutine, trigger: { kind: 'person' } });
  stage.say({ type: 'message.added', run, text: 'Mend the failing test.', from: 'routine' });
  for (const turn of [1, 2, 3]) {
    stage.say({ type: 'turn.started', run, turn });
    const content = [{ type: 'text', text: `This is what turn ${turn} had to say.` }];
    stage.say({ type: 'message.finished', run, turn, content, stopReason: 'end_turn', usage, costMicros: 1200 });
  }
  const talkableUntil = new Date(Date.now() + 86_400_000).toISOString();
  stage.say({ type: 'run.ended', run, outcome: 'nothing_to_propose', reason: null, proposal: null, talkableUntil });
}

test('what is said to a session that works stands in its transcript, told or not told yet', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  await visit(`/runs/${workingRun}`);
  const words = page.getByLabel('What you say to the session');
  await page.keyboard.press('i');
  await expect(words).toBeFocused();
  await expect(page.getByRole('button', { name: 'Interrupt' })).toBeDisabled();
  await page.keyboard.type('Mind the other test, too.');
  await page.keyboard.press('Control+Enter');
  await expect(words).toHaveValue('');
  const told = page.getByRole('region', { name: 'Transcript' }).getByText('not told yet');
  await expect(told).toBeVisible();
  await accessibleInBoth();
  await laidOutAtAll();
  const after = stage.say({ type: 'turn.waiting', run: workingRun, turn: 1 });
  stage.say({
    type: 'message.added',
    run: workingRun,
    text: 'Mind the other test, too.',
    from: 'person',
    said: after.seq - 1,
  });
  await expect(told).toHaveCount(0);
  await words.fill('Stop that, please.');
  await page.getByRole('button', { name: 'Interrupt' }).click();
  await expect(page.getByText('You cut in; what it was doing is stopped')).toBeVisible();
});

test('a session that is idle says so, goes back to a turn, and goes on from one in a new run', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  stageIdle(stage);
  await visit('/runs');
  await expect(page.getByRole('link', { name: /One-off task/ }).first()).toBeVisible();
  await expect(page.getByText('Idle', { exact: true }).first()).toBeVisible();
  await laidOutAtAll();
  await visit(`/runs/${idleRun}`);
  await expect(page.getByText('It can be talked to until')).toBeVisible();
  await page.getByRole('button', { name: 'Turn 1' }).click();
  const dialog = page.getByRole('dialog', { name: 'Go on from turn 1' });
  await dialog.getByRole('radio', { name: 'In this run' }).check();
  await dialog.getByRole('button', { name: 'Go back' }).click();
  await expect(page.getByText('Back at turn 1, with the files of then')).toBeVisible();
  await expect(page.getByText('Left behind:', { exact: true })).toHaveCount(2);
  await accessibleInBoth();
  await laidOutAtAll();
  await page.getByRole('button', { name: 'Turn 2' }).click();
  await page.getByRole('dialog').getByLabel('What it is told').fill('Another way.');
  await page.getByRole('button', { name: 'Start the new run' }).click();
  await expect(page).toHaveURL(/\/runs\/run-f/);
  await page.setViewportSize({ width: 1280, height: 840 });
  await expect(page.getByText('Goes on from', { exact: true })).toBeVisible();
});

test('handing over asks first, saves a file, and leaves the session over for good', async ({ page, stage, visit }) => {
  stageIdle(stage);
  await visit(`/runs/${idleRun}`);
  await page.getByRole('button', { name: 'Hand over' }).click();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Hand it over' }).click();
  expect((await saved).suggestedFilename()).toBe(`${idleRun}.session.jsonl`);
  await expect(page.getByText('It was handed over and goes on elsewhere.')).toBeVisible();
  await expect(page.getByLabel('What you say to the session')).toHaveCount(0);
});

test('a run that failed cannot be talked to; another one goes on from it', async ({ page, visit }) => {
  await visit(`/runs/${failedRun}`);
  await expect(page.getByLabel('What you say to the session')).toHaveCount(0);
  const on = page.getByRole('button', { name: 'Go on in a new run' });
  if ((await on.count()) > 0) {
    await on.click();
    await expect(page.getByRole('dialog').getByText('In this run')).toHaveCount(0);
  }
});

test('a task is started from the list of runs, by keyboard alone', async ({ page, visit, accessibleInBoth }) => {
  await visit('/runs');
  await expect(page.getByRole('button', { name: 'New task' })).toBeVisible();
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog', { name: 'New task' });
  await dialog.getByLabel('What should be done').fill('Mend the failing test.');
  await expect(dialog.getByLabel('Repository')).not.toHaveValue('');
  await accessibleInBoth();
  await dialog.getByLabel('Repository').press('Enter');
  await expect(page).toHaveURL(/\/runs\/run-t/);
  await expect(page.getByLabel('What you say to the session')).toBeVisible();
});
