/** People talk to a session: while it works, while it rests, and after it has ended its turn. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { call, hang, reply, say, use } from '../fakes/messages-server.ts';
import { taskRuntime } from '../fakes/task.ts';

const edit = (to: string) => use('Bash', { command: `echo ${to} > said.txt` });
const roles = (messages: unknown) => (messages as { role: string }[]).map(({ role }) => role);
/** The messages of a request without the cache marks, which move. */
const bare = (messages: unknown) => JSON.stringify(messages).replaceAll(/,"cache_control":\{[^}]*\}/g, '');
const isPrefix = (one: unknown, other: unknown) => bare(other).startsWith(bare(one).slice(0, -1));

test('what is said to a task that ended its turn goes on in the same run, and in the same history', async () => {
  const { start, ended, handlers, server, events, runtime, store } = await taskRuntime({
    script: [edit('one'), say('Done with one.'), edit('two'), say('Done with two.')],
  });
  const run = await start();
  const first = await ended(run);
  expect(first).toMatchObject({ outcome: 'proposed', session: 'idle' });
  await expect.poll(() => runtime.busy()).toBe(false);
  expect(store.outbox.pending('run')).toEqual([]);
  await handlers.runs.say({ run, text: 'Now two.', interrupt: false, door: 'terminal' });
  const second = await ended(run, 2);
  expect(second).toMatchObject({ outcome: 'proposed', session: 'idle', turns: 4, unheard: 0 });
  const bodies = server.requests.map(({ body }) => body.messages);
  expect(isPrefix(bodies[1], bodies[2])).toBe(true);
  expect(JSON.stringify(bodies[2]?.at(-1))).toContain('Now two.');
  expect((await handlers.proposals.get({ proposal: second.proposal ?? '' })).revision).toBe(2);
  expect(second.costMicros).toBe(
    events(run).reduce((sum, event) => sum + (event.type === 'message.finished' ? event.costMicros : 0), 0),
  );
});

test('a task without a change is talkable, too, until its time is over; then a fork is the way', async () => {
  const { start, ended, handlers, clock } = await taskRuntime({
    ...{ script: [say('Nothing to do.'), say('Still nothing.')], routine: { answerWithin: 60 } },
  });
  const run = await start();
  expect(await ended(run)).toMatchObject({ outcome: 'nothing_to_propose', session: 'idle' });
  await handlers.runs.say({ run, text: 'Really?', interrupt: false, door: 'browser' });
  await ended(run, 2);
  clock.pass(3_600_001);
  expect((await handlers.runs.get({ run })).session).toBe('completed');
  await expect(handlers.runs.say({ run, text: 'And now?', interrupt: false, door: 'browser' })).rejects.toMatchObject({
    code: 'conflict',
    cure: expect.stringContaining(`nightshift runs fork ${run}`),
  });
});

test('what is said while it works is told after the results of its calls, and nothing before it is changed', async () => {
  const { start, ended, handlers, server, happens, file } = await taskRuntime({
    script: [
      reply([call('Bash', { command: 'while [ ! -e go ]; do sleep 0.05; done' }), call('Bash', { command: 'echo b' })]),
      say('Heard.'),
    ],
  });
  const run = await start();
  await happens((e) => e.type === 'tool.started' && e.run === run);
  await handlers.runs.say({ run, text: 'Mind the tests.', interrupt: false, door: 'window' });
  expect(await handlers.runs.get({ run })).toMatchObject({ unheard: 1, session: 'working' });
  writeFileSync(file(run, 'go'), '');
  await ended(run);
  const [asked, told] = server.requests.map(({ body }) => body.messages);
  expect(roles(told).slice(-3)).toEqual(['assistant', 'user', 'user']);
  expect(JSON.stringify(told?.at(-1))).toContain('Mind the tests.');
  expect(isPrefix(asked, told)).toBe(true);
});

test('cutting in ends the call that runs and leaves the rest undone, and the run goes on with the words', async () => {
  const { start, ended, handlers, server, happens, events } = await taskRuntime({
    script: [
      reply([call('Bash', { command: 'sleep 600' }), call('Bash', { command: 'echo never' })]),
      say('As you like.'),
    ],
  });
  const run = await start();
  await happens((e) => e.type === 'tool.started' && e.run === run);
  await handlers.runs.say({ run, text: 'Stop that.', interrupt: true, door: 'browser' });
  expect(await ended(run)).toMatchObject({ outcome: 'nothing_to_propose' });
  expect(events(run).filter(({ type }) => type === 'turn.interrupted')).toHaveLength(1);
  const results = events(run).flatMap((e) => (e.type === 'tool.finished' ? [e.ok] : []));
  expect(results).toEqual([false, false]);
  expect(JSON.stringify(server.requests[1]?.body.messages.at(-1))).toContain('Stop that.');
  expect(JSON.stringify(server.requests[1]?.body.messages.at(-2))).not.toContain('never\\n');
});

test('cutting in while the model answers asks it anew, with the words', async () => {
  const { start, ended, handlers, server, events } = await taskRuntime({ script: [hang(), say('Another way, then.')] });
  const run = await start();
  await server.arrived(1);
  await handlers.runs.say({ run, text: 'Another way, please.', interrupt: true, door: 'terminal' });
  expect(await ended(run)).toMatchObject({ outcome: 'nothing_to_propose', turns: 1 });
  expect(JSON.stringify(server.requests[1]?.body.messages.at(-1))).toContain('Another way, please.');
  expect(events(run).map(({ type }) => type)).toContain('turn.interrupted');
});

test.each(['a task', 'a routine'])('words that come as the run of %s ends are not lost', async (what) => {
  const { start, ended, handlers, store, server, routine } = await taskRuntime({
    ...{ script: [edit('one'), say('Done.'), say('Heard.')], routine: { checks: ['true'] } },
  });
  const begin = async () => {
    await handlers.routines.add({ id: 'triage', spec: routine });
    return (await handlers.routines.run({ routine: 'triage' })).run;
  };
  const run = what === 'a task' ? await start() : await begin();
  let said = false;
  store.listen((item) => {
    // The session is over by then, its end is not.
    if (said || item.kind !== 'event' || item.event.type !== 'message.finished' || item.event.turn !== 2) return;
    said = true;
    queueMicrotask(() => void handlers.runs.say({ run, text: 'One more.', interrupt: false, door: 'window' }));
  });
  await ended(run);
  await expect.poll(() => server.requests.length, { timeout: 20_000 }).toBe(3);
  await expect
    .poll(async () => (await handlers.runs.get({ run })).session, { timeout: 20_000 })
    .toBe(what === 'a task' ? 'idle' : 'completed');
  expect(JSON.stringify(server.requests[2]?.body.messages)).toContain('One more.');
});

test('a run that failed or was stopped is never taken up again by anything [one-place]', async () => {
  const { start, ended, handlers, events } = await taskRuntime({ script: [hang()] });
  const run = await start();
  await handlers.runs.stop({ run });
  expect(await ended(run)).toMatchObject({ outcome: 'stopped', session: 'stopped' });
  const before = events(run).length;
  await expect(handlers.runs.say({ run, text: 'Wake.', interrupt: true, door: 'window' })).rejects.toMatchObject({
    ...{ code: 'conflict', cure: expect.stringContaining('runs fork') },
  });
  await expect(handlers.runs.rewind({ run, toTurn: 1, door: 'window' })).rejects.toMatchObject({ code: 'conflict' });
  await handlers.due({ by: 'sweep' });
  expect(events(run)).toHaveLength(before);
});

test('tasks are told apart by what they were told', async () => {
  const { start, ended, handlers } = await taskRuntime({ script: [say('Nothing to do.'), say('Still nothing.')] });
  const run = await start({ prompt: 'Mend the parser\nand its tests.' });
  expect((await ended(run)).name).toBe('Mend the parser');
  const { run: fork } = await handlers.runs.fork({ run });
  expect((await ended(fork)).name).toBe('Mend the parser');
});
