/** A run that must ask: its question is stored, its place is given free, and any answer lets the same run go on. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import type { Question } from '#contract/questions.ts';
import type { Verdict } from '#core/permissions/judge.ts';
import type { Rules } from '#core/ports.ts';
import { call, reply } from '../fakes/messages-server.ts';
import { realRuntime, type Setting } from '../fakes/real-runtime.ts';

const allowed: Verdict = {
  ...{ decision: 'allow', code: null, why: '', hint: null, rule: null, source: null },
  ...{ segment: null, path: null, approvable: true },
};

/** Asks for what `pattern` matches in a call's input. */
const asking = (pattern: RegExp, change: () => Partial<Verdict> = () => ({}), version = () => 'v1'): Rules => ({
  load: async () => ({
    judge: {
      version: version(),
      judge: async (_tool, input) =>
        pattern.test(JSON.stringify(input))
          ? { ...allowed, decision: 'ask', code: 'rule.ask', why: 'A rule asks.', rule: 'Bash(touch:*)', ...change() }
          : allowed,
    },
    sources: [],
    problems: [],
  }),
});

const touch = reply([call('Bash', { command: 'touch asked.txt' })]);
const edit = reply([call('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' })]);
const propose = reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]);

async function parked(setting: Setting) {
  const product = await realRuntime(setting);
  await product.add();
  const { run } = await product.handlers.routines.run({ routine: 'triage' });
  const isParked = (event: Event) => event.type === 'run.parked' && event.run === run;
  await product.happens(isParked);
  const [question] = await product.handlers.questions.list({ state: 'open', limit: 10 });
  const answer = (decision: 'approve' | 'deny', of = question as Question) =>
    product.handlers.questions.answer({
      answers: [{ question: of.id, bind: of.bind, decision, note: 'Because.' }],
      door: 'terminal',
    });
  return { ...product, run, question: question as Question, answer };
}

const results = (events: Event[]) =>
  events.flatMap((e) => (e.type === 'tool.finished' ? [{ ok: e.ok, code: e.code }] : []));

describe('a call that a rule asks about [parks-durably]', () => {
  test('holds nothing while it waits, and is done once after a yes, days later', async () => {
    const { run, question, answer, runtime, clock, ended, events, handlers, paths } = await parked({
      ...{ script: [touch, propose], rules: asking(/touch/) },
    });
    expect(question).toMatchObject({
      ...{ run, state: 'open', code: 'rule.ask' },
      action: { kind: 'tool_call', tool: 'Bash', command: 'touch asked.txt', cwd: '/workspace', policyVersion: 'v1' },
    });
    await expect.poll(() => runtime.busy()).toBe(false);
    expect(await handlers.runs.get({ run })).toMatchObject({ state: 'running', parkedOn: question.id });
    expect(existsSync(`${paths.worktrees}/${run}/asked.txt`)).toBe(false);
    clock.pass(3 * 86_400_000);
    await answer('approve');
    expect(await ended(run)).toMatchObject({ outcome: 'proposed', parkedOn: null });
    expect(results(events(run))).toEqual([
      { ok: true, code: null },
      { ok: true, code: null },
    ]);
    expect(existsSync(`${paths.worktrees}/${run}/asked.txt`)).toBe(true);
    expect((await handlers.questions.get({ question: question.id })).usedAt).not.toBeNull();
    await expect(answer('approve')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is denied after a no, with what the person said', async () => {
    const { run, answer, ended, events, server } = await parked({ script: [touch, propose], rules: asking(/touch/) });
    await answer('deny');
    await ended(run);
    expect(results(events(run))[0]).toEqual({ ok: false, code: 'question.denied' });
    expect(JSON.stringify(server.requests[1]?.body.messages)).toContain('They say: Because.');
  });

  test('is denied when nobody has answered by its deadline', async () => {
    const { run, clock, ended, events, handlers, answer } = await parked({
      ...{ script: [touch, propose], rules: asking(/touch/), routine: { answerWithin: 60 } },
    });
    clock.pass(3_600_000);
    await expect(answer('approve')).rejects.toMatchObject({ code: 'conflict' });
    await handlers.due({ by: 'sweep' });
    await ended(run);
    expect(results(events(run))[0]).toEqual({ ok: false, code: 'question.expired' });
  });

  test('shows the change of a file as a diff, and asks again when the file is another one by then [yes-once]', async () => {
    const { run, question, answer, happens, events, ended, handlers, file } = await parked({
      ...{ script: [edit, propose], rules: asking(/"old_string"/) },
    });
    expect(question.action).toMatchObject({
      path: 'src/answer.js',
      patch: expect.stringContaining('+export const answer = 42;'),
    });
    const { writeFileSync } = await import('node:fs');
    writeFileSync(file(run, 'src/answer.js'), '// moved\nexport const answer = 41;\n');
    await answer('approve');
    await happens((e) => e.type === 'question.asked' && e.question.id !== question.id);
    const [again] = await handlers.questions.list({ state: 'open', limit: 10 });
    expect(again?.bind).not.toBe(question.bind);
    expect(readFileSync(file(run, 'src/answer.js'), 'utf8')).toContain('41');
    await answer('approve', again);
    await ended(run);
    expect(readFileSync(file(run, 'src/answer.js'), 'utf8')).toBe('// moved\nexport const answer = 42;\n');
    expect(results(events(run)).at(0)).toEqual({ ok: true, code: null });
  });

  test('an approval under other rules does not count', async () => {
    let version = 'v1';
    const { question, answer, happens, handlers, run } = await parked({
      ...{ script: [touch, propose], rules: asking(/touch/, undefined, () => version) },
    });
    version = 'v2';
    await answer('approve');
    await happens((e) => e.type === 'question.asked' && e.question.id !== question.id);
    expect((await handlers.runs.get({ run })).state).toBe('running');
  });

  test('an answer for what was not shown is refused', async () => {
    const { question, handlers } = await parked({ script: [touch, propose], rules: asking(/touch/) });
    const answers = [{ question: question.id, bind: 'f'.repeat(64), decision: 'approve' as const }];
    await expect(handlers.questions.answer({ answers, door: 'browser' })).rejects.toMatchObject({ field: 'bind' });
  });

  test('stopping the run instead ends it and withdraws the question', async () => {
    const { run, question, handlers, ended, paths } = await parked({
      script: [touch, propose],
      rules: asking(/touch/),
    });
    await handlers.runs.stop({ run });
    expect(await ended(run)).toMatchObject({ outcome: 'stopped', reason: { code: 'run.stopped' } });
    expect((await handlers.questions.get({ question: question.id })).state).toBe('withdrawn');
    expect(existsSync(`${paths.worktrees}/${run}`)).toBe(false);
  });

  test('holds no other run of its routine up', async () => {
    const { handlers, run, ended } = await parked({ script: [touch, propose], rules: asking(/touch/) });
    const next = await handlers.routines.run({ routine: 'triage' });
    expect(next.run).not.toBe(run);
    expect(await ended(next.run)).toMatchObject({ outcome: 'nothing_to_propose' });
  });
});

test('where nobody is to be asked, the call is denied with its reason as data', async () => {
  const { runOnce, server } = await realRuntime({
    ...{ script: [touch, propose], rules: asking(/touch/), routine: { whenAsked: 'deny' } },
  });
  await runOnce();
  const told = JSON.stringify(server.requests[1]?.body.messages.at(-1));
  expect(told).toContain('\\"code\\":\\"rule.ask\\"');
});

describe('a run that is denied again and again', () => {
  const denying = asking(/touch/, () => ({ decision: 'deny', code: 'rule.deny' }));
  test('is handed to a person after three times the same, who may let it go on', async () => {
    const { question, answer, ended, run } = await parked({ script: [touch, touch, touch, propose], rules: denying });
    expect(question.action).toMatchObject({ kind: 'handover', denials: 3, codes: ['rule.deny'] });
    await answer('approve');
    expect(await ended(run)).toMatchObject({ outcome: 'nothing_to_propose' });
  });

  test('or end it, with its reason', async () => {
    const { answer, ended, run } = await parked({ script: [touch, touch, touch, propose], rules: denying });
    await answer('deny');
    expect(await ended(run)).toMatchObject({ outcome: 'failed', reason: { code: 'limit.denials' } });
  });
});
