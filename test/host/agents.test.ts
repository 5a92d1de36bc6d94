/** Subagents in real runs: git, the sandbox, SQLite and the model client; only what the models say is scripted. */
import { describe, expect, test } from 'vitest';
import { bySpeaker, taskOf } from '../fakes/by-speaker.ts';
import { call, fail, reply, say, use } from '../fakes/messages-server.ts';
import { brokenService, realRuntime, type Setting } from '../fakes/real-runtime.ts';
import { limits } from '../fakes/records.ts';
import { testRepository } from '../fakes/repository.ts';

type Product = Awaited<ReturnType<typeof realRuntime>>;
const propose = reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]);
const start = (task: string, more: object = {}) =>
  call('Agent', { description: `Does ${task}`, prompt: task, ...more });

async function product(
  script: Parameters<typeof bySpeaker>[0],
  setting: Setting = {},
  files: Record<string, string> = {},
) {
  const repository = testRepository({ ...brokenService, ...files });
  return realRuntime({
    repository,
    ...setting,
    routine: { checks: [], ...setting.routine },
    script: bySpeaker(script),
  });
}

const results = (it: Product, run: string) =>
  it.events(run).flatMap((event) => (event.type === 'tool.finished' && event.agent === undefined ? [event] : []));
const requestsOf = (it: Product, word: string) =>
  it.server.requests.filter((request) => taskOf(request).includes(word));

describe('a run [crew-under-one-cap]', () => {
  test('has several subagents at work at once, each with a context of its own, and is given their last words', async () => {
    const it = await product(
      {
        lead: [reply([start('APPLE', { subagent_type: 'explore' }), start('PEAR'), start('PLUM')]), propose],
        APPLE: [use('Read', { file_path: 'src/answer.js' }), say('apple: 41')],
        PEAR: [use('Bash', { command: 'echo pear > pear.txt' }), say('pear done')],
        PLUM: [say('plum done')],
      },
      {},
      { 'CLAUDE.md': 'Be brief.' },
    );
    const run = await it.runOnce();
    expect(run.outcome).toBe('proposed');
    expect(results(it, run.id).map(({ text }) => text.split('\n')[0])).toEqual([
      expect.stringMatching(/^apple: 41|^pear done|^plum done/),
      expect.any(String),
      expect.any(String),
      expect.stringContaining('Recorded'),
    ]);
    // The caller's next request has the three results in the order of its calls.
    const last = it.server.requests.at(-1)?.body.messages.at(-1)?.content as { content: string }[];
    expect(last.map(({ content }) => content.split('\n')[0])).toEqual(['apple: 41', 'pear done', 'plum done']);
    // Nobody sees what others were told; the files are shared.
    const [apple] = requestsOf(it, 'APPLE').slice(-1);
    expect(JSON.stringify(apple?.body.messages)).not.toContain('PEAR');
    expect(apple?.body.tools?.map((tool) => 'name' in tool && tool.name)).toEqual(['Read', 'Glob', 'Grep']);
    expect(taskOf(requestsOf(it, 'PEAR').find((r) => !taskOf(r).includes('APPLE')) as never)).toContain('Be brief.');
    expect(taskOf(apple as never)).not.toContain('Be brief.');
    const diff = await it.handlers.proposals.diff({ proposal: run.proposal as string });
    expect(diff.patch).toContain('pear.txt');
    expect(run.agents?.map(({ id, name, state, turns, toolCalls }) => [id, name, state, turns, toolCalls])).toEqual([
      ['agent-1', 'explore', 'finished', 2, 1],
      ['agent-2', 'general-purpose', 'finished', 2, 1],
      ['agent-3', 'general-purpose', 'finished', 1, 0],
    ]);
  });

  test('gives a kind from a file its own words, tools and model, and names a file that is broken', async () => {
    const it = await product(
      {
        lead: [
          reply([start('REVIEW', { subagent_type: 'reviewer' })]),
          use('Agent', { description: 'x', prompt: 'y', subagent_type: 'nobody' }),
          propose,
        ],
        REVIEW: [use('Bash', { command: 'true' }), say('looks right')],
      },
      {},
      {
        '.claude/agents/team/reviewer.md':
          '---\nname: reviewer\ndescription: Reviews changes\ntools: Read, Grep\nmodel: haiku\neffort: low\nmaxTurns: 3\nhooks: {}\n---\nYou review.',
        '.claude/agents/broken.md': '---\nname: broken\ndescription: [\n---\nx',
      },
    );
    const run = await it.runOnce();
    const loaded = it.events(run.id).find((event) => event.type === 'instructions.loaded');
    expect(loaded).toMatchObject({ problems: [{ path: '.claude/agents/broken.md' }] });
    if (loaded?.type !== 'instructions.loaded') throw new Error('nothing was loaded');
    expect(loaded.text).toContain('- reviewer: Reviews changes');
    expect(loaded.agents?.map(({ name, layer }) => [name, layer])).toEqual([
      ['explore', 'built_in'],
      ['general-purpose', 'built_in'],
      ['reviewer', 'project'],
      ['verifier', 'built_in'],
    ]);
    const [review] = requestsOf(it, 'REVIEW').filter(({ body }) => body.model !== 'claude-opus-5-5');
    expect(review?.body.model).toBe('claude-haiku-5-5');
    expect(JSON.stringify(review?.body.system)).toContain('You review.');
    expect(review?.body.tools?.map((tool) => 'name' in tool && tool.name)).toEqual(['Read', 'Grep']);
    const refused = it.events(run.id).find((event) => event.type === 'tool.finished' && event.agent === 'agent-1');
    expect(refused).toMatchObject({ code: 'tool.unknown' });
    expect(results(it, run.id)[1]).toMatchObject({
      ok: false,
      text: expect.stringContaining('explore, general-purpose, reviewer'),
    });
  });

  test('is told of a subagent that failed, and asks a stronger one', async () => {
    const it = await product({
      lead: [reply([start('HARD', { model: 'haiku' })]), reply([start('HARDER', { model: 'opus' })]), propose],
      HARDER: [say('solved')],
      HARD: [fail(400, { message: 'no such thing', headers: {} })],
    });
    const run = await it.runOnce();
    const [failed, solved] = results(it, run.id);
    expect(failed).toMatchObject({ ok: false, code: 'model.bad_request' });
    expect(solved).toMatchObject({ ok: true, text: expect.stringMatching(/^solved/) });
    expect(run.agents?.map(({ state, model }) => [state, model])).toEqual([
      ['failed', 'claude-haiku-5-5'],
      ['finished', 'claude-opus-5-5'],
    ]);
  });

  test('keeps sixteen subagents at once under one cap, and what they cost sums up to what the server counted', async () => {
    const names = Array.from({ length: 16 }, (_, n) => `WORK${n}X`);
    const usage = {
      input_tokens: 1000,
      output_tokens: 400,
      cache_read_input_tokens: 300,
      cache_creation_input_tokens: 200,
    };
    const scripts = Object.fromEntries(
      names.map((name) => [
        name,
        [
          reply([call('Bash', { command: 'true' })], { usage }),
          reply([{ type: 'text', text: name, citations: null }], { usage }),
        ],
      ]),
    );
    const it = await product(
      {
        ...scripts,
        lead: [
          reply(
            names.map((name) => start(name)),
            { usage },
          ),
          reply([call('Propose', { title: 'R', explanation: 'S', not_done: ['Nothing else.'] })], { usage }),
        ],
      },
      {
        routine: {
          limits: {
            dollars: 3,
            dollarsPerDay: 3,
            turns: 20,
            minutes: 10,
            tokens: 20_000_000,
            outputTokens: 1_000_000,
            toolCalls: 1000,
          },
        },
      },
    );
    let most = 0;
    it.store.listen((item) => {
      if (item.kind === 'event')
        most = Math.max(
          most,
          (it.store.read.runs({ limit: 1 })[0]?.costMicros ?? 0) + it.store.records.reservedMicros({}),
        );
    });
    const run = await it.runOnce();
    expect(it.server.requests).toHaveLength(34);
    // $4 in, $20 out, $5 written, $0.20 read, per million.
    const each = 1000 * 4 + 400 * 20 + 200 * 5 + 300 * 0.2;
    expect(run.costMicros).toBe(34 * each);
    expect(run.usage).toEqual({ input: 34_000, output: 13_600, cacheRead: 10_200, cacheWrite: 6_800 });
    expect(run.agents?.map(({ costMicros }) => costMicros)).toEqual(names.map(() => 2 * each));
    expect(most).toBeLessThanOrEqual(3_000_000);
    expect(it.store.records.reservedMicros({})).toBe(0);
    const costs = await it.handlers.budgets.costs({ days: 1 });
    expect(costs.purposes).toEqual([
      { purpose: 'agent general-purpose', micros: 32 * each },
      { purpose: 'session', micros: 2 * each },
    ]);
  });

  test('ends at a clean point where the cap binds in the middle of sixteen, and never goes beyond it', async () => {
    const names = Array.from({ length: 16 }, (_, n) => `WORK${n}X`);
    const usage = { input_tokens: 1000, output_tokens: 400 };
    // More than the cap holds, for each: whoever is ahead of the others never runs out.
    const lines = Array.from({ length: 20 }, () => reply([call('Bash', { command: 'true' })], { usage }));
    const it = await product(
      {
        ...Object.fromEntries(names.map((name) => [name, lines])),
        lead: [
          reply(
            names.map((name) => start(name)),
            { usage },
          ),
        ],
      },
      { routine: { whenAsked: 'deny', limits: limits({ dollars: 0.25, dollarsPerDay: 0.25 }) } },
    );
    let most = 0;
    it.store.listen(() => {
      const spent = it.store.read.runs({ limit: 1 })[0]?.costMicros ?? 0;
      most = Math.max(most, spent + it.store.records.reservedMicros({}));
    });
    const run = await it.runOnce();
    expect(most).toBeLessThanOrEqual(250_000);
    expect(run.costMicros).toBe(it.server.requests.length * (1000 * 4 + 400 * 20));
    expect(run.agents?.some(({ state }) => state === 'limit')).toBe(true);
    expect(run.reason?.code).toMatch(/^limit\./);
  });
});
