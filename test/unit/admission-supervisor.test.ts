/** Dispatched is not running: a run that got a slot and does not begin is tried once more, then a person is told. */

import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Fault } from '#contract/faults.ts';
import type { Question } from '#contract/questions.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { createPurse } from '#core/budget/purse.ts';
import { createLedger } from '#core/ledger/ledger.ts';
import type { Models, Repositories, RepositoryFacts, Sandbox } from '#core/ports.ts';
import { openRoutines } from '#core/routines/routines.ts';
import { openStore } from '#core/store/event-log.ts';
import { createSupervisor } from '#core/supervisor/supervisor.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { countingIds, scratch, silent, spec } from '../fakes/places.ts';

const facts: RepositoryFacts = { root: '/r', gitDirectory: '/r/.git', branch: 'main', head: 'a'.repeat(40) };

/** `inspect` answers when the test lets it; nothing after it works, so that every run that begins ends at once. */
function setUp(wishes: Record<string, Partial<RoutineSpec>> = { triage: {} }) {
  const directory = scratch();
  const clock = manualClock('2026-11-20T12:00:00.000Z');
  const store = openStore(join(directory, 'a.db'), clock);
  onTestFinished(() => store.close());
  const routines = openRoutines(join(directory, 'routines'));
  const ids = countingIds();
  const ledger = createLedger({ store, routines, clock, ids });
  const answers: { path: string; resolve: (value: RepositoryFacts) => void }[] = [];
  const no = (): never => {
    throw new Fault('sandbox.unavailable', 'None here.');
  };
  const repositories = {
    locate: async () => facts,
    inspect: (path: string) => new Promise<RepositoryFacts>((resolve) => void answers.push({ path, resolve })),
    addWorktree: async () => {},
    removeWorktree: async () => {},
    commitAll: async () => null,
    deleteBranch: async () => true,
    head: async () => null,
  } as unknown as Repositories;
  const models = { resolve: async () => ({ id: 'm', rehearsal: true, stream: no }) } as unknown as Models;
  const sandbox = { launch: async () => no() } as unknown as Sandbox;
  const parts = {
    store,
    purse: createPurse({ store, clock: clock, startOfDay: (at) => at - (at % 86_400_000) }),
    ledger,
    grants: { inForce: () => [] },
    clock,
    ids,
    models,
    sandbox,
    repositories,
    worktrees: directory,
    checkouts: directory,
  };
  const supervisor = createSupervisor({ ...parts, log: silent });
  for (const [id, wish] of Object.entries(wishes)) {
    routines.add(id, spec({ repository: `/${id}`, ...wish }));
    store.commit((w) => ledger.begin(w, id));
  }
  const types = (run: string) => store.events({ after: 0, run, limit: 100 }).map((event) => event.type);
  return { clock, store, ledger, supervisor, answers, types };
}

test('a slot, a beginning, an end: each is a fact of its own', async () => {
  const { clock, store, ledger, supervisor, answers, types } = setUp();
  clock.jump('2026-11-21T03:00:00.000Z');
  ledger.account('os_timer');
  supervisor.kick();
  const run = 'run-00000001';
  expect(store.read.run(run)).toMatchObject({ state: 'queued', dispatchedAt: '2026-11-21T03:00:00.000Z' });
  answers[0]?.resolve(facts);
  await expect.poll(() => store.read.run(run)?.state).toBe('ended');
  expect(types(run)).toEqual(['run.queued', 'run.dispatched', 'run.started', 'run.ended']);
  expect(store.read.run(run)).toMatchObject({ processSeenAt: null, firstByteAt: null });
});

test('it hangs: tried again after a minute, an alert after two, and the first attempt can write no more', async () => {
  const { clock, store, ledger, supervisor, answers, types } = setUp();
  clock.jump('2026-11-21T03:00:00.000Z');
  ledger.account('os_timer');
  supervisor.kick();
  const run = 'run-00000001';
  clock.advance(59_000);
  expect(answers).toHaveLength(1);
  clock.advance(1_000);
  expect(answers).toHaveLength(2);
  expect(types(run)).toEqual(['run.queued', 'run.dispatched', 'run.dispatched']);
  clock.advance(60_000);
  const alerts = () => store.events({ after: 0, limit: 100 }).filter(({ type }) => type === 'alert.raised');
  expect(alerts()).toMatchObject([{ about: run, routine: 'triage', text: expect.stringContaining('has not begun') }]);
  clock.advance(600_000);
  expect(alerts()).toHaveLength(1);
  // The one that hung wakes up first, and must keep its hands off.
  answers[0]?.resolve(facts);
  await new Promise((resolve) => setImmediate(resolve));
  expect(store.read.run(run)).toMatchObject({ state: 'queued' });
  answers[1]?.resolve(facts);
  await expect.poll(() => store.read.run(run)?.state).toBe('ended');
  expect(types(run).filter((type) => type === 'run.started')).toHaveLength(1);
});

test('late runs start two at once and then one each fifteen seconds, the highest priority first', () => {
  const wishes = Object.fromEntries(
    ['a', 'b', 'c', 'd'].map((id, i) => [id, { policies: { ...spec().policies, priority: i } }]),
  );
  const { clock, ledger, supervisor, answers } = setUp(wishes);
  clock.jump('2026-11-21T09:00:00.000Z');
  ledger.account('host');
  supervisor.kick();
  expect(answers.map(({ path }) => path)).toEqual(['/d', '/c']);
  clock.advance(15_000);
  expect(answers.map(({ path }) => path)).toEqual(['/d', '/c', '/b']);
  clock.advance(15_000);
  expect(answers.map(({ path }) => path)).toEqual(['/d', '/c', '/b', '/a']);
});

test('jitter puts the start off, not the due instant', () => {
  const { clock, store, ledger, supervisor, answers } = setUp({
    triage: { policies: { ...spec().policies, jitter: 60 } },
  });
  clock.jump('2026-11-21T03:00:00.000Z');
  ledger.account('os_timer');
  supervisor.kick();
  const [run] = store.read.runs({ limit: 1 });
  const jitter = ledger.jitter('triage', store.records.spec(run?.id ?? '') ?? spec());
  expect(jitter).toBeGreaterThan(0);
  expect(answers).toHaveLength(0);
  clock.advance(jitter - 1);
  expect(answers).toHaveLength(0);
  clock.advance(1);
  expect(answers).toHaveLength(1);
});

test('the next occurrence cancels what is at work and what waits, and their rows say so', async () => {
  const policies = { ...spec().policies, overlap: 'cancel_old' as const };
  const { clock, store, ledger, supervisor, answers } = setUp({ triage: { schedule: '0 * * * *', policies } });
  clock.jump('2026-11-20T13:00:00.000Z');
  ledger.account('host');
  supervisor.kick();
  clock.jump('2026-11-20T14:00:00.000Z');
  ledger.account('host');
  supervisor.kick();
  answers[0]?.resolve(facts);
  await expect.poll(() => store.read.run('run-00000001')?.state).toBe('ended');
  expect(store.read.run('run-00000001')).toMatchObject({ outcome: 'stopped' });
  expect(store.read.occurrence('triage', '2026-11-20T13:00:00.000Z')).toMatchObject({ cause: 'overlapped' });
  await expect.poll(() => answers.length).toBe(2);
  expect(store.outbox.pending('cancel')).toEqual([]);
  expect(store.read.run('run-00000002')).toMatchObject({ state: 'queued', dispatchedAt: '2026-11-20T14:00:00.000Z' });
});

test('a run that the host died over before it was cancelled leaves no question behind', async () => {
  const { store, ledger, supervisor, clock } = setUp();
  const run = store.commit((writer) => ledger.queue(writer, 'triage', spec()));
  const ask: Question = {
    ...{ id: 'ask-1', run, routine: 'triage', code: 'limit.day', why: '', bind: 'b' },
    action: { kind: 'budget', scope: 'all_day', spentMicros: 1, capMicros: 1, addMicros: 5_000_000 },
    ...{ askedAt: new Date(clock.now()).toISOString(), deadline: '2026-11-27T00:00:00.000Z', state: 'open' },
    ...{ answeredAt: null, answeredBy: null, note: null, usedAt: null },
  };
  store.commit((writer) => {
    writer.append({ type: 'run.dispatched', run, attempt: 1 });
    writer.append({
      ...{ type: 'run.started', run, model: 'm', rehearsal: true, permissionMode: 'default', limits: spec().limits },
      ...{ repository: '/r', branch: 'b', baseBranch: 'main', base: 'a'.repeat(40) },
    });
    writer.append({ type: 'question.asked', run, question: ask });
    writer.append({ type: 'run.parked', run, question: ask.id, until: ask.deadline });
    writer.outbox.add('cancel', run);
  });
  supervisor.recover();
  await expect.poll(() => store.read.run(run)).toMatchObject({ state: 'ended', outcome: 'stopped' });
  expect(store.read.question('ask-1')).toMatchObject({ state: 'withdrawn' });
  expect(store.outbox.pending('cancel')).toEqual([]);
});
