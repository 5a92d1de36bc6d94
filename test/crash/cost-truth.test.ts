/** What a run says that it cost is what the server counted: to the last token, through a summary, failed tries, judges and a kill. */
import { expect, onTestFinished, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import type { Usage } from '#contract/runs.ts';
import { hostHome } from '../fakes/host-process.ts';
import { call, drop, fail, hang, type Step, startMessagesServer, text, thinking } from '../fakes/messages-server.ts';
import { spec } from '../fakes/places.ts';
import { brokenService } from '../fakes/real-runtime.ts';
import { limits } from '../fakes/records.ts';
import { testRepository } from '../fakes/repository.ts';
import { asker, counting, paidIn, tallied, type Who } from '../fakes/tally.ts';
import { verifies } from '../promises.ts';

/** The vendor's list price of the model below, in millionths of a dollar a token. */
const costOf = ({ input, output, cacheWrite, cacheRead }: Usage) =>
  Math.ceil(input + output * 5 + cacheWrite * 1.25 + cacheRead * 0.1);

const answer = counting();
const propose = () => call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] });
const judged = (verdict: string, quote = '') => text(JSON.stringify({ verdict, quote, reason: 'As seen.' }));
const evidence = [{ path: 'src/answer.js', line: 1, quote: 'answer = 42' }];
const graded = (verdict: string) =>
  call('Grade', { fits: true, explanation: '', criteria: [{ number: 1, verdict, reason: 'Seen.', evidence }] });

const edit = call('Edit', { file_path: 'src/answer.js', old_string: '41', new_string: '42' });
/** Each asker meets a busy server, a rate limit, a stream that breaks and a connection that is gone. */
const scripts = {
  session: [
    ...[fail(529), fail(429), answer([thinking('hm'), edit])],
    ...[answer([text('I look at the')], { cutAfter: 4 }), answer([call('Bash', { command: 'node answer.test.js' })])],
    ...[drop(), answer([call('Bash', { command: 'true' })], { input: 190_000 })],
    ...[answer([propose()]), answer([propose()]), answer([propose()])],
  ],
  compaction: [fail(529), answer([text('What was')], { cutAfter: 4 }), answer([text('The answer was mended.')])],
  judge: [
    ...[hang(), fail(429), answer([text('{"ver')], { cutAfter: 4 }), answer([judged('not_yet')])],
    ...[drop(), answer([judged('met', 'answer = 42')]), answer([judged('met', 'answer = 42')])],
  ],
  grader: [
    ...[fail(529), answer([text('I see')], { cutAfter: 4 })],
    ...[answer([call('Read', { file_path: 'src/answer.js' })]), answer([graded('needs_revision')])],
    answer([graded('satisfied')]),
  ],
} satisfies Partial<Record<Who, Step[]>>;

/** Those of events are made of whole counts only where the answer was whole. */
function compare(events: Event[], book: ReturnType<typeof tallied>['book']): void {
  const paid = events.flatMap((event) => paidIn(event) ?? []);
  for (const who of new Set([...book.map((each) => each.who), ...paid.map((each) => each.who)])) {
    const [counted, said] = [book.filter((each) => each.who === who), paid.filter((each) => each.who === who)];
    expect({ who, answers: said.length }).toEqual({ who, answers: counted.length });
    for (const [at, { usage, whole }] of counted.entries()) {
      const own = said[at] as (typeof said)[number];
      const { output } = own.usage;
      if (!whole) expect(output).toBeGreaterThan(0);
      // Nobody has heard how long the answer is of which the end is missing; all else is said at its beginning.
      const expected = whole ? usage : { ...usage, output };
      expect({ at, ...own }).toEqual({ at, who, usage: expected, costMicros: costOf(expected) });
    }
  }
}

const micros = (events: Event[]) =>
  events.reduce((sum, event) => sum + ('costMicros' in event ? event.costMicros : 0), 0);

test.skipIf(process.platform !== 'linux')(
  verifies(
    'money-reserved',
    'a run with a summary, retries, judges and graders, and a kill -9 in one of their calls, costs what the server counted (bubblewrap, Linux only)',
  ),
  async () => {
    const { step, book } = tallied(scripts);
    const server = await startMessagesServer(Array(100).fill(step));
    onTestFinished(() => server.close());
    const home = hostHome({ ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url });
    const first = await home.attach();
    await first.client.budgets.set({ dollarsPerDay: 500 });
    const aims = { goal: 'The answer is 42.', rubric: '- The answer is 42', checks: [] };
    const own = {
      repository: testRepository(brokenService).root,
      schedule: 'manual',
      model: 'claude-haiku-4-5-20251001',
    };
    const enough = limits({ dollars: 200, dollarsPerDay: 500, tokens: 100_000_000 });
    await first.client.routines.add({ id: 'triage', spec: spec({ ...own, ...aims, limits: enough }) });
    const { run } = await first.client.routines.run({ routine: 'triage' });
    await expect.poll(() => server.requests.some((each) => asker(each) === 'judge'), { timeout: 60_000 }).toBe(true);
    process.kill(first.hostPid, 'SIGKILL');
    await first.closed;

    const { client } = await home.attach();
    await expect.poll(async () => (await client.runs.get({ run })).state, { timeout: 90_000 }).toBe('ended');
    const over = await client.runs.get({ run });
    expect(over).toMatchObject({ outcome: 'proposed', goal: { verdict: 'met' }, grading: { state: 'satisfied' } });
    const events = await client.runs.events({ run, after: 0, limit: 1000 });
    const retried = events.flatMap((event) => (event.type === 'model.retrying' ? [event.status] : []));
    expect(retried.toSorted()).toEqual([429, 429, 529, 529, 529, null, null, null, null, null, null]);
    compare(events, book);

    // What nobody counted is the host's that died and the two that were sent in vain, and is said to be presumed.
    const presumed = events.filter((event) => event.type === 'cost.presumed');
    expect(presumed.map(({ purpose, why = 'killed' }) => [purpose, why])).toEqual([
      ['session', 'no_answer'],
      ['judge', 'killed'],
      ['judge', 'no_answer'],
    ]);
    expect(over.presumedMicros).toBe(micros(presumed));
    expect(over.costMicros).toBe(micros(events));
    const used = events.flatMap((event) => paidIn(event)?.usage ?? []);
    for (const kind of ['input', 'output', 'cacheRead', 'cacheWrite'] as const)
      expect({ [kind]: over.usage[kind] }).toEqual({ [kind]: used.reduce((sum, usage) => sum + usage[kind], 0) });

    const { all } = await client.budgets.get();
    expect(all).toMatchObject({ spentMicros: over.costMicros, reservedMicros: 0 });
    const { purposes, routines } = await client.budgets.costs({ days: 2 });
    expect(routines).toMatchObject([{ routine: 'triage', micros: over.costMicros }]);
    const by = (wanted: string) =>
      micros(events.filter((event) => (paidIn(event)?.who ?? ('purpose' in event && event.purpose)) === wanted));
    expect(Object.fromEntries(purposes.map(({ purpose, micros }) => [purpose, micros]))).toEqual(
      Object.fromEntries(['session', 'compaction', 'judge', 'grader'].map((who) => [who, by(who)])),
    );
    await client.host.stop({ force: true });
  },
  240_000,
);
