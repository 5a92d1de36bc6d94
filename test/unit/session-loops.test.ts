/** Loops of a session: set up by tools, fired between turns by a clock that the test moves, and over with the session. */

import { join } from 'node:path';
import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Draft, Event } from '#contract/events.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { createPurse } from '#core/budget/purse.ts';
import { modeJudge } from '#core/permissions/gate.ts';
import { createLoops, firing } from '#core/session/loops.ts';
import { runSession } from '#core/session/session.ts';
import { openStore } from '#core/store/event-log.ts';
import { createIds } from '#host/clock.ts';
import { createModels } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { call, hang, reply, type Step, say, startMessagesServer } from '../fakes/messages-server.ts';
import { scratch, silent, spec } from '../fakes/places.ts';
import { recordingHands } from '../fakes/recording-hands.ts';
import { limits } from '../fakes/records.ts';

const run = 'run-00000001';
const minute = 60_000;
const propose = reply([call('Propose', { title: 'Done', explanation: 'So.', not_done: ['Nothing else.'] })]);
const looped = (cron: string, more: object = {}) => call('CronCreate', { cron, prompt: 'Look at the build.', ...more });
const wake = (more: object = {}) =>
  call('ScheduleWakeup', { delaySeconds: 600, reason: 'the build takes ten minutes', prompt: 'Look again.', ...more });

async function setUp(script: Step[], few: Partial<RoutineSpec['limits']> = {}) {
  const directory = scratch();
  const clock = manualClock('2026-11-20T12:00:30.000Z');
  const server = await startMessagesServer(script);
  const vault = { get: async () => null, set: async () => {}, delete: async () => {} };
  const env = { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url };
  const models = createModels({ env, paths: resolvePaths({ NIGHTSHIFT_HOME: directory }), vault, log: silent });
  const store = openStore(join(directory, 'a.db'), clock);
  onTestFinished(async () => {
    store.close();
    await models.close();
    await server.close();
  });
  const wanted = spec({ limits: limits({ turns: 100, ...few }), whenAsked: 'deny' });
  const add = (...drafts: Draft[]) => store.commit((w) => drafts.map((draft) => w.append(draft)));
  add({ type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } });
  add({ type: 'message.added', run, text: 'Do the work.', from: 'routine' });
  const model = await models.resolve('claude-opus-5-5', 'triage');
  const go = (abort = new AbortController()) =>
    runSession({
      ...{
        store,
        hands: recordingHands(),
        run,
        clock,
        model,
        ids: createIds(clock),
        purse: createPurse({ store, clock: clock, startOfDay: (at) => at - (at % 86_400_000) }),
        judge: modeJudge('acceptEdits'),
      },
      spec: wanted,
      signal: abort.signal,
    });
  const events = () => store.events({ after: 0, limit: 10_000 });
  const of = <T extends Event['type']>(type: T) =>
    events().filter((event): event is Extract<Event, { type: T }> => event.type === type);
  /** Resolves when the session rests for the `count`th time. */
  const waits = (count = 1) =>
    new Promise<void>((resolve) => {
      const look = () => of('run.waiting').length >= count && resolve();
      onTestFinished(store.listen(look));
      look();
    });
  const loopEvents = () => events().flatMap(({ type }) => (type.startsWith('loop.') ? [type] : []));
  /** The words of the last message of a request. */
  const asked = (at: number) => {
    const content = server.requests[at]?.body.messages.at(-1)?.content as ContentBlock[];
    return content.map((block) => ('text' in block ? block.text : '')).join('');
  };
  return { clock, server, store, add, go, of, waits, events, loopEvents, asked };
}

test('a loop is set up by a tool, waited for, and fires as an automated message that begins the next turn', async () => {
  const { go, clock, waits, of, asked, store, loopEvents } = await setUp([
    reply([looped('*/10 * * * *')]),
    say('Nothing yet.'),
    propose,
  ]);
  const going = go();
  await waits();
  expect(of('tool.finished')[0]?.text).toMatch(/^Created loop-1: Every 10 minutes .*2026-11-20T12:10:00.000Z/);
  expect(store.read.run(run)).toMatchObject({ loops: 1, waitingUntil: '2026-11-20T12:10:00.000Z' });
  clock.advance(10 * minute);
  expect(await going).toMatchObject({ kind: 'finished', proposing: { title: 'Done' } });
  expect(of('message.added').at(-1)).toMatchObject({ from: 'nightshift' });
  expect(asked(2)).toMatch(/^\[Automated firing of loop-1 .*no person wrote this.*\]\n\nLook at the build\.$/);
  expect(store.read.run(run)?.waitingUntil).toBeNull();
  expect(loopEvents()).toEqual(['loop.created', 'loop.fired']);
});

test('Propose ends the session although loops are alive', async () => {
  const { go, of } = await setUp([reply([looped('*/10 * * * *')]), propose]);
  expect(await go()).toMatchObject({ kind: 'finished', proposing: { title: 'Done' } });
  expect(of('run.waiting')).toEqual([]);
});

test('waiting takes no working time; work before and after it does', async () => {
  const { go, clock, waits } = await setUp(
    [
      reply([looped('*/30 * * * *')]),
      () => {
        clock.advance(3 * minute);
        return say('Nothing yet.');
      },
      () => {
        clock.advance(3 * minute);
        return hang();
      },
    ],
    { minutes: 5 },
  );
  const going = go();
  await waits();
  clock.advance(30 * minute);
  expect(await going).toMatchObject({ kind: 'limit', code: 'limit.time' });
});

test('without turns or money left it does not wait for a turn that could not be', async () => {
  const { go, of } = await setUp([reply([looped('*/30 * * * *')]), say('Nothing yet.')], { turns: 2 });
  expect(await go()).toMatchObject({ kind: 'limit', code: 'limit.turns' });
  expect(of('run.waiting')).toEqual([]);
});

test('nothing fires within a turn, and what was missed meanwhile comes as one', async () => {
  const { go, clock, waits, of, asked } = await setUp([
    reply([looped('*/10 * * * *')]),
    () => {
      clock.advance(35 * minute);
      return reply([call('Bash', { command: 'make' })]);
    },
    say('Built.'),
    say('Looked.'),
    propose,
  ]);
  const going = go();
  await waits();
  expect(of('loop.fired')).toMatchObject([
    { dueAt: '2026-11-20T12:10:00.000Z', missed: 2, nextAt: '2026-11-20T12:40:00.000Z' },
  ]);
  expect(asked(3)).toContain('stands for 2');
  clock.advance(10 * minute);
  await going;
  expect(of('loop.fired')).toHaveLength(2);
});

test('two loops due together fire one after the other, each in a turn of its own', async () => {
  const both = [looped('*/10 * * * *'), looped('*/5 * * * *', { prompt: 'Look at the logs.', recurring: false })];
  const { go, clock, waits, of } = await setUp([reply(both), say('1'), say('2'), propose]);
  const going = go();
  await waits();
  clock.advance(5 * minute);
  await waits(2);
  clock.advance(5 * minute);
  await going;
  expect(of('loop.fired').map(({ loop }) => loop)).toEqual(['loop-2', 'loop-1']);
  expect(of('loop.ended')).toMatchObject([{ loop: 'loop-2', why: 'done' }]);
});

test('a session taken up again has its loops from the events alone, and one firing for what was missed [survives-kill]', async () => {
  const { go, clock, waits, add, of, server } = await setUp(
    [reply([looped('*/10 * * * *'), looped('0 9 * * *')]), say('Nothing yet.'), propose],
    { minutes: 5 },
  );
  const dying = new AbortController();
  const died = go(dying);
  await waits();
  dying.abort('shutdown');
  await expect(died).rejects.toMatchObject({ code: 'run.stopped' });
  clock.jump('2026-11-20T12:45:00.000Z');
  add({ type: 'run.resumed', run, why: 'restart' });
  expect(await go()).toMatchObject({ kind: 'finished', proposing: { title: 'Done' } });
  expect(of('loop.fired')).toMatchObject([{ loop: 'loop-1', dueAt: '2026-11-20T12:10:00.000Z', missed: 3 }]);
  expect(server.requests).toHaveLength(3);
});

test('fifty loops at most; one more is refused with words for the model, until one is deleted', async () => {
  const { go, of, store } = await setUp([
    reply(Array.from({ length: 51 }, () => looped('0 3 * * *'))),
    reply([call('CronDelete', { id: 'loop-7' }), call('CronDelete', { id: 'loop-99' }), looped('0 4 * * *')]),
    reply([call('CronList', {})]),
    propose,
  ]);
  await go();
  const results = of('tool.finished');
  expect(results.slice(0, 51).map(({ ok }) => ok)).toEqual([...Array(50).fill(true), false]);
  expect(results[50]).toMatchObject({ code: 'tool.conflict', text: expect.stringContaining('CronDelete') });
  expect(results.slice(51, 54).map(({ code }) => code)).toEqual([null, 'tool.not_found', null]);
  expect(results[54]?.text.split('\n')).toHaveLength(50);
  expect(results[54]?.text).toContain('loop-51: At 04:00');
  expect(store.read.run(run)?.loops).toBe(50);
});

describe('seven days', () => {
  test('a loop ends with them, even when it should have fired meanwhile', async () => {
    const { go, clock, waits, of, server } = await setUp([reply([looped('0 * * * *')]), say('Nothing yet.')]);
    const going = go();
    await waits();
    clock.jump('2026-11-27T12:00:31.000Z');
    clock.advance(minute);
    expect(await going).toMatchObject({ kind: 'finished', proposing: null, lastText: 'Nothing yet.' });
    expect(of('loop.ended')).toMatchObject([{ why: 'expired' }]);
    expect(server.requests).toHaveLength(2);
  });

  test('the firing that has none after it within them says that it is the last', () => {
    const { loops, apply } = createLoops();
    const at = '2026-11-20T12:00:00.000Z';
    const expiresAt = '2026-11-27T12:00:00.000Z';
    const created = {
      type: 'loop.created',
      run,
      loop: 'loop-1',
      cron: '0 3 * * *',
      timeZone: 'Europe/Berlin',
    } as const;
    const facts = { recurring: true, prompt: 'x', words: 'At 03:00', dueAt: '2026-11-21T02:00:00.000Z', expiresAt };
    apply({ ...created, ...facts, seq: 1, at });
    const [loop] = loops.alive;
    const drafts = firing({ ...loop, dueAt: loop?.dueAt } as never, run, Date.parse('2026-11-27T02:00:00.000Z'));
    expect(drafts).toMatchObject([
      { type: 'loop.fired', nextAt: null, missed: 6 },
      { type: 'loop.ended', why: 'expired' },
      { type: 'message.added', text: expect.stringContaining('last') },
    ]);
  });

  test('what is due only after them, never, or is no cron is refused', async () => {
    const wishes = ['0 3 10 12 *', '0 3 30 2 *', 'tomorrow at 7', '61 * * * *'].map((cron) => looped(cron));
    const { go, of } = await setUp([reply(wishes), propose]);
    await go();
    expect(of('tool.finished').map(({ code }) => code)).toEqual([...Array(4).fill('tool.input'), null]);
    expect(of('loop.created')).toEqual([]);
  });
});

describe('self-paced', () => {
  test('the wake-up is brought within its bounds, which is said, and the prompt comes then', async () => {
    const { go, clock, waits, of, asked } = await setUp([
      reply([wake({ delaySeconds: 5 })]),
      say('Waiting.'),
      reply([wake({ delaySeconds: 90_000 })]),
      propose,
    ]);
    const going = go();
    await waits();
    clock.advance(minute);
    await going;
    const texts = of('tool.finished').map(({ text }) => text);
    expect(texts[0]).toContain('in 60 s (5 s was brought within 60–3600 s), at 2026-11-20T12:01:30.000Z');
    expect(texts[1]).toContain('in 3600 s');
    expect(asked(2)).toMatch(/loop-1[\s\S]*Look again\.$/);
    expect(of('loop.created')).toHaveLength(1);
  });

  test('a turn that neither chooses nor stops gets one wake-up after 20 minutes; then the loop is over', async () => {
    const { go, clock, waits, of, loopEvents, asked } = await setUp([reply([wake()]), say('1'), say('2'), say('3')]);
    const going = go();
    await waits();
    clock.advance(10 * minute);
    await waits(2);
    expect(of('loop.scheduled').at(-1)).toMatchObject({ fallback: true, dueAt: '2026-11-20T12:30:30.000Z' });
    clock.advance(20 * minute);
    expect(await going).toMatchObject({ kind: 'finished', lastText: '3' });
    expect(asked(3)).toContain('is the last');
    expect(of('loop.ended')).toMatchObject([{ why: 'unpaced' }]);
    expect(loopEvents()).toEqual([
      ...['loop.created', 'loop.scheduled', 'loop.fired', 'loop.scheduled', 'loop.fired', 'loop.ended'],
    ]);
  });

  test('a choice made in the turn of the fallback carries it on', async () => {
    const { go, clock, waits, of } = await setUp([
      reply([wake()]),
      say('1'),
      say('2'),
      reply([wake()]),
      say('3'),
      propose,
    ]);
    const going = go();
    await waits();
    clock.advance(10 * minute);
    await waits(2);
    clock.advance(20 * minute);
    await waits(3);
    clock.advance(10 * minute);
    await going;
    expect(of('loop.fired')).toHaveLength(3);
    expect(of('loop.ended')).toEqual([]);
  });

  test('stop ends it; a wish without a delay or a prompt is data for the model', async () => {
    const odd = [
      call('ScheduleWakeup', { reason: 'x' }),
      wake({ prompt: undefined }),
      call('ScheduleWakeup', { stop: true }),
    ];
    const { go, of } = await setUp([
      reply([...odd, wake()]),
      reply([call('ScheduleWakeup', { stop: true })]),
      say('Over.'),
    ]);
    expect(await go()).toMatchObject({ kind: 'finished', lastText: 'Over.' });
    expect(of('tool.finished').map(({ code }) => code)).toEqual(['tool.input', 'tool.input', null, null, null]);
    expect(of('loop.ended')).toMatchObject([{ why: 'stopped' }]);
  });
});

test('a person stops a session that waits', async () => {
  const { go, waits } = await setUp([reply([looped('0 3 * * *')]), say('Waiting.')]);
  const abort = new AbortController();
  const going = go(abort);
  await waits();
  abort.abort('stop');
  await expect(going).rejects.toMatchObject({ code: 'run.stopped' });
});
