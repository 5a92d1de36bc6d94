/** What a run with subagents says that it cost is what the server counted: for each conversation, to the last token, at the price of its own model. */
import { expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import type { Usage } from '#contract/runs.ts';
import { askForSummary } from '#core/session/summary-words.ts';
import { taskOf } from '../fakes/by-speaker.ts';
import { call, drop, fail, type Received, type Step, text, thinking } from '../fakes/messages-server.ts';
import { brokenService, realRuntime } from '../fakes/real-runtime.ts';
import { limits } from '../fakes/records.ts';
import { testRepository } from '../fakes/repository.ts';
import { counting } from '../fakes/tally.ts';
import { verifies } from '../promises.ts';

/** The vendor's list prices, in millionths of a dollar a token: in, out, written, read. Haiku's are by the length of the prompt. */
const opus = [4, 20, 5, 0.2] as const;
const haiku = (prompt: number) => (prompt <= 100_000 ? [0.1, 0.5, 0.125, 0.01] : [0.5, 2.5, 0.625, 0.05]);

function costOf(model: string, { input, output, cacheWrite, cacheRead }: Usage): number {
  const [i = 0, o = 0, w = 0, r = 0] = model === 'claude-haiku-5-5' ? haiku(input + cacheWrite + cacheRead) : opus;
  return Math.ceil(input * i + output * o + cacheWrite * w + cacheRead * r);
}

const start = (task: string, more: object = {}) => call('Agent', { description: 'Looks', prompt: task, ...more });
const bash = (command: string) => call('Bash', { command });
const answer = counting();
const full = { input: 950_000 };
const propose = () => answer([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]);

/**
 * One below another, on another model, in a worktree, in the background; each meets a busy server or a broken stream, and
 * two fill their context. What is far beyond the bytes that were sent comes first: later on nobody would wait for it.
 */
const scripts: Record<string, Exclude<Step, (...given: never[]) => unknown>[]> = {
  lead: [
    fail(529),
    answer([thinking('hm'), start('APPLE', { subagent_type: 'leader' }), start('PEAR', { model: 'haiku' })], full),
    ...[fail(529), answer([start('PLUM', { run_in_background: true, isolation: 'worktree' })])],
    ...[answer([text('I look at')], { cutAfter: 4 }), answer([text('I wait.')])],
    ...[propose(), propose(), propose()],
  ],
  'lead, summary': [fail(529), answer([text('All was looked at.')])],
  APPLE: [
    ...[fail(529), answer([start('GRAPE', { model: 'haiku' })], full)],
    ...[drop(), answer([bash('echo apple > apple.txt')])],
    ...[answer([text('I look at')], { cutAfter: 4 }), answer([text('apple done')])],
  ],
  'APPLE, summary': [fail(529), answer([text('One was asked.')])],
  // With what is read from the cache it is beyond 100,000 tokens.
  GRAPE: [fail(529), answer([bash('true')], { input: 90_000 }), answer([text('grape done')])],
  PEAR: [fail(429), answer([bash('echo pear > pear.txt')], { input: 120_000 }), answer([text('pear done')])],
  PLUM: [fail(529), answer([bash('echo plum > plum.txt')]), fail(529), answer([text('plum done')])],
};
const names = ['APPLE', 'GRAPE', 'PEAR', 'PLUM'];

interface Counted {
  who: string;
  model: string;
  usage: Usage;
  whole: boolean;
}

function serverWithBook(): { step: Step; book: Counted[] } {
  const book: Counted[] = [];
  const left = new Map(Object.entries(scripts).map(([who, steps]) => [who, [...steps]]));
  const step = (request: Received) => {
    const speaker = names.find((name) => taskOf(request).includes(name)) ?? 'lead';
    const last = JSON.stringify(request.body.messages.at(-1));
    const who = last.includes(JSON.stringify(askForSummary).slice(1, 80)) ? `${speaker}, summary` : speaker;
    const next = left.get(who)?.shift() ?? fail(400, { message: `nothing left for ${who}`, headers: {} });
    if (next.kind === 'reply') {
      const { input_tokens: input, output_tokens: output } = next.usage;
      const { cache_read_input_tokens: cacheRead, cache_creation_input_tokens: cacheWrite } = next.usage;
      const usage = { input, output, cacheRead, cacheWrite };
      book.push({ who, model: request.body.model, usage, whole: next.cutAfter === undefined });
    }
    return next;
  };
  return { step: step as Step, book };
}

/** Whose each event is: that of a subagent says so by its id, and the prompt of its call is its name. */
function paidIn(events: readonly Event[]) {
  const calls = new Map(
    events.flatMap((event) =>
      event.type === 'tool.started' ? [[event.call, event.input as { prompt?: string }]] : [],
    ),
  );
  const called = new Map<string, string>();
  for (const event of events)
    if (event.type === 'agent.started') called.set(event.agent, calls.get(event.call)?.prompt ?? '?');
  const nameOf = (event: Event) => ('agent' in event && event.agent ? (called.get(event.agent) ?? '?') : 'lead');
  const paid = events.flatMap((event) => {
    const who = nameOf(event);
    if (event.type === 'message.finished' || event.type === 'answer.lost')
      return [{ who, usage: event.usage, costMicros: event.costMicros }];
    if (event.type === 'history.compacted' || event.type === 'side.answered')
      return [{ who: `${who}, summary`, usage: event.usage, costMicros: event.costMicros }];
    return [];
  });
  const presumed = events.flatMap((event) =>
    event.type === 'cost.presumed' ? [{ ...event, who: nameOf(event) }] : [],
  );
  return { paid, presumed, called };
}

const total = (rows: { costMicros: number }[]) => rows.reduce((sum, { costMicros }) => sum + costMicros, 0);

test.skipIf(process.platform !== 'linux')(
  verifies(
    'crew-under-one-cap',
    'subagents, one below another and in the background, with summaries and failed tries, cost what the server counted for each (bubblewrap, Linux only)',
  ),
  async () => {
    const { step, book } = serverWithBook();
    const leader = '---\nname: leader\ndescription: Leads\ntools: Bash, Agent(general-purpose)\n---\nYou lead.';
    const it = await realRuntime({
      script: Array(100).fill(step),
      repository: testRepository({ ...brokenService, '.claude/agents/leader.md': leader }),
      routine: { checks: [], limits: limits({ dollars: 200, dollarsPerDay: 500, tokens: 100_000_000 }) },
    });
    await it.handlers.budgets.set({ dollarsPerDay: 500 });
    const run = await it.runOnce();
    expect(run).toMatchObject({ outcome: 'proposed' });
    expect(run.agents?.map(({ state }) => state)).toEqual(names.map(() => 'finished'));
    const events = it.events(run.id);
    const { paid, presumed, called } = paidIn(events);

    // Each answer of the server stands in one event of whoever had asked, with its count and the price of its model.
    const expected = book.map(({ who, model, usage, whole }, at) => {
      const nth = book.slice(0, at).filter((each) => each.who === who).length;
      const said = paid.filter((each) => each.who === who)[nth]?.usage.output ?? 0;
      if (!whole) expect(said).toBeGreaterThan(0);
      // Nobody has heard how long the answer is of which the end is missing; all else is said at its beginning.
      const counted = whole ? usage : { ...usage, output: said };
      return { who, model, usage: counted, costMicros: costOf(model, counted) };
    });
    for (const who of Object.keys(scripts)) {
      const of = <T extends { who: string }>(rows: T[]) => rows.filter((row) => row.who === who);
      expect(of(paid)).toEqual(of(expected).map(({ model, ...rest }) => rest));
    }
    expect(paid).toHaveLength(book.length);
    // The one request that was sent in vain is nobody's count, and is said to be presumed.
    expect(presumed.map(({ who, why }) => [who, why])).toEqual([['APPLE', 'no_answer']]);
    expect(run.presumedMicros).toBe(total(presumed));
    expect(run.costMicros).toBe(total(expected) + total(presumed));
    for (const kind of ['input', 'output', 'cacheRead', 'cacheWrite'] as const)
      expect([kind, run.usage[kind]]).toEqual([kind, expected.reduce((sum, { usage }) => sum + usage[kind], 0)]);

    // The same, rolled up for each subagent, request by request, and for the day.
    const ofSpeaker = (name: string) =>
      total([...expected, ...presumed].filter(({ who }) => who === name || who === `${name}, summary`));
    const threads = Object.fromEntries((run.agents ?? []).map(({ id, costMicros }) => [called.get(id), costMicros]));
    expect(threads).toEqual(Object.fromEntries(names.map((name) => [name, ofSpeaker(name)])));
    const costs = await it.handlers.runs.costs({ run: run.id });
    expect(costs).toMatchObject({ micros: run.costMicros, usage: run.usage });
    expect(new Map(costs.agents.map(({ agent, micros }) => [called.get(agent ?? '') ?? 'lead', micros]))).toEqual(
      new Map(
        ['lead', ...names].map((name) => [name, ofSpeaker(name)]).toSorted(([, a], [, b]) => Number(b) - Number(a)) as [
          string,
          number,
        ][],
      ),
    );
    const asked = (rows: { model: string }[]) => rows.map(({ model }) => model).toSorted();
    expect(asked(costs.requests.filter((row) => !row.presumed))).toEqual(asked(expected));
    const { all } = await it.handlers.budgets.get(undefined);
    expect(all).toMatchObject({ spentMicros: run.costMicros, reservedMicros: 0 });
    const { purposes, routines } = await it.handlers.budgets.costs({ days: 2 });
    expect(routines).toMatchObject([{ routine: 'triage', micros: run.costMicros }]);
    expect(purposes.reduce((sum, { micros }) => sum + micros, 0)).toBe(run.costMicros);
  },
  90_000,
);
