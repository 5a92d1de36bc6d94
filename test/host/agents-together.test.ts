/** How subagents and those who started them wait for each other, for people and for limits; in the background, one below the other, and stopped. */
import { describe, expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import type { Question } from '#contract/questions.ts';
import type { Verdict } from '#core/permissions/judge.ts';
import type { Rules } from '#core/ports.ts';
import { bySpeaker, taskOf } from '../fakes/by-speaker.ts';
import { call, fail, hang, reply, say, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { brokenService, realRuntime, type Setting } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

type Product = Awaited<ReturnType<typeof realRuntime>>;
const propose = reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]);
const start = (task: string, more: object = {}) =>
  call('Agent', { description: `Does ${task}`, prompt: task, ...more });
const inBackground = (task: string) => start(task, { run_in_background: true });

const allowed: Verdict = {
  ...{ decision: 'allow', code: null, why: '', hint: null, rule: null, source: null },
  ...{ segment: null, path: null, approvable: true },
};
const asking: Rules = {
  load: async () => ({
    judge: {
      version: 'v1',
      judge: async (tool, input) =>
        tool.name === 'Bash' && /touch/.test(JSON.stringify(input))
          ? { ...allowed, decision: 'ask', code: 'rule.ask', why: 'A rule asks.' }
          : allowed,
    },
    ...{ sources: [], problems: [] },
  }),
};
const touch = (file: string) => use('Bash', { command: `touch ${file}` });

async function begun(
  script: Parameters<typeof bySpeaker>[0],
  setting: Setting = {},
  files: Record<string, string> = {},
) {
  const repository = setting.repository ?? testRepository({ ...brokenService, ...files });
  const it = await realRuntime({
    ...setting,
    repository,
    routine: { checks: [], ...setting.routine },
    script: bySpeaker(script),
  });
  await it.add();
  const { run } = await it.handlers.routines.run({ routine: 'triage' });
  return { ...it, run };
}

const results = (it: Product, run: string) =>
  it.events(run).flatMap((event) => (event.type === 'tool.finished' && event.agent === undefined ? [event] : []));
const questions = async (it: Product) => (await it.handlers.questions.list({ state: 'open', limit: 10 })) as Question[];
const approve = (it: Product, { id, bind }: Question) =>
  it.handlers.questions.answer({ answers: [{ question: id, bind, decision: 'approve' }], door: 'terminal' });
const parkedIn = (run: string) => (event: Event) => event.type === 'run.parked' && event.run === run;
const textsOf = (it: Product, word: string) =>
  it.server.requests
    .filter((request) => taskOf(request).includes(word))
    .map(({ body }) => JSON.stringify(body.messages));

describe('a question of a subagent [parks-durably]', () => {
  test('lets the others finish, then parks the run; answered by the next host, the same subagent goes on', async () => {
    const home = scratch();
    const first = await begun(
      {
        lead: [reply([start('APPLE'), start('PEAR')])],
        APPLE: [touch('apple.txt')],
        PEAR: [
          use('Bash', { command: 'echo one > pear.txt' }),
          use('Bash', { command: 'echo two >> pear.txt' }),
          say('pear done'),
        ],
      },
      { home, rules: asking },
    );
    const { run } = first;
    await first.happens(parkedIn(run));
    const [question] = await questions(first);
    expect((await first.handlers.runs.get({ run })).agents?.map(({ state }) => state)).toEqual(['waiting', 'finished']);
    expect(first.events(run).filter(({ type }) => type === 'run.parked')).toHaveLength(1);
    await expect.poll(() => first.runtime.busy()).toBe(false);
    await first.runtime.close();

    const script = bySpeaker({ lead: [propose], APPLE: [say('apple done')] });
    const next = await realRuntime({
      home,
      repository: first.repository,
      rules: asking,
      script,
      routine: { checks: [] },
    });
    next.runtime.start();
    await approve(next, question as Question);
    const ended = await next.ended(run);
    expect(ended.outcome).toBe('proposed');
    const said = results(next, run).map(({ ok, text }) => [ok, text.split('\n')[0]]);
    expect(said.slice(0, 2)).toEqual([
      [true, 'pear done'],
      [true, 'apple done'],
    ]);
    expect(textsOf(next, 'APPLE')).toHaveLength(1);
    expect((await next.handlers.proposals.diff({ proposal: ended.proposal as string })).patch).toContain('apple.txt');
  });

  test('answered while others still work, it goes on at once and nothing is parked', async () => {
    const it = await begun(
      {
        lead: [reply([start('APPLE'), start('PEAR')]), propose],
        APPLE: [touch('apple.txt'), say('apple done')],
        PEAR: [hang(), say('pear done')],
      },
      { rules: asking },
    );
    await it.happens((event) => event.type === 'question.asked');
    const [question] = await questions(it);
    await approve(it, question as Question);
    await it.happens((event) => event.type === 'agent.ended' && event.agent === 'agent-1');
    it.server.release();
    expect((await it.ended(it.run)).outcome).toBe('proposed');
    expect(it.events(it.run).some(parkedIn(it.run))).toBe(false);
  });

  test('is withdrawn as soon as a person who cuts in stops whoever asked it', async () => {
    const it = await begun(
      {
        lead: [reply([start('APPLE'), start('PEAR')]), hang(), propose],
        APPLE: [touch('apple.txt')],
        PEAR: [hang()],
      },
      { rules: asking },
    );
    const { run } = it;
    await it.happens((event) => event.type === 'question.asked');
    await it.handlers.runs.say({ run, text: 'Stop that.', interrupt: true, door: 'terminal' });
    await it.happens((event) => event.type === 'agent.ended' && event.agent === 'agent-1');
    expect(await questions(it)).toEqual([]);
    const answers = it.events(run).filter(({ type }) => type === 'question.answered');
    expect(answers).toMatchObject([{ state: 'withdrawn', by: 'nightshift' }]);
    await it.handlers.runs.stop({ run });
    await it.ended(run);
  });

  test('two that stand still: each goes on after its own answer', async () => {
    const it = await begun(
      {
        lead: [reply([start('APPLE'), start('PEAR')]), propose],
        APPLE: [touch('apple.txt'), say('apple done')],
        PEAR: [touch('pear.txt'), say('pear done')],
      },
      { rules: asking },
    );
    await it.happens(parkedIn(it.run));
    for (let left = 2; left > 0; left--) {
      await expect
        .poll(async () => (await it.handlers.runs.get({ run: it.run })).parkedOn, { timeout: 20_000 })
        .not.toBeNull();
      const { parkedOn } = await it.handlers.runs.get({ run: it.run });
      const open = await questions(it);
      expect(open).toHaveLength(left);
      // In any order: the run is parked on the one that was asked first.
      await approve(it, (open.find(({ id }) => id !== parkedOn) ?? open[0]) as Question);
    }
    expect((await it.ended(it.run)).outcome).toBe('proposed');
    expect(it.events(it.run).filter(({ type }) => type === 'question.asked')).toHaveLength(2);
  });
});

describe('subagents in the background [crew-under-one-cap]', () => {
  test('let the caller go on, bring their results by themselves, and are waited for before anything is proposed', async () => {
    const it = await begun({
      lead: [reply([inBackground('APPLE')]), use('Bash', { command: 'true' }), propose, say('I wait.'), propose],
      APPLE: [hang(), say('apple done')],
    });
    await it.happens((event) => event.type === 'tool.finished' && event.code === 'tool.agents_working');
    await it.happens((event) => event.type === 'message.finished' && event.agent === undefined && event.turn === 4);
    it.server.release();
    expect((await it.ended(it.run)).outcome).toBe('nothing_to_propose');
    expect(results(it, it.run)[0]).toMatchObject({ ok: true, text: expect.stringMatching(/^agent-1 .*background/) });
    const told = it.events(it.run).find((event) => event.type === 'message.added' && event.results);
    expect(told).toMatchObject({
      from: 'nightshift',
      results: ['agent-1'],
      text: expect.stringContaining('apple done'),
    });
  });

  test('do not keep a person waiting: what is said while they are waited for is heard at once', async () => {
    const it = await begun({
      lead: [reply([inBackground('APPLE')]), say('I wait.'), say('I hear you.'), propose],
      APPLE: [hang(), use('Bash', { command: 'true' }), hang(), say('apple done')],
    });
    const { run } = it;
    await it.happens((event) => event.type === 'message.finished' && event.agent === undefined && event.turn === 2);
    await it.server.arrived(3);
    // By the time that a command has run, nothing else is left to do than to wait.
    it.server.release();
    await it.server.arrived(4);
    await it.handlers.runs.say({ run, text: 'Are you there?', interrupt: false, door: 'terminal' });
    await expect.poll(() => it.server.requests.length, { timeout: 20_000 }).toBe(5);
    await it.happens((event) => event.type === 'message.finished' && event.agent === undefined && event.turn === 3);
    expect(JSON.stringify(it.server.requests.at(-1)?.body.messages)).toContain('Are you there?');
    expect((await it.handlers.runs.get({ run })).agents).toMatchObject([{ state: 'working' }]);
    it.server.release();
    expect((await it.ended(run)).outcome).toBe('nothing_to_propose');
    expect(textsOf(it, 'APPLE')).toHaveLength(2);
  });

  test.each(['Agent', 'TaskOutput'])('a person who cuts in during %s is heard at once', async (what) => {
    const waits = what === 'Agent' ? [reply([start('APPLE')])] : [reply([inBackground('APPLE')])];
    const more = what === 'Agent' ? [] : [use('TaskOutput', { agent: 'agent-1' })];
    const it = await begun({
      lead: [...waits, ...more, use('TaskStop', { agent: 'agent-1' }), propose],
      APPLE: [hang(), say('apple done')],
    });
    const { run } = it;
    await it.happens((event) => event.type === 'tool.started' && event.name === what);
    await it.happens((event) => event.type === 'turn.started' && event.agent === 'agent-1');
    await it.handlers.runs.say({ run, text: 'Stop that.', interrupt: true, door: 'terminal' });
    await expect
      .poll(() => results(it, run).some(({ code }) => code === 'run.interrupted'), { timeout: 20_000 })
      .toBe(true);
    expect((await it.ended(run)).outcome).toBe('nothing_to_propose');
    expect((await it.handlers.runs.get({ run })).agents).toMatchObject([{ state: 'stopped' }]);
    expect(results(it, run)).toHaveLength(what === 'Agent' ? 3 : 4);
  });

  test('are waited for, spoken to again, and stopped', async () => {
    const it = await begun({
      lead: [
        reply([inBackground('APPLE'), inBackground('PEAR')]),
        use('TaskOutput', { agent: 'agent-1' }),
        use('SendMessage', { agent: 'agent-1', message: 'And the core?' }),
        use('TaskStop', { agent: 'agent-2' }),
        use('SendMessage', { agent: 'agent-2', message: 'Go on after all.' }),
        use('TaskStop', { agent: 'agent-9' }),
        propose,
      ],
      APPLE: [say('apple is red'), say('the core is hard')],
      PEAR: [hang(), say('pear after all')],
    });
    const run = await it.ended(it.run);
    expect(run.outcome).toBe('nothing_to_propose');
    const texts = results(it, it.run).map(({ text }) => text.split('\n')[0]);
    expect(texts.slice(2)).toEqual([
      'apple is red',
      'the core is hard',
      'agent-2 (general-purpose) was stopped (agent.stopped).',
      'pear after all',
      'You have started no subagent "agent-9".',
      expect.stringContaining('Recorded'),
    ]);
    const [before, after] = textsOf(it, 'APPLE');
    expect(after?.startsWith((before as string).slice(0, -1).replace(/"cache_control".*$/, ''))).toBe(true);
    expect(after).toContain('And the core?');
    expect(run.agents?.map(({ state, turns }) => [state, turns])).toEqual([
      ['finished', 2],
      ['finished', 1],
    ]);
  });

  test('end their turn and no more when their caller waits for a person', async () => {
    const it = await begun(
      {
        lead: [reply([inBackground('APPLE')]), touch('lead.txt'), propose, say('I wait.'), propose],
        APPLE: [hang(), use('Bash', { command: 'echo 1 > apple.txt' }), say('apple done')],
      },
      { rules: asking },
    );
    await it.happens(parkedIn(it.run));
    // What its subagent asks is on its way, too.
    await it.server.arrived(3);
    it.server.release();
    await expect.poll(() => it.runtime.busy(), { timeout: 20_000 }).toBe(false);
    const asked = it.server.requests.length;
    expect((await it.handlers.runs.get({ run: it.run })).agents?.[0]).toMatchObject({ state: 'working', turns: 1 });
    const [question] = await questions(it);
    await approve(it, question as Question);
    const run = await it.ended(it.run);
    expect(run.outcome).toBe('proposed');
    expect(it.server.requests.length).toBeGreaterThan(asked);
  });

  test('go on under the next host where the first one left them', async () => {
    const home = scratch();
    const first = await begun(
      {
        lead: [reply([inBackground('APPLE')]), say('I wait.')],
        APPLE: [use('Bash', { command: 'echo 1 >> apple.txt' }), hang()],
      },
      { home },
    );
    await first.happens((event) => event.type === 'turn.started' && event.agent === 'agent-1' && event.turn === 2);
    await first.runtime.close();
    const script = bySpeaker({ lead: [propose], APPLE: [say('apple done')] });
    const next = await realRuntime({ home, repository: first.repository, script, routine: { checks: [] } });
    next.runtime.start();
    const run = await next.ended(first.run);
    expect(run.outcome).toBe('proposed');
    expect(run.agents?.map(({ state }) => state)).toEqual(['finished']);
    const { patch } = await next.handlers.proposals.diff({ proposal: run.proposal as string });
    expect(patch.match(/^\+1$/gm)).toHaveLength(1);
  });
});

describe('bounds of subagents [crew-under-one-cap]', () => {
  test('they start others only where their kind says so, and never too deep; stopping the run ends them all', async () => {
    const it = await begun(
      {
        lead: [reply([start('TOP', { subagent_type: 'leader' })])],
        TOP: [reply([start('MIDDLE', { subagent_type: 'leader' }), start('FREE')])],
        MIDDLE: [reply([start('BOTTOM', { subagent_type: 'leader' })])],
        BOTTOM: [use('Agent', { description: 'x', prompt: 'TOO FAR' }), hang()],
      },
      {},
      {
        '.claude/agents/leader.md': '---\nname: leader\ndescription: Leads\ntools: Read, Agent(leader)\n---\nYou lead.',
      },
    );
    await it.happens((event) => event.type === 'turn.started' && event.agent === 'agent-3' && event.turn === 2);
    await it.handlers.runs.stop({ run: it.run });
    const run = await it.ended(it.run);
    expect(run.outcome).toBe('stopped');
    expect(run.agents?.map(({ parent, state }) => [parent, state])).toEqual([
      [null, 'stopped'],
      ['agent-1', 'stopped'],
      ['agent-2', 'stopped'],
    ]);
    const refused = it
      .events(it.run)
      .flatMap((event) => (event.type === 'tool.finished' && event.agent && !event.ok ? [event.code] : []));
    expect(refused.slice(0, 2)).toEqual(['tool.not_found', 'tool.unknown']);
  });

  test('a limit of the account holds them all together, and the run with them', async () => {
    let limited = true;
    const says = (words: string) => () => (limited ? fail(429, { headers: { 'retry-after': '7200' } }) : say(words));
    const it = await begun({
      lead: [reply([start('APPLE'), start('PEAR')]), propose],
      APPLE: [says('apple done'), says('apple done')],
      PEAR: [says('pear done'), says('pear done')],
    });
    await it.happens((event) => event.type === 'run.held');
    await expect.poll(() => it.runtime.busy()).toBe(false);
    expect(it.events(it.run).filter(({ type }) => type === 'run.held')).toHaveLength(1);
    limited = false;
    it.clock.pass(3 * 60 * 60_000);
    await it.handlers.due({ by: 'sweep' });
    const run = await it.ended(it.run);
    expect(run.outcome).toBe('nothing_to_propose');
    expect(run.agents?.map(({ state }) => state)).toEqual(['finished', 'finished']);
  });
});
