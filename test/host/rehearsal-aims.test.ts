/** Tasks on recorded answers: what nobody can judge or grade is said to be so, and is neither met nor failed. */
import { expect, test } from 'vitest';
import { exitCodeOfTask } from '#cli/task-exit.ts';
import { standingOf, standingWords } from '#contract/aims.ts';
import { realRuntime } from '../fakes/real-runtime.ts';

async function task(aims: { goal?: string; rubric?: string }) {
  const { handlers, ended, repository, events } = await realRuntime({ env: {} });
  const { run } = await handlers.runs.start({
    task: { repository: repository.root, prompt: 'Mend it.', model: 'rehearsal', timeZone: 'UTC', ...aims } as never,
  });
  const over = await ended(run);
  return { over, word: standingWords[standingOf(over) ?? 'interrupted'], events: events(run) };
}

test('a goal is not judged by recorded answers, which the run says in these words', async () => {
  const { over, word } = await task({ goal: 'The answer is 42.' });
  expect(over).toMatchObject({
    ...{ rehearsal: true, outcome: 'nothing_to_propose' },
    goal: { verdict: 'not_yet', unjudged: true, reason: expect.stringContaining('Recorded answers can judge nothing') },
    reason: { message: expect.stringContaining('rehearsal model') },
  });
  expect(word).toBe('Goal could not be judged');
  expect(exitCodeOfTask(over)).toBe(11);
});

test('nor is a rubric graded by them', async () => {
  const { over, word } = await task({ rubric: '- `src/answer.js` gives 42' });
  expect(over.grading).toMatchObject({ state: 'failed', explanation: expect.stringContaining('Recorded answers') });
  expect(word).toBe('Could not be graded');
  expect(exitCodeOfTask(over)).toBe(10);
});
