/** The approvals inbox: every kind of question exactly, answered by key, in batches, too late, and from elsewhere. */
import { Fault } from '#contract/faults.ts';
import type { Question } from '#contract/questions.ts';
import { commandRun, hiddenRun, park, stageQuestions, tool } from '../fakes/staged-guard.ts';
import type { Stage } from '../fakes/staged-host.ts';
import { expect, test } from './fixtures.ts';

const states = (stage: Stage, of: (question: Question) => boolean = () => true) =>
  stage
    .questions()
    .filter(of)
    .map(({ state }) => state);
const asksToPublish = ({ action }: Question) => 'command' in action && action.command === 'npm publish --access public';

test('every kind of question is accessible and laid out, light and dark, wide and narrow', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  stageQuestions(stage);
  await visit('/questions');
  await expect(page.locator('h1')).toHaveText('Eight runs wait for your answers.');
  await accessibleInBoth();
  await laidOutAtAll();
});

test('with no question it says so, and what would come here', async ({ page, visit, accessible, laidOut }) => {
  await visit('/questions');
  await expect(page.locator('h1')).toHaveText('No run waits for an answer.');
  await expect(page.getByText('A run that may not do something by itself asks here')).toBeVisible();
  await accessible();
  await laidOut();
});

test('the sidebar, the title, Tonight and `g a` all lead to what waits', async ({ page, stage, visit }) => {
  stageQuestions(stage);
  await visit('/');
  await expect(page.getByText('Eight runs wait for your answers.')).toBeVisible();
  await expect(page.getByRole('link', { name: /^Approvals 8$/ })).toBeVisible();
  await expect(page).toHaveTitle(/^\(10\) Tonight/);
  const needs = page.getByRole('list', { name: 'Needs you' });
  await expect(needs.getByRole('listitem').filter({ hasText: '3 runs · npm publish' })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(page).toHaveURL(/\/questions$/);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Approvals');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/questions$/);
});

test('unseen characters are shown and marked, in the command, the change and the host', async ({
  page,
  stage,
  visit,
}) => {
  const patch = '--- a/x.js\n+++ b/x.js\n@@ -1 +1,2 @@\n one\n+if (admin\u202e) {\n';
  park(stage, 'run-0000000hiddenb', 'docs-drift', tool({ tool: 'Edit', command: null, path: 'x\u200b.js', patch }));
  const host = { kind: 'host' as const, call: 'c', host: 'pypi\u00ad.org:443', policyVersion: 'v1' };
  park(stage, 'run-0000000hiddenc', 'docs-drift', host);
  stageQuestions(stage);
  await visit('/questions');
  const command = page.getByRole('figure', { name: 'The exact command' }).filter({ hasText: 'git tag' });
  await expect(command).toContainText('5 characters that could not be seen are made visible.');
  await expect(command.locator('mark')).toHaveText(['⟨U+202E⟩', '⟨U+2066⟩', '⟨U+2069⟩', '⟨U+2066⟩', '⟨U+200B⟩']);
  await expect(command.locator('pre > span')).toHaveCSS('unicode-bidi', 'bidi-override');
  const change = page.getByRole('article', { name: 'Change x⟨U+200B⟩.js' });
  await expect(change.getByText('if (admin⟨U+202E⟩) {')).toBeVisible();
  await expect(change).toContainText('It holds characters that could not be seen');
  await expect(page.getByRole('heading', { name: 'Reach pypi⟨U+00AD⟩.org:443' })).toBeVisible();
  expect(await page.locator('main').textContent()).not.toMatch(/[\u202e\u2066\u2069\u200b\u00ad]/);
});

test('one answer covers the runs that ask for the same, after a look at all of it', async ({
  page,
  stage,
  visit,
  accessible,
  laidOut,
}) => {
  stageQuestions(stage);
  await visit('/questions');
  const card = page.getByRole('article', { name: 'Run a command' }).first();
  await expect(card.getByRole('list', { name: 'Who asks' }).getByRole('listitem')).toHaveCount(3);
  await page.keyboard.press('a');
  const dialog = page.getByRole('dialog', { name: 'Approve 3 questions?' });
  await expect(dialog).toContainText('3 × Run a command');
  await expect(dialog.getByRole('figure', { name: 'The exact command' })).toHaveText('npm publish --access public');
  expect(states(stage, asksToPublish)).toEqual(['open', 'open', 'open']);
  await accessible();
  await laidOut();
  await dialog.getByLabel('Note').fill('Only today.');
  await dialog.getByRole('button', { name: 'Approve 3' }).click();
  await expect(card.getByText('Answered in the browser.')).toBeVisible();
  // The note that says so takes no keys away.
  await expect(page.getByText('3 questions answered')).toBeVisible();
  // … and a key pressed twice answers nothing else.
  await page.keyboard.press('a');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect(page.locator('[data-current]')).toContainText('git tag');
  await expect(page.getByText('3 questions answered')).toBeVisible();
  await expect(page.locator('h1')).toHaveText('Five runs wait for your answers.');
  const answered = stage.questions().filter(asksToPublish);
  expect(answered.map(({ state, note, answeredBy }) => ({ state, note, answeredBy }))).toEqual(
    Array.from({ length: 3 }, () => ({ state: 'approved', note: 'Only today.', answeredBy: 'browser' })),
  );
  expect(states(stage, (question) => !asksToPublish(question))).toEqual(Array(5).fill('open'));
});

test('by keyboard: next, a note, a no; a key that is held answers nothing else', async ({ page, stage, visit }) => {
  stageQuestions(stage);
  await visit('/questions');
  const current = page.locator('[data-current]');
  await expect(current).toContainText('npm publish');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect(current).toHaveCount(1);
  await expect(current).toContainText('git tag');
  await expect(current.getByRole('link', { name: 'Run a command' })).toBeFocused();
  await page.keyboard.press('n');
  await page.keyboard.type('A person does the release: d a x.');
  await page.keyboard.press('Escape');
  await page.keyboard.down('d');
  await page.keyboard.down('d');
  await page.keyboard.down('d');
  await page.keyboard.up('d');
  await expect(current.getByText('Denied', { exact: true })).toBeVisible();
  await expect(current.getByText('Your note: “A person does the release: d a x.”')).toBeVisible();
  expect(states(stage).filter((state) => state !== 'open')).toEqual(['denied']);
  // What was answered stays where it was: the same key again does nothing.
  await page.keyboard.press('a');
  await page.keyboard.press('j');
  await expect(current).toContainText('Change package.json');
  expect(states(stage).filter((state) => state !== 'open')).toEqual(['denied']);
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/runs/${hiddenRun}$`));
});

test('selected questions of many kinds are answered together, with the money in them', async ({
  page,
  stage,
  visit,
  laidOut,
}) => {
  stageQuestions(stage);
  await visit('/questions');
  for (const name of ['Reach packages.example.org:443', 'Spend $2.00 more'])
    await page.getByRole('article', { name }).getByRole('checkbox').check();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  const bar = page.getByRole('region', { name: 'Selected' });
  await expect(bar).toContainText('3 questions selected');
  await laidOut();
  await bar.getByRole('button', { name: 'Approve 3…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve 3 questions?' });
  await expect(dialog).toContainText('All in all $2.00 more may be spent.');
  stage.refuse('questions.answer', new Fault('conflict', 'One of them is not open any more.', { field: 'question' }));
  await dialog.getByRole('button', { name: 'Approve 3' }).click();
  await expect(dialog.getByRole('alert')).toContainText('None of them was answered');
  expect(states(stage)).toEqual(Array(8).fill('open'));
  await dialog.getByRole('button', { name: 'Approve 3' }).click();
  await expect(dialog).toHaveCount(0);
  expect(states(stage, ({ action }) => action.kind !== 'tool_call')).toEqual(['approved', 'approved', 'approved']);
  await expect(bar).toHaveCount(0);
});

test('only one of those that ask for the same', async ({ page, stage, visit }) => {
  stageQuestions(stage);
  await visit('/questions');
  await page.getByRole('button', { name: `Deny only Overnight log triage, ${commandRun}` }).click();
  await expect.poll(() => states(stage, asksToPublish)).toEqual(['denied', 'open', 'open']);
  await expect(page.getByRole('button', { name: 'Approve all 2…' })).toBeVisible();
});

test('answered elsewhere meanwhile, and over while one looks: said in place', async ({ page, stage, visit }) => {
  const one = park(stage, 'run-0000000elsewhere', 'docs-drift', tool(), { ago: 7_200_000 });
  const two = park(stage, 'run-00000000expiring', 'flaky-test-hunt', tool({ command: 'make release' }));
  await visit('/questions');
  const first = page.getByRole('article', { name: 'Run a command' }).first();
  stage.refuse(
    'questions.answer',
    new Fault('conflict', `The question ${one.id} is not open any more: denied.`, { field: 'question' }),
  );
  await first.getByRole('button', { name: 'Approve' }).click();
  await expect(first.getByRole('alert')).toContainText('Your answer was not recorded');
  await expect(first.getByRole('alert')).toContainText('is not open any more: denied.');
  stage.say({
    type: 'question.answered',
    run: one.run,
    question: one.id,
    state: 'denied',
    by: 'terminal',
    note: 'Not this.',
  });
  await expect(first.getByText('Answered in the terminal.')).toBeVisible();
  await expect(first.getByRole('button', { name: 'Approve' })).toHaveCount(0);
  stage.say({
    type: 'question.answered',
    run: two.run,
    question: two.id,
    state: 'expired',
    by: 'deadline',
    note: null,
  });
  await expect(page.getByText('Nobody answered in time: it counted as denied.')).toBeVisible();
  await expect(page.locator('h1')).toHaveText('No run waits for an answer.');
});

test('past its deadline it can no longer be answered', async ({ page, stage, visit }) => {
  park(stage, 'run-0000000overdue', 'docs-drift', tool(), { within: -1000 });
  await visit('/questions');
  await expect(page.getByText('The time to answer is over: it counts as denied.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Approve' })).toBeDisabled();
  await page.keyboard.press('a');
  expect(states(stage)).toEqual(['open']);
});

test('what was answered before is below, folded', async ({ page, stage, visit, accessible, laidOut }) => {
  const { id: question, run } = park(stage, 'run-00000000earlier', 'docs-drift', tool());
  stage.say({ type: 'question.answered', run, question, state: 'approved', by: 'terminal', note: 'Once.' });
  await visit('/questions');
  await expect(page.getByRole('list', { name: 'Earlier questions' })).toBeHidden();
  await page.getByText('1 earlier question').click();
  const row = page.getByRole('list', { name: 'Earlier questions' }).getByRole('listitem');
  await expect(row).toContainText('Approved');
  await expect(row).toContainText('npm publish --access public · “Once.”');
  await expect(row).toContainText('in the terminal');
  await accessible();
  await laidOut();
});

test('a question that comes while one reads goes to the end', async ({ page, stage, visit }) => {
  stageQuestions(stage);
  await visit('/questions');
  await expect(page.getByRole('button', { name: 'Approve all 3…' })).toBeVisible();
  park(stage, 'run-000000000newer', 'docs-drift', tool({ command: 'make deploy' }), { ago: 0 });
  await expect(page.locator('h1')).toHaveText('Nine runs wait for your answers.');
  await expect(page.locator('[data-question-card]').last()).toContainText('make deploy');
  await expect(page.locator('[data-current]')).toContainText('npm publish');
});

test.describe('without its host', () => {
  test.use({ strict: false });

  test('nothing can be answered, by button or by key, and it says why', async ({ page, stage, visit }) => {
    stageQuestions(stage);
    await visit('/questions');
    await stage.close();
    await expect(page.getByText(/Not connected\. Showing/)).toBeVisible();
    const approve = page.getByRole('button', { name: 'Approve all 3…' });
    await expect(approve).toBeDisabled();
    await expect(approve).toHaveAttribute('title', /Not connected to the host/);
    await page.keyboard.press('a');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    expect(states(stage)).toEqual(Array(8).fill('open'));
  });
});
