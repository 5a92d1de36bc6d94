/** What a routine may do for good: given beside a question or by signing a trial run, shown on its page, taken back there. */
import { Fault } from '#contract/faults.ts';
import type { Grant } from '#contract/grants.ts';
import type { Trial } from '#contract/trials.ts';
import { park, stageRules, tool } from '../fakes/staged-guard.ts';
import type { Stage } from '../fakes/staged-host.ts';
import { expect, test } from './fixtures.ts';

const routine = 'release-notes';
const asking = 'run-000000granting';
const tried = 'run-0000000000trial';
const command = 'git tag "v2.0*" \u202e--force';
const rule = 'Bash(git tag "v2.0\\*" ⟨U+202E⟩--force)';

test.beforeEach(({ stage }) => stageRules(stage));

const wanting = (stage: Stage) =>
  park(stage, asking, routine, tool({ input: { command }, command }), {
    code: 'rule.none',
    why: 'No rule speaks of it, and the routine asks.',
  });

function given(stage: Stage, number: number, part: Partial<Grant>): string {
  const id = `grant-${String(number).padStart(8, 'a')}`;
  const at = Date.now() - (10 - number) * 86_400_000;
  const grant: Grant = {
    ...{ id, routine, contentHash: 'c'.repeat(64), granted: { kind: 'rule', rule: 'Bash(npm version patch)' } },
    ...{ state: 'active', givenAt: new Date(at).toISOString(), givenBy: 'terminal', endedAt: null, ended: null },
    ...{ from: { kind: 'trial', run: tried } },
    ...part,
  };
  stage.say({ type: 'grant.given', routine, grant }, at);
  return id;
}

function trial(part: Partial<Trial> = {}): Trial {
  const usage = { input: 2000, output: 900, cacheRead: 0, cacheWrite: 0 };
  return {
    ...{ routine, state: 'ended', dueAt: new Date(Date.now() - 300_000).toISOString(), run: tried },
    ...{ claimedBy: 'os_timer', outcome: 'proposed', reason: null, contentHash: 'd'.repeat(64), current: true },
    needed: [
      { granted: { kind: 'rule', rule: 'Bash(npm version patch)' }, times: 2, code: 'rule.none', inForce: false },
      {
        granted: { kind: 'host', host: 'packages.example.org:443' },
        times: 1,
        code: 'net.host_not_allowed',
        inForce: false,
      },
    ],
    recorded: [{ what: 'npm publish', code: 'auto.outward', why: 'Publishing is always a person’s' }],
    refused: [{ what: 'Edit .vscode/tasks.json', code: 'path.protected', why: 'The place is protected' }],
    ...{ environment: ['CI', 'NPM_TOKEN'], usage, costMicros: 43_000, toolCalls: 14, milliseconds: 92_000 },
    bind: 'e'.repeat(64),
    ...part,
  };
}

test('“always” shows the exact rule, asks once more, and the routine’s page has it', async ({
  page,
  stage,
  visit,
  accessible,
  laidOut,
}) => {
  wanting(stage);
  await visit('/questions');
  const card = page.getByRole('article', { name: 'Run a command' });
  await expect(card.getByText('Its routine may do this for good')).toContainText(rule);
  await card.getByRole('button', { name: 'Always for this routine' }).click();
  const confirm = card.getByRole('group', { name: 'For good, exactly that rule?' });
  await expect(confirm.getByRole('button', { name: 'Not for good' })).toBeFocused();
  await accessible();
  await laidOut();
  await page.keyboard.press('Escape');
  await expect(card.getByRole('button', { name: 'Always for this routine' })).toBeFocused();
  expect(stage.questions()[0]?.state).toBe('open');
  await page.keyboard.press('Enter');
  await confirm.getByRole('button', { name: 'Yes, always' }).click();
  await expect(card.getByText('Answered in the browser.')).toBeVisible();
  await page.goto(new URL(`/routines/${routine}`, page.url()).href);
  const row = page.getByRole('list', { name: 'In force', exact: true }).getByRole('listitem');
  await expect(row).toContainText(rule);
  await expect(row.getByRole('link', { name: 'a question' })).toHaveAttribute('href', `/runs/${asking}`);
});

test('“always” to several runs shows the rule and the routines once more, and each routine has it', async ({
  page,
  stage,
  visit,
  accessible,
  laidOut,
}) => {
  wanting(stage);
  park(stage, 'run-00000granting2', 'docs-drift', tool({ input: { command }, command }), { code: 'rule.none' });
  await visit('/questions');
  const card = page.getByRole('article', { name: 'Run a command' });
  await expect(card.getByText('Each of the 2 routines may do this for good')).toContainText(rule);
  await card.getByRole('button', { name: 'Always, all 2…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Always allow 2 questions?' });
  await expect(dialog.getByText('For good, and for')).toContainText(rule);
  await accessible();
  await laidOut();
  expect(stage.questions().map(({ state }) => state)).toEqual(['open', 'open']);
  await dialog.getByRole('button', { name: 'Always allow 2' }).click();
  await expect(dialog).toBeHidden();
  for (const each of [routine, 'docs-drift']) {
    await page.goto(new URL(`/routines/${each}`, page.url()).href);
    const row = page.getByRole('list', { name: 'In force', exact: true }).getByRole('listitem');
    await expect(row).toContainText(rule);
  }
});

test('what no grant covers is offered once only, and a refusal is said in its place', async ({
  page,
  stage,
  visit,
}) => {
  park(stage, 'run-00000000asked', routine, tool());
  wanting(stage);
  await visit('/questions');
  const published = page.getByRole('article').filter({ hasText: 'npm publish' });
  const tagged = page.getByRole('article').filter({ hasText: 'git tag' });
  await expect(published.getByRole('button', { name: 'Approve' })).toBeVisible();
  await expect(published.getByRole('button', { name: 'Always for this routine' })).toHaveCount(0);
  stage.refuse(
    'questions.answer',
    new Fault('input', 'This cannot be granted for good.', { field: 'always', cure: 'Approve it once.' }),
  );
  await tagged.getByRole('button', { name: 'Always for this routine' }).click();
  await tagged.getByRole('button', { name: 'Yes, always' }).click();
  await expect(tagged.getByRole('alert')).toContainText('This cannot be granted for good.');
});

test('grants in force are revoked in place; those that lapsed say why', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  given(stage, 1, {});
  given(stage, 2, { granted: { kind: 'host', host: 'packages.example.org:443' }, givenBy: 'browser' });
  const lapsed = given(stage, 3, {
    granted: { kind: 'rule', rule: `Edit(/docs/${'very-long-name/'.repeat(20)}a.md)` },
  });
  stage.say({ type: 'grant.lapsed', routine, grant: lapsed, contentHash: 'f'.repeat(64) });
  await visit(`/routines/${routine}`);
  const section = page.getByRole('region', { name: 'What it may do for good' });
  const rows = section.getByRole('list', { name: 'In force', exact: true }).getByRole('listitem');
  await expect(rows).toHaveCount(2);
  await section.getByText('1 grant no longer in force').click();
  const ended = section.getByRole('list', { name: 'No longer in force' });
  await expect(ended).toContainText('Lapsed');
  await expect(ended).toContainText('Ended today');
  await section.getByRole('button', { name: 'Revoke packages.example.org:443' }).click();
  await accessibleInBoth();
  await laidOutAtAll();
  stage.refuse('grants.revoke', new Fault('data.full', 'The disk is full.', { cure: 'Free some space.' }));
  await section.getByRole('button', { name: 'Revoke it' }).click();
  await expect(section.getByRole('alert')).toContainText('It was not revoked');
  await section.getByRole('button', { name: 'Revoke packages.example.org:443' }).click();
  await section.getByRole('button', { name: 'Revoke it' }).click();
  await expect(rows).toHaveCount(1);
  await expect(section.getByText('2 grants no longer in force')).toBeVisible();
});

test('without grants it says how they come; grants that cannot be read say so', async ({ page, stage, visit }) => {
  await visit(`/routines/${routine}`);
  const section = page.getByRole('region', { name: 'What it may do for good' });
  await expect(section.getByText('Nothing beyond its rules.')).toBeVisible();
  stage.refuse('grants.list', new Fault('data.read_only', 'The data directory is read-only.'));
  await page.reload();
  await expect(section.getByRole('alert')).toContainText('The data directory is read-only.');
});

test('a trial run: started, followed, its list signed', async ({
  page,
  stage,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  await visit(`/routines/${routine}`);
  const section = page.getByRole('region', { name: 'Trial run' });
  await expect(section.getByText('Not tried yet.')).toBeVisible();
  const empty = { needed: [], recorded: [], refused: [], environment: [] };
  const dueAt = new Date(Date.now() + 5000).toISOString();
  const waiting = trial({ ...empty, state: 'waiting', dueAt, run: null, outcome: null, contentHash: null });
  stage.trials.set(routine, waiting);
  await section.getByRole('button', { name: 'Trial run' }).click();
  await expect(page.getByText('A trial run is due in a few seconds')).toBeVisible();
  await expect(section.getByText('Waits for its instant, Today')).toBeVisible();
  await expect(section.getByRole('button', { name: 'Trial run' })).toBeDisabled();
  stage.trials.set(routine, trial({ ...empty, state: 'running', outcome: null }));
  stage.say({ type: 'run.queued', run: tried, routine, trigger: { kind: 'person' } });
  await expect(section.getByText('Working')).toBeVisible();
  stage.trials.set(routine, trial());
  stage.say({ type: 'run.ended', run: tried, outcome: 'proposed', reason: null, proposal: null });
  const needs = section.getByRole('list', { name: 'It needs' }).getByRole('listitem');
  await expect(needs).toHaveText([
    /Bash\(npm version patch\).*wanted 2 times/,
    /packages\.example\.org:443.*wanted once/,
  ]);
  await expect(section.getByRole('list', { name: 'Recorded instead of done' })).toContainText('npm publish');
  await expect(section.getByRole('list', { name: 'Cannot be granted' })).toContainText('path.protected');
  await expect(section.getByText('CI, NPM_TOKEN')).toBeVisible();
  await accessibleInBoth();
  await laidOutAtAll();
  await section.getByRole('button', { name: 'Sign 2 grants' }).click();
  stage.refuse('routines.signTrial', new Fault('conflict', 'The list is another one by now.', { field: 'bind' }));
  await section.getByRole('button', { name: 'Sign', exact: true }).click();
  await expect(section.getByRole('alert')).toContainText('It was not signed');
  await section.getByRole('button', { name: 'Sign 2 grants' }).click();
  await section.getByRole('button', { name: 'Sign', exact: true }).click();
  await expect(page.getByText('2 grants given')).toBeVisible();
  const grants = page.getByRole('list', { name: 'In force', exact: true }).getByRole('listitem');
  await expect(grants).toHaveCount(2);
  await expect(grants.first().getByRole('link', { name: 'a trial run' })).toHaveAttribute('href', `/runs/${tried}`);
});

test('a routine that changed since its trial is not signed for', async ({ page, stage, visit }) => {
  stage.trials.set(routine, trial({ current: false }));
  await visit(`/routines/${routine}`);
  const section = page.getByRole('region', { name: 'Trial run' });
  await expect(section.getByText('The routine was changed since.')).toBeVisible();
  await expect(section.getByRole('button', { name: /^Sign/ })).toHaveCount(0);
});
