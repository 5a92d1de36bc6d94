/** A limit of the account that a call beside the conversation meets: the run waits for it as for one of its own, and nothing is decided without it. */
import { describe, expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import { createRules } from '#host/settings/run-rules.ts';
import { call, fail, reply, type Step, say, use } from '../fakes/messages-server.ts';
import { scratch, spec } from '../fakes/places.ts';
import { realRuntime, type Setting } from '../fakes/real-runtime.ts';

const edit = use('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
const propose = () => reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]);
const limited = fail(429, { headers: { 'retry-after': '7200' } });
const met = say(JSON.stringify({ verdict: 'met', quote: 'answer = 42', reason: 'As seen.' }));
const evidence = [{ path: 'src/answer.js', line: 1, quote: 'answer = 42' }];
const criteria = [{ number: 1, verdict: 'satisfied', reason: 'It does.', evidence }];
const grade = use('Grade', { fits: true, explanation: '', criteria });
const full = reply([call('Bash', { command: 'true' })], { usage: { input_tokens: 950_000 } });
const dear = { ...spec().limits, dollars: 100, dollarsPerDay: 100, tokens: 50_000_000 };

interface Case {
  routine: Setting['routine'];
  /** Up to the call that is limited. */
  before: Step[];
  /** That call again, and what follows. */
  after: Step[];
  /** What only that call can bring. */
  brings: Event['type'];
}

const cases: [string, Case][] = [
  ['judge', { routine: { goal: 'The answer is 42.' }, before: [edit, propose()], after: [met], brings: 'goal.judged' }],
  [
    'grader',
    { routine: { rubric: '- The answer is 42' }, before: [edit, propose()], after: [grade], brings: 'outcome.graded' },
  ],
  [
    'classifier',
    {
      routine: { permissionMode: 'auto' },
      before: [edit, use('Bash', { command: 'touch made.txt' })],
      after: [say('ALLOW'), propose()],
      brings: 'permission.decided',
    },
  ],
  [
    'summary',
    {
      routine: { limits: dear },
      before: [edit, full],
      after: [say('What was done.'), propose()],
      brings: 'history.compacted',
    },
  ],
];

describe.each(cases)('a limit that the %s meets', (_who, { routine, before, after, brings }) => {
  test('holds the run, which goes on with that very call, once', async () => {
    const home = scratch();
    const rules = createRules({ home, platform: 'linux', system: scratch() });
    const setting = { home, rules, routine: { checks: [], ...routine } };
    const first = await realRuntime({ ...setting, script: [...before, limited] });
    await first.handlers.budgets.set({ dollarsPerDay: 100 });
    await first.add();
    const { run } = await first.handlers.routines.run({ routine: 'triage' });
    const event = await first.happens(({ type }) => type === 'run.held' || type === 'run.ended');
    expect(event).toMatchObject({ type: 'run.held', wait: 1, of: 3 });
    await expect.poll(() => first.runtime.busy()).toBe(false);
    const known = first.events(run);
    expect(known.filter(({ type }) => type === 'question.asked' || type === 'alert.raised')).toEqual([]);
    const count = (events: Event[]) => events.filter(({ type }) => type === brings).length;
    const sofar = count(known);
    const { costMicros: paid } = await first.handlers.runs.get({ run });
    await first.runtime.close();

    const { repository, clock } = first;
    const next = await realRuntime({ ...setting, repository, clock, script: after });
    next.runtime.start();
    await next.handlers.due({ by: 'os_timer', routine: 'triage' });
    expect(next.server.requests).toEqual([]);
    clock.pass(Date.parse((event as { until: string }).until) - clock.now() + 1);
    await next.handlers.due({ by: 'os_timer', routine: 'triage' });
    const over = await next.ended(run);
    expect(over).toMatchObject({ outcome: 'proposed' });
    expect(count(next.events(run)) - sofar).toBeGreaterThanOrEqual(1);
    expect(next.events(run).filter(({ type }) => type === 'run.held')).toHaveLength(1);
    expect(next.server.requests).toHaveLength(after.length);
    // A refusal costs nothing; what was paid before it stays paid.
    expect(over.costMicros).toBeGreaterThan(paid);
  });
});
