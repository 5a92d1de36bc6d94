/** What each request of a run cost: to the last millionth and token what the run, the day and the server say. */
import { expect, test } from 'vitest';
import { cut, fail, say, text, use } from '../fakes/messages-server.ts';
import { realRuntime } from '../fakes/real-runtime.ts';

const edit = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const propose = () => use('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] });
const judge = (verdict: string, quote = '') => say(JSON.stringify({ verdict, quote, reason: 'As seen.' }));

test('conversation, judges, a lost answer and a refused try add up to what the run says, by turn and by purpose', async () => {
  const product = await realRuntime({
    script: [
      ...[fail(529), propose(), judge('not_yet'), cut([text('half an answer')], 4), edit, propose()],
      judge('met', '+export const answer = 42;'),
    ],
    routine: { goal: 'The answer is 42.', checks: [] },
  });
  const run = await product.runOnce();
  const costs = await product.handlers.runs.costs({ run: run.id });
  expect(costs).toMatchObject({ run: run.id, micros: run.costMicros, usage: run.usage });
  expect(costs.requests.filter(({ purpose }) => purpose === 'judge')).toHaveLength(2);
  const sum = (rows: { micros: number }[]) => rows.reduce((all, { micros }) => all + micros, 0);
  for (const rows of [costs.turns, costs.purposes, costs.agents]) expect(sum(rows)).toBe(run.costMicros);
  expect(costs.turns.map(({ turn }) => turn)).toEqual([1, 2, 3]);
  expect(costs.agents).toEqual([{ agent: null, micros: run.costMicros }]);
  const today = await product.handlers.budgets.costs({ days: 1 });
  expect(today.days[0]?.micros).toBe(run.costMicros);
  expect(today.routines).toMatchObject([{ routine: 'triage', micros: run.costMicros, runs: 1 }]);
  await expect(product.handlers.runs.costs({ run: 'run-00000000' })).rejects.toMatchObject({ code: 'not_found' });
}, 30_000);
