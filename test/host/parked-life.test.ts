/** What life does to a run while it waits for a person: hosts that come and go, days, and a world that has moved on. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import type { Question } from '#contract/questions.ts';
import type { Grants } from '#core/grants/grants.ts';
import type { Verdict } from '#core/permissions/judge.ts';
import type { Rules } from '#core/ports.ts';
import { createQuestions } from '#core/questions/questions.ts';
import { openStore } from '#core/store/event-log.ts';
import { call, fail, hang, reply, say, use } from '../fakes/messages-server.ts';
import { scratch, spec } from '../fakes/places.ts';
import { realRuntime, type Setting } from '../fakes/real-runtime.ts';

const allowed: Verdict = {
  ...{ decision: 'allow', code: null, why: '', hint: null, rule: null, source: null },
  ...{ segment: null, path: null, approvable: true },
};

/** Asks for what has `touch` in it. */
const asking = (version = () => 'v1'): Rules => ({
  load: async () => ({
    judge: {
      version: version(),
      judge: async (_tool, input) =>
        /touch/.test(JSON.stringify(input)) ? { ...allowed, decision: 'ask', code: 'rule.ask', why: 'Asks.' } : allowed,
    },
    ...{ sources: [], problems: [] },
  }),
});

const edit = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const touch = use('Bash', { command: 'touch asked.txt' });
const propose = use('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] });
const aHost = reply([call('RequestApproval', { host: 'c.nightshift.invalid', why: 'data' })]);

const results = (events: Event[]) => events.flatMap((e) => (e.type === 'tool.finished' ? [e.code ?? 'ok'] : []));

/** A run that has changed a file and now waits for a person, and no host that runs. */
async function waiting(setting: Setting = {}) {
  const home = scratch();
  const rules = asking();
  const first = await realRuntime({ script: [edit, touch], rules, home, ...setting });
  const { handlers, happens, repository, clock, paths } = first;
  await first.add();
  const { run } = await handlers.routines.run({ routine: 'triage' });
  await happens((event) => event.type === 'run.parked' && event.run === run);
  await expect.poll(() => first.runtime.busy()).toBe(false);
  const [question] = (await handlers.questions.list({ state: 'open', limit: 10 })) as [Question];
  await first.runtime.close();
  const worktree = join(paths.worktrees, run);
  /** The next host on the same data, before it starts. */
  const later = async (more: Setting = {}) => {
    const next = await realRuntime({ rules, home, repository, clock, ...setting, script: [propose], ...more });
    const answer = (decision: 'approve' | 'deny' = 'approve', of = question) =>
      next.handlers.questions.answer({ answers: [{ question: of.id, bind: of.bind, decision }], door: 'terminal' });
    return { ...next, answer };
  };
  const kept = (branch: string | null) => repository.git('show', `${branch}:src/answer.js`);
  return { run, question, repository, clock, paths, worktree, later, kept };
}

describe('a parked run [parks-durably]', () => {
  test.each([1, 10])('goes on as the same run after %i days without any host', async (days) => {
    const { run, clock, later } = await waiting({ routine: { answerWithin: 20 * 1440 } });
    clock.pass(days * 86_400_000);
    const { runtime, answer, ended, events } = await later();
    runtime.start();
    await answer();
    expect(await ended(run)).toMatchObject({ outcome: 'proposed', parkedOn: null });
    expect(results(events(run))).toEqual(['ok', 'ok', 'ok']);
  });

  test('whose deadline passed while no host ran goes on with a no as soon as one starts; an answer is too late', async () => {
    const { run, clock, later, question } = await waiting({ routine: { answerWithin: 60 } });
    clock.pass(2 * 3_600_000);
    const { runtime, handlers, answer, ended, events } = await later();
    runtime.start();
    expect(await handlers.questions.get({ question: question.id })).toMatchObject({
      ...{ state: 'expired', answeredBy: 'deadline' },
    });
    await expect(answer()).rejects.toMatchObject({
      ...{ code: 'conflict', message: expect.stringContaining(question.deadline), cure: expect.any(String) },
    });
    await ended(run);
    expect(results(events(run))).toEqual(['ok', 'question.expired', 'ok']);
  });

  test('of an answer that comes at the deadline, the deadline wins, at once and for good', async () => {
    const { run, clock, later } = await waiting({ routine: { answerWithin: 60 } });
    const { runtime, handlers, answer, ended } = await later();
    runtime.start();
    clock.pass(3_600_000);
    await expect(answer()).rejects.toMatchObject({ code: 'conflict' });
    expect(await handlers.questions.list({ run, limit: 10 })).toMatchObject([{ state: 'expired' }]);
    await ended(run);
  });

  test('of answers from several doors at once exactly one counts, and the others are told', async () => {
    const { run, later, question } = await waiting();
    const { runtime, handlers, ended, events } = await later();
    runtime.start();
    const doors = ['terminal', 'browser', 'window', 'browser'] as const;
    const told = await Promise.allSettled(
      doors.map((door, i) =>
        handlers.questions.answer({
          ...{ answers: [{ question: question.id, bind: question.bind, decision: i % 2 ? 'deny' : 'approve' }], door },
        }),
      ),
    );
    expect(told.map(({ status }) => status).toSorted()).toEqual(['fulfilled', ...Array(3).fill('rejected')]);
    const refusals = told.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'conflict', field: 'question' });
    await ended(run);
    expect(events(run).filter(({ type }) => type === 'question.answered')).toHaveLength(1);
  });

  test('is not touched by its routine being edited, paused or removed: it works as it was begun', async () => {
    for (const change of ['edit', 'pause', 'remove'] as const) {
      const { run, later, paths } = await waiting();
      const { runtime, handlers, answer, ended, server } = await later();
      runtime.start();
      const triage = { routine: 'triage' };
      // The product itself refuses to remove a routine with an open run; a person can do it by hand.
      if (change === 'remove') rmSync(join(paths.routines, 'triage'), { recursive: true });
      else if (change === 'pause') await handlers.routines.edit({ ...triage, change: { paused: true } });
      else
        await handlers.routines.edit({ ...triage, change: { prompt: 'Something else.', model: 'claude-haiku-5-5' } });
      await handlers.due({ by: 'sweep' });
      expect(await handlers.questions.list({ state: 'open', limit: 10 })).toHaveLength(1);
      await answer();
      expect([change, await ended(run)]).toMatchObject([change, { outcome: 'proposed' }]);
      expect(server.requests[0]?.body.model).toBe('claude-opus-5-5');
      expect(JSON.stringify(server.requests[0]?.body.messages)).not.toContain('Something else.');
    }
  });

  test('whose worktree was deleted by hand ends with that reason, and what was allowed is not done elsewhere [yes-once]', async () => {
    const { run, worktree, later, repository } = await waiting();
    rmSync(worktree, { recursive: true });
    const { runtime, answer, ended, events } = await later();
    runtime.start();
    await answer();
    const end = await ended(run);
    expect(end).toMatchObject({
      outcome: 'failed',
      reason: { code: 'conflict', message: expect.stringContaining('was deleted'), cure: expect.any(String) },
    });
    expect(results(events(run))[1]).not.toBe('ok');
    expect(existsSync(worktree)).toBe(false);
    expect(repository.git('branch', '--list', 'nightshift/*')).toBe('');
  });

  test('whose repository was moved says where its work lies', async () => {
    const { run, worktree, later, repository } = await waiting();
    renameSync(repository.root, `${repository.root}-moved`);
    const { runtime, answer, ended } = await later();
    runtime.start();
    await answer();
    const { outcome, reason } = await ended(run);
    expect(outcome).toBe('failed');
    expect(reason).toMatchObject({ code: 'repo.missing', cure: expect.any(String) });
    expect(reason?.message).toContain(worktree);
    expect(existsSync(join(worktree, 'src/answer.js'))).toBe(true);
  });
});

describe('work that was not committed is kept on the branch of the run [survives-kill]', () => {
  test('when the key is gone by the time of the answer', async () => {
    const { run, worktree, later, kept } = await waiting();
    const { runtime, answer, ended } = await later({ env: { NIGHTSHIFT_MODEL: 'none' } });
    runtime.start();
    await answer();
    const { branch, outcome, reason } = await ended(run);
    expect([outcome, reason?.code]).toEqual(['failed', 'model.key_missing']);
    expect(reason?.message).toContain(`is on the branch ${branch}`);
    expect(kept(branch)).toContain('42');
    expect(existsSync(worktree)).toBe(false);
  });

  test('when the model is no more by the time of the answer', async () => {
    const { run, later, kept } = await waiting();
    const { runtime, answer, ended } = await later({ script: [fail(404, { message: 'model: gone' })] });
    runtime.start();
    await answer('deny');
    const { branch, reason } = await ended(run);
    expect(reason).toMatchObject({ code: 'model.unknown', cure: expect.any(String) });
    expect(kept(branch)).toContain('42');
  });

  test('when a later version cannot read what it was to do, and no other run is held up by that', async () => {
    const { run, paths, later, kept } = await waiting();
    const database = new Database(paths.database);
    database.exec("UPDATE run_specs SET body = json_set(body, '$.effort', 'as it was')");
    database.close();
    const { runtime, handlers, answer, ended, server } = await later({ script: [] });
    runtime.start();
    await answer();
    const { branch, outcome, reason } = await ended(run);
    expect([outcome, reason]).toMatchObject(['failed', { code: 'unsupported', cure: expect.any(String) }]);
    expect(reason?.message).toContain('effort');
    expect(kept(branch)).toContain('42');
    server.push(say('Nothing.'));
    const next = await handlers.routines.run({ routine: 'triage' });
    expect(await ended(next.run)).toMatchObject({ outcome: 'nothing_to_propose' });
  });

  test('when a person stops it, though there is no key', async () => {
    const { run, later, kept } = await waiting();
    const { runtime, handlers, ended } = await later({ env: { NIGHTSHIFT_MODEL: 'none' } });
    runtime.start();
    await handlers.runs.stop({ run });
    const { branch, outcome } = await ended(run);
    expect(outcome).toBe('stopped');
    expect(kept(branch)).toContain('42');
  });

  test('when the next occurrence takes its place after its host has died', async () => {
    const policies = { ...spec().policies, overlap: 'cancel_old' as const };
    const home = scratch();
    const routine = { schedule: '0 * * * *', policies, checks: [] };
    const first = await realRuntime({ script: [edit, hang()], home, routine });
    await first.add();
    const hour = 3_600_000;
    first.clock.pass(hour - (first.clock.now() % hour) + 1000);
    await first.handlers.due({ by: 'os_timer', routine: 'triage' });
    await first.server.arrived(2);
    await first.runtime.close();
    first.clock.pass(hour);
    const { repository, clock } = first;
    const next = await realRuntime({ script: [say('Nothing.')], home, routine, repository, clock });
    const [old] = await next.handlers.runs.list({ limit: 10 });
    // As the host finds it when it died between the claim of the next occurrence and the end of the old run.
    next.store.commit((writer) => writer.outbox.add('cancel', old?.id ?? ''));
    next.runtime.start();
    const { branch, outcome, reason } = await next.ended(old?.id ?? '');
    expect([outcome, reason?.code]).toEqual(['stopped', 'run.stopped']);
    expect(reason?.message).toContain('took its place');
    expect(repository.git('show', `${branch}:src/answer.js`)).toContain('42');
    expect(existsSync(join(next.paths.worktrees, old?.id ?? ''))).toBe(false);
    expect(next.store.outbox.pending('cancel')).toEqual([]);
    expect(await next.handlers.routines.ledger({ routine: 'triage', limit: 10 })).toContainEqual(
      expect.objectContaining({ run: old?.id, cause: 'overlapped' }),
    );
  });
});

describe('a yes counts no more [yes-once]', () => {
  const again = async (more: Setting, between: (clock: { pass(ms: number): void }) => void, setting: Setting = {}) => {
    const { question, clock, later, paths } = await waiting(setting);
    // Recorded by a host that dies before it does anything with it.
    const store = openStore(paths.database, clock);
    const [purse, grants] = [{ allow: () => {} }, {} as Grants];
    createQuestions({ store, clock, purse, grants, wake: () => {} }).answer(
      [{ question: question.id, bind: question.bind, decision: 'approve' }],
      'terminal',
    );
    store.close();
    between(clock);
    const next = await later({ script: [], ...more });
    next.runtime.start();
    const asked = await next.happens((e) => e.type === 'question.asked' && e.question.id !== question.id);
    return { asked: asked as Extract<Event, { type: 'question.asked' }>, next };
  };

  test.each([
    ['a day after it was given', 25 * 3_600_000],
    ['when the clock was set back meanwhile', -3_600_000],
  ])('%s', async (_when, ms) => {
    const { asked } = await again({}, (clock) => clock.pass(ms));
    expect(asked.question.action).toMatchObject({ kind: 'tool_call', command: 'touch asked.txt' });
  });

  test('for a host either, and the host is not reached meanwhile', async () => {
    for (const more of [{ rules: asking(() => 'v2') }, {}]) {
      const ms = more.rules ? 0 : 25 * 3_600_000;
      const { asked } = await again(more, (clock) => clock.pass(ms), { script: [edit, aHost] });
      expect(asked.question.action).toMatchObject({ kind: 'host', host: 'c.nightshift.invalid:443' });
    }
  });
});
