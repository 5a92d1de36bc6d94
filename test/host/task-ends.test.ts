/** What a task that ended short says to do next can be done: it has no routine. */
import { expect, test } from 'vitest';
import { Fault } from '#contract/faults.ts';
import { curedForTask } from '#core/supervisor/task-cures.ts';
import { broken } from '#host/model/failures.ts';
import { fail, hang, reply, say, text, use } from '../fakes/messages-server.ts';
import { limits } from '../fakes/records.ts';
import { taskRuntime } from '../fakes/task.ts';

const work = use('Bash', { command: 'true' });

test('a limit: it is gone on from by a fork, which has limits of its own', async () => {
  const { start, ended, handlers } = await taskRuntime({ script: [work, work, say('Done.')] });
  const run = await start({ limits: limits({ turns: 2 }), whenAsked: 'deny' });
  const { outcome, reason } = await ended(run);
  expect({ outcome, code: reason?.code }).toEqual({ outcome: 'failed', code: 'limit.turns' });
  expect(reason?.cure).toBe(
    `Go on from what it did: \`nightshift runs fork ${run}\`; or start it again with a higher --turns.`,
  );
  const { run: fork } = await handlers.runs.fork({ run });
  expect(await ended(fork)).toMatchObject({ outcome: 'nothing_to_propose' });
});

test.each([
  ['model.stream_broken', broken('cut')],
  ['model.rate_limited', new Fault('model.rate_limited', 'Later.', { cure: 'Run the routine again when it lifts.' })],
  ['model.unreachable', new Fault('model.unreachable', 'Gone.', { cure: 'The next occurrence tries again.' })],
  ['model.context_full', new Fault('model.context_full', 'Full.', { cure: 'Give the routine a shorter prompt.' })],
  ['model.overloaded', new Fault('model.overloaded', 'Busy.', { cure: 'Run the routine again later.' })],
  ['model.stopped_oddly', new Fault('model.stopped_oddly', 'Odd.', { cure: 'Give the routine a smaller task.' })],
  ['model.thinking_invalid', new Fault('model.thinking_invalid', 'Old.', { cure: 'Run the routine again.' })],
  ['limit.day', new Fault('limit.day', 'Spent.', { cure: 'Raise limits.dollars of the routine.' })],
] as const)('%s: no cure of a task speaks of a routine', (code, { message, cure }) => {
  for (const begun of [true, false]) {
    const cured = curedForTask({ code, message, ...(cure ? { cure } : {}) }, 'run-1', begun);
    expect(cured.cure).not.toMatch(/routine|occurrence|can be asked again/);
    expect(cured.cure).toMatch(/start|Start|budget/);
  }
});

test.each([
  ['a model that nobody knows', fail(404, { headers: {} }), 'another --model'],
  ['a refusal', reply([text('No.')], { stopReason: 'refusal' }), 'another --model'],
])('%s: it is started again', async (_, step, words) => {
  const { start, ended } = await taskRuntime({ script: [step, hang()] });
  const { reason } = await ended(await start());
  expect(reason?.cure).toContain(words);
  expect(reason?.cure).not.toContain('routine');
});
