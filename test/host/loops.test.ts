/** `/loop` at the start of a routine's prompt or of a comment, through the whole product on real parts. */
import { expect, test } from 'vitest';
import { createNarrator } from '#cli/print/narrate.ts';
import { createPaint } from '#cli/print/paint.ts';
import { call, reply, say, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { realRuntime } from '../fakes/real-runtime.ts';

const propose = use('Propose', { title: 'Mend', explanation: 'Why not.', not_done: ['Nothing else.'] });

test('a routine that begins with /loop works at once, then rests until a person stops it', async () => {
  const { add, handlers, happens, ended, server, store, runtime, events } = await realRuntime({
    script: [say('Nothing yet.')],
    routine: { checks: [], prompt: '/loop 7h Look at the build.' },
  });
  await add();
  const { run } = await handlers.routines.run({ routine: 'triage' });
  await happens((event) => event.type === 'run.waiting');
  expect(JSON.stringify(server.requests[0]?.body.messages)).toContain(
    'Look at the build.\\n\\n(Nightshift has set this',
  );
  const resting = await handlers.runs.get({ run });
  expect(resting).toMatchObject({ state: 'running', loops: 1, waitingUntil: expect.any(String) });
  await handlers.runs.stop({ run });
  expect(await ended(run)).toMatchObject({ outcome: 'stopped', loops: 0, waitingUntil: null });
  expect(events(run).filter(({ type }) => type === 'loop.ended')).toMatchObject([{ why: 'session_ended' }]);
  expect(store.outbox.pending('run')).toEqual([]);
  expect(runtime.busy()).toBe(false);
  const tell = createNarrator(createPaint({ isTTY: false }, {}));
  const lines = events(run).flatMap(tell);
  expect(lines.filter((line) => /^(Loop|Waiting)/.test(line))).toEqual([
    expect.stringMatching(/^Loop loop-1: .*rounded from 7 h.*, next 20/),
    expect.stringMatching(/^Waiting until 20/),
    'Loop loop-1 is over: the session is over',
  ]);
});

test('the next host takes a resting session up again and fires once for all that was missed [survives-kill]', async () => {
  const home = scratch();
  const routine = { checks: [], prompt: '/loop 1h Look at the build.' };
  const first = await realRuntime({ home, script: [say('Nothing yet.')], routine });
  await first.add();
  const { run } = await first.handlers.routines.run({ routine: 'triage' });
  await first.happens((event) => event.type === 'run.waiting');
  await first.runtime.close();
  const next = await realRuntime({ home, repository: first.repository, script: [propose], routine });
  next.clock.pass(4 * 60 * 60 * 1000);
  next.runtime.start();
  expect(await next.ended(run)).toMatchObject({ outcome: 'nothing_to_propose', loops: 0, resumes: 1 });
  expect(next.events(run).filter(({ type }) => type === 'loop.fired')).toMatchObject([{ loop: 'loop-1', missed: 3 }]);
  expect(next.server.requests).toHaveLength(1);
});

test('a comment that begins with /loop sets one up for the session that works on it', async () => {
  const edit = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
  const { runOnce, handlers, ended, server, events } = await realRuntime({
    script: [edit, propose, reply([call('CronList', {})]), propose],
    routine: { checks: [] },
  });
  const run = await runOnce();
  const proposal = run.proposal ?? '';
  const revise = (text: string) => handlers.proposals.revise({ proposal, comments: [{ text }] });
  await expect(revise('/loop 5m')).rejects.toMatchObject({ code: 'input', cure: expect.any(String) });
  await revise('/loop look at the logs every 10 minutes');
  expect(await ended(run.id, 2)).toMatchObject({ outcome: 'proposed', loops: 0 });
  expect(JSON.stringify(server.requests[2]?.body.messages.at(-1))).toContain('- look at the logs\\n\\n(Nightshift has');
  const types = events(run.id).map(({ type }) => type);
  expect(types.indexOf('loop.created')).toBeLessThan(types.lastIndexOf('message.added'));
  const listed = events(run.id).find((event) => event.type === 'tool.finished' && event.text.startsWith('loop-1:'));
  expect(listed).toMatchObject({ ok: true, text: expect.stringContaining('Every 10 minutes') });
});

test('a /loop that cannot be is refused when the routine is saved', async () => {
  const { add } = await realRuntime({ routine: { prompt: '/loop 0m Look.' } });
  await expect(add()).rejects.toMatchObject({ code: 'input', field: 'prompt', cure: expect.any(String) });
});
