/** Subagents on a run's page: each a line that folds, with state and cost, reached by keyboard; the tree of them among the facts. */
import { agentsRun, stageAgents } from '../fakes/staged-agents.ts';
import { expect, test } from './fixtures.ts';

test.beforeEach(({ stage }) => stageAgents(stage));

test('each subagent stands where it was started, and opens to its own conversation by keyboard', async ({
  page,
  visit,
  accessibleInBoth,
  laidOutAtAll,
}) => {
  await visit(`/runs/${agentsRun}`);
  const transcript = page.getByRole('region', { name: 'Transcript' });
  const searcher = transcript.getByRole('region', { name: 'Subagent agent-1: Finds every writer of the orders table' });
  await expect(searcher.getByText('finished')).toBeVisible();
  await expect(searcher.getByText('2 turns · $0.0059')).toBeVisible();
  await expect(transcript.getByText('Three places write:')).toBeHidden();
  const line = searcher.getByRole('button').first();
  await line.focus();
  await page.keyboard.press('Enter');
  await expect(line).toHaveAttribute('aria-expanded', 'true');
  await expect(searcher.getByText('Three places write:')).toBeVisible();
  await expect(searcher.getByText('agent-1, claude-haiku-5-5, 1 tool call')).toBeVisible();
  // Its calls open like any other.
  const command = searcher.getByRole('button', { name: /INSERT INTO orders/ });
  await command.press('Enter');
  await expect(searcher.getByText("grep -rn 'INSERT INTO orders' src: 14 lines")).toBeVisible();
  // One below the other.
  const third = transcript.getByRole('region', { name: /^Subagent agent-3/ });
  await third.getByRole('button').first().press('Enter');
  const fifth = third.getByRole('region', { name: 'Subagent agent-5: Finds all timers' });
  await fifth.getByRole('button').first().press('Enter');
  await expect(fifth.getByText('Timers are in')).toBeVisible();
  await expect(transcript.getByRole('region', { name: /^Subagent agent-2/ }).getByText('failed')).toBeVisible();
  const fourth = transcript.getByRole('region', { name: /^Subagent agent-4/ });
  await expect(fourth.getByText('waits for you, in the background')).toBeVisible();
  const facts = page.getByRole('complementary', { name: 'Facts of this run' });
  await expect(facts.getByText('Subagents')).toBeVisible();
  await expect(facts.getByRole('listitem').filter({ hasText: 'working, 2 turns' }).first()).toBeVisible();
  await accessibleInBoth();
  // Away from the button that leads there.
  await page.keyboard.press('f');
  await laidOutAtAll();
});

test('kinds of subagents stand with what else the run was told, and a broken file is named', async ({
  page,
  visit,
}) => {
  await visit(`/runs/${agentsRun}`);
  const bar = page.getByRole('group').filter({ has: page.getByRole('heading', { name: 'What it was told' }) });
  await expect(bar.getByText('1 kind of subagents')).toBeVisible();
  await bar.locator('summary').press('Enter');
  const kinds = bar.getByLabel('Kinds of subagents');
  await expect(
    kinds.getByText('asks haiku, has Read, Grep: 11 tokens in every request, 240 tokens once started'),
  ).toBeVisible();
  await expect(kinds.getByText('subagent, built in, has Read, Glob, Grep')).toBeVisible();
  await expect(bar.getByText('.claude/agents/tester.md')).toBeVisible();
});

test('what a subagent says is shown under it while it is said, and its line tells who speaks', async ({
  page,
  stage,
  visit,
}) => {
  await visit(`/runs/${agentsRun}`);
  const transcript = page.getByRole('region', { name: 'Transcript' });
  const fourth = transcript.getByRole('region', { name: /^Subagent agent-4/ });
  const delta = { run: agentsRun, agent: 'agent-4', turn: 3, channel: 'text' as const };
  await expect(async () => {
    stage.whisper({ ...delta, text: 'The queue holds ' });
    await expect(fourth.getByText('The queue holds').first()).toBeVisible({ timeout: 300 });
  }).toPass();
  await expect(fourth.getByText('speaks')).toBeVisible();
  await expect(transcript.getByLabel('Still writing')).toHaveCount(0);
  await fourth.getByRole('button').first().press('Enter');
  await expect(fourth.getByLabel('Still writing')).toBeVisible();
  await expect(page.getByText('The queue holds')).toHaveCount(1);
});
