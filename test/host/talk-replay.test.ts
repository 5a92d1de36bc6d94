/** What people did with a session is part of its recording: played again, the same is sent to the byte. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { replayCassette } from '#host/replay/replay.ts';
import { exported } from '../fakes/exported.ts';
import { call, reply, say, thinking, use } from '../fakes/messages-server.ts';
import { taskRuntime } from '../fakes/task.ts';

test('words while it worked and after it had ended its turn, a way back, and a fork', async () => {
  const product = await taskRuntime({
    script: [
      reply([thinking('hm'), call('Bash', { command: 'while [ ! -e go ]; do sleep 0.05; done' })]),
      say('Heard.'),
      use('Bash', { command: 'echo 2' }),
      say('More.'),
      say('Back.'),
      say('Forked.'),
    ],
  });
  const { start, ended, handlers, happens, file } = product;
  const door = 'terminal' as const;
  const run = await start();
  await happens((e) => e.type === 'tool.started' && e.run === run);
  await handlers.runs.say({ run, text: 'While you work.', interrupt: false, door });
  writeFileSync(file(run, 'go'), '');
  await ended(run);
  await handlers.runs.say({ run, text: 'And more.', interrupt: false, door });
  await ended(run, 2);
  await handlers.runs.rewind({ run, toTurn: 2, prompt: 'Back to that.', door });
  await ended(run, 3);
  const { run: fork } = await handlers.runs.fork({ run, atTurn: 3 });
  await ended(fork);
  for (const id of [run, fork]) {
    const { made, cassette } = await exported(product, id);
    expect(made.departs).toBeNull();
    expect(await replayCassette(cassette)).toMatchObject({ same: true, first: null });
  }
});

test('words after a verdict: the verdicts of both goes come out again, with the checks that were not run twice', async () => {
  const propose = () => use('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] });
  const judge = () => say(JSON.stringify({ verdict: 'met', quote: 'all is well', reason: 'As seen.' }));
  const grade = () => {
    const evidence = [{ path: 'made.txt', line: 1, quote: 'made' }];
    const criteria = [{ number: 1, verdict: 'satisfied', reason: 'Seen.', evidence }];
    return use('Grade', { fits: true, explanation: '', criteria });
  };
  const make = use('Write', { file_path: 'made.txt', content: 'made\n' });
  const { start, ended, handlers, ...product } = await taskRuntime({
    script: [make, propose(), judge(), grade(), propose(), judge(), grade()],
  });
  const aims = { goal: 'All is well.', rubric: '- `made.txt` is there', checks: ['echo all is well'] };
  const run = await start(aims);
  await ended(run);
  await handlers.runs.say({ run, text: 'Leave it as it is.', interrupt: false, door: 'terminal' });
  await ended(run, 2);
  const { cassette } = await exported(product, run);
  expect(cassette.requests.map(({ purpose }) => purpose)).toEqual([
    ...['conversation', 'conversation', 'judge', 'grader', 'conversation', 'judge', 'grader'],
  ]);
  expect(await replayCassette(cassette)).toMatchObject({ same: true, verdicts: { found: 4, differ: [] } });
});
