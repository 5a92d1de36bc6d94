/** A limit that lifts only after hours: the run waits for it without a slot, is woken by the operating system, and gives up in the end. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Draft, Event } from '#contract/events.ts';
import { TaskSpec } from '#contract/tasks.ts';
import type { Alarm, Scheduler } from '#core/ports.ts';
import { openStore } from '#core/store/event-log.ts';
import { leftParked } from '#core/supervisor/keep.ts';
import { fail, say, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { noScheduler, realRuntime, type Setting, shiftedClock } from '../fakes/real-runtime.ts';

const hour = 3_600_000;
const edit = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const propose = use('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] });
const hours = (n: number) => fail(429, { headers: { 'retry-after': String(n * 3600) } });
const results = (events: Event[]) => events.flatMap((e) => (e.type === 'tool.finished' ? [e.code ?? 'ok'] : []));

/** An OS that would wake it. */
function waking() {
  let held: Alarm[] = [];
  const scheduler: Scheduler = {
    ...noScheduler,
    async sync(alarms) {
      held = alarms;
      return new Map(alarms.map(({ routine }) => [routine, { state: 'registered' as const, detail: 'a timer' }]));
    },
  };
  return { scheduler, once: () => held.flatMap((alarm) => alarm.once) };
}

/** A run that has changed a file, and whose account is then limited for two hours. */
async function held(setting: Setting = {}) {
  const os = waking();
  const home = scratch();
  const product = await realRuntime({ script: [edit, hours(2)], home, scheduler: os.scheduler, ...setting });
  const { handlers, happens, runtime, repository, clock } = product;
  await product.add();
  const { run } = await handlers.routines.run({ routine: 'triage' });
  const event = (await happens((e) => e.type === 'run.held' && e.run === run)) as Extract<Event, { type: 'run.held' }>;
  await expect.poll(() => runtime.busy()).toBe(false);
  const later = (more: Setting = {}) =>
    realRuntime({ home, repository, clock, scheduler: os.scheduler, ...setting, script: [propose], ...more });
  const kept = (branch: string | null) => repository.git('show', `${branch}:src/answer.js`);
  return { ...product, ...os, run, until: Date.parse(event.until), event, later, kept };
}

describe('a run whose account is limited for hours', () => {
  test('holds no slot, and the operating system is to wake it', async () => {
    const { handlers, run, event, until, once, clock, runtime, events } = await held();
    expect(event).toMatchObject({ wait: 1, of: 3, reason: expect.stringContaining('429') });
    expect(until - clock.now()).toBeGreaterThan(1.9 * hour);
    expect(until - clock.now()).toBeLessThan(2.1 * hour);
    expect(await handlers.runs.get({ run })).toMatchObject({ state: 'running', held: { wait: 1 } });
    expect(runtime.open()).toEqual([]);
    await expect.poll(once).toEqual([until]);
    // The system has it: this host may go.
    await expect.poll(() => runtime.neededUntil() <= clock.now() + 60_000).toBe(true);
    expect(events(run).filter(({ type }) => type === 'model.retrying')).toEqual([]);
  });

  test('is woken by the operating system though it belongs to no routine, and its host may go', async () => {
    const os = waking();
    const script = [edit, hours(2), propose];
    const { handlers, happens, runtime, clock, repository, ended } = await realRuntime({ script, ...os });
    const task = { prompt: 'Mend it.', repository: repository.root, model: 'claude-opus-5-5', timeZone: 'UTC' };
    const { run } = await handlers.runs.start({ task: TaskSpec.parse(task) });
    const event = (await happens((e) => e.type === 'run.held')) as Extract<Event, { type: 'run.held' }>;
    const until = Date.parse(event.until);
    await expect.poll(os.once).toEqual([until]);
    await expect.poll(() => runtime.neededUntil() <= clock.now() + 60_000).toBe(true);
    clock.pass(until - clock.now() + 1);
    await handlers.due({ by: 'os_timer', routine: 'one-off' });
    expect(await ended(run)).toMatchObject({ outcome: 'proposed' });
    await expect.poll(os.once).toEqual([]);
  });

  test('goes on as the same run in the next host when its time has come, and not before', async () => {
    const { run, runtime, later, clock, until } = await held();
    await runtime.close();
    const next = await later();
    next.runtime.start();
    await next.handlers.due({ by: 'os_timer', routine: 'triage' });
    expect(await next.handlers.runs.get({ run })).toMatchObject({ state: 'running', held: {} });
    expect(next.server.requests).toEqual([]);
    clock.pass(until - clock.now() + 1);
    await next.handlers.due({ by: 'os_timer', routine: 'triage' });
    const over = await next.ended(run);
    expect(over).toMatchObject({ outcome: 'proposed', turns: 2 });
    expect(over.held).toBeUndefined();
    expect(results(next.events(run))).toEqual(['ok', 'ok']);
    expect(next.server.requests).toHaveLength(1);
  });

  test('without a scheduler keeps its host for it', async () => {
    const { runtime, until } = await held({ scheduler: noScheduler });
    expect(runtime.neededUntil()).toBe(until + 60_000);
  });

  test('is asked for by nobody else meanwhile: another run waits, too, without asking', async () => {
    const { handlers, run, happens, add, server, until } = await held();
    await add('second');
    const { run: other } = await handlers.routines.run({ routine: 'second' });
    const event = await happens((e) => e.type === 'run.held' && e.run === other);
    expect(other).not.toBe(run);
    expect(Math.abs(Date.parse((event as { until: string }).until) - until)).toBeLessThan(60_000);
    expect(server.requests).toHaveLength(2);
  });

  test('counts what it has cost, and no working time', async () => {
    const { handlers, run, clock } = await held();
    const { costMicros, usage } = await handlers.runs.get({ run });
    expect(usage.output).toBe(20);
    clock.pass(hour);
    expect(await handlers.runs.get({ run })).toMatchObject({ costMicros });
  });

  test('waits three times and then ends, with its work on its branch', async () => {
    const { run, runtime, later, clock, until, kept } = await held();
    await runtime.close();
    const next = await later({ script: [hours(2), hours(2), hours(2)] });
    next.runtime.start();
    let at = until;
    for (const wait of [2, 3, 4]) {
      clock.pass(at - clock.now() + 1);
      await next.handlers.due({ by: 'os_timer', routine: 'triage' });
      const event = await next.happens(
        (e) => e.type === 'run.ended' || (e.type === 'run.held' && e.run === run && e.wait === wait),
      );
      if (event.type === 'run.held') at = Date.parse(event.until);
    }
    const over = await next.ended(run);
    expect(over).toMatchObject({
      ...{ outcome: 'failed', reason: { code: 'model.rate_limited', cure: expect.any(String) } },
    });
    expect(over.reason?.message).toContain('It has waited 3 times already.');
    expect(kept(over.branch)).toContain('42');
    expect(next.server.requests).toHaveLength(3);
  });

  test('can be stopped, and keeps what it did', async () => {
    const { run, handlers, ended, kept, server } = await held();
    await handlers.runs.stop({ run });
    const over = await ended(run);
    expect(over).toMatchObject({ outcome: 'stopped' });
    expect(over.held).toBeUndefined();
    expect(kept(over.branch)).toContain('42');
    expect(server.requests).toHaveLength(2);
  });

  test('that a person stopped ends in the next host, too, if this one dies over it', async () => {
    const { run, store, runtime, later, clock } = await held();
    store.commit((writer) => {
      writer.append({ type: 'run.resumed', run, why: 'stopped' });
      writer.outbox.add('run', run);
    });
    await runtime.close();
    const next = await later({ clock });
    next.runtime.start();
    expect(await next.ended(run)).toMatchObject({ outcome: 'stopped' });
    expect(next.server.requests).toEqual([]);
  });
});

describe('no run waits', () => {
  async function ends(setting: Setting) {
    const { runOnce, events, server } = await realRuntime(setting);
    const over = await runOnce();
    expect(over).toMatchObject({ outcome: 'failed', reason: { code: 'model.rate_limited' } });
    expect(events(over.id).filter(({ type }) => type === 'run.held')).toEqual([]);
    return { over, server };
  }

  test('beyond the while that its routine allows', async () => {
    const { over } = await ends({ script: [hours(2)], routine: { answerWithin: 60 } });
    expect(over.reason?.message).toContain('No run of this routine waits beyond');
  });

  test('for a spending cap', async () => {
    const cap = fail(429, { message: 'Your account has reached its monthly spend limit.', headers: {} });
    const { server } = await ends({ script: [cap, say('never')] });
    expect(server.requests).toHaveLength(1);
  });
});

test('the words of a subscription are understood, and the wait is what they say', async () => {
  const epoch = Math.floor((Date.now() + 3 * hour) / 1000);
  const limit = fail(429, { message: `Usage limit reached|${epoch}`, headers: { 'x-should-retry': 'false' } });
  const { until, clock } = await held({ script: [edit, limit] });
  expect(Math.abs(until - clock.now() - 3 * hour)).toBeLessThan(120_000);
});

test('one that lifts within minutes is asked again then, though its refusal says not to', async () => {
  const limit = fail(429, { message: 'Limit reached, resets in 2 seconds', headers: { 'x-should-retry': 'false' } });
  const { runOnce, server } = await realRuntime({ script: [edit, limit, propose] });
  expect(await runOnce()).toMatchObject({ outcome: 'proposed' });
  expect(server.requests).toHaveLength(3);
});

test('the worktree of a run that waits is looked for when it goes on', async () => {
  const { run, runtime, later, clock, until, paths } = await held();
  await runtime.close();
  rmSync(join(paths.worktrees, run), { recursive: true });
  clock.pass(until - clock.now() + 1);
  const next = await later();
  next.runtime.start();
  expect(await next.ended(run)).toMatchObject({
    ...{ outcome: 'failed', reason: { code: 'conflict', message: expect.stringContaining('was deleted') } },
  });
});

test('a run that was held before it had a worktree misses none', () => {
  const clock = shiftedClock();
  const store = openStore(join(scratch(), 'a.db'), clock);
  onTestFinished(() => store.close());
  const run = 'run-00000001';
  const add = (draft: Draft) => void store.commit((writer) => writer.append(draft));
  const wait = () => {
    add({ type: 'run.held', run, until: new Date(clock.now()).toISOString(), reason: 'later', wait: 1, of: 3 });
    return leftParked(store, run);
  };
  add({ type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } });
  expect(wait()).toBe(false);
  add({ type: 'sandbox.ready', run, enforced: [] });
  expect(wait()).toBe(true);
  expect(wait()).toBe(true);
  add({ type: 'run.ended', run, outcome: 'failed', reason: null, proposal: null });
  expect(wait()).toBe(false);
});
