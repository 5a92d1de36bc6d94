/** Subagents in worktrees of their own, and a stronger model that is asked for advice: real git, real sandboxes, a scripted model. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bySpeaker, taskOf } from '../fakes/by-speaker.ts';
import { call, fail, reply, say, use } from '../fakes/messages-server.ts';
import { brokenService, realRuntime, type Setting } from '../fakes/real-runtime.ts';
import { testRepository } from '../fakes/repository.ts';

type Product = Awaited<ReturnType<typeof realRuntime>>;
const propose = reply([call('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] })]);
const apart = (task: string) => call('Agent', { description: `Does ${task}`, prompt: task, isolation: 'worktree' });
const results = (it: Product, run: string) =>
  it.events(run).flatMap((event) => (event.type === 'tool.finished' && event.agent === undefined ? [event] : []));

async function product(script: Parameters<typeof bySpeaker>[0], setting: Setting = {}) {
  const repository = testRepository(brokenService);
  return realRuntime({
    repository,
    ...setting,
    routine: { checks: [], ...setting.routine },
    script: bySpeaker(script),
  });
}

describe('a subagent in a worktree of its own [crew-under-one-cap]', () => {
  test('changes nothing of its caller, who is given its branch and can take its change over', async () => {
    const it = await product({
      lead: [
        use('Bash', { command: 'echo mine > lead.txt' }),
        reply([apart('APPLE'), apart('PEAR')]),
        use('Bash', { command: 'ls' }),
        ({ body }) => {
          const told = JSON.stringify(body.messages);
          const [, command = ''] = /(git diff --binary [0-9a-f]+ [0-9a-f]+ \| git apply)/.exec(told) ?? [];
          return use('Bash', { command }) as never;
        },
        propose,
      ],
      APPLE: [use('Bash', { command: 'ls; echo 42 > apple.txt' }), say('apple done')],
      PEAR: [use('Bash', { command: 'ls' }), say('pear saw nothing')],
    });
    const run = await it.runOnce();
    const [, first, second, listed, applied] = results(it, run.id);
    const [apple, pear] = [first, second].sort((a, b) => (String(a?.text) < String(b?.text) ? -1 : 1));
    expect(apple?.text).toMatch(/^apple done[\s\S]*-agent-1 [\s\S]*\+42/);
    expect(pear?.text).toContain('It has changed nothing');
    expect(listed?.text).not.toContain('apple.txt');
    expect(applied).toMatchObject({ ok: true });
    const { patch } = await it.handlers.proposals.diff({ proposal: run.proposal as string });
    expect(patch).toContain('apple.txt');
    expect(patch).toContain('lead.txt');
    // Only what holds work is left: one branch, and no folder.
    const branches = it.repository.git('branch', '--list', '*-agent-*', '--format=%(refname:short)').trim();
    expect(branches).toBe(`${run.branch}-agent-1`);
    expect(it.repository.git('show', `${branches}:apple.txt`)).toBe('42');
    expect(
      existsSync(it.paths.worktrees) ? readdirSync(it.paths.worktrees).filter((name) => name.includes('agent')) : [],
    ).toEqual([]);
    // What the caller had changed and not committed was there, and is no change of the subagent's.
    const seen = it
      .events(run.id)
      .flatMap((event) => (event.type === 'tool.finished' && event.agent ? [event.text] : []));
    expect(seen).toHaveLength(2);
    for (const each of seen) expect(each).toContain('lead.txt');
    expect(apple?.text).not.toContain('+mine');
    const told = it.server.requests.map(({ body }) => JSON.stringify(body.system));
    expect(told.join()).toContain('begins with the files of the run as they were when you were started');
  });

  test('keeps what it did on its branch when its run is stopped', async () => {
    const it = await product({
      lead: [reply([apart('APPLE')])],
      APPLE: [use('Bash', { command: 'echo 42 > apple.txt' }), use('Bash', { command: 'sleep 600' })],
    });
    await it.add();
    const { run: id } = await it.handlers.routines.run({ routine: 'triage' });
    await it.happens((event) => event.type === 'turn.started' && event.agent === 'agent-1' && event.turn === 2);
    await it.handlers.runs.stop({ run: id });
    const run = await it.ended(id);
    expect(run.outcome).toBe('stopped');
    expect(it.repository.git('show', `${run.agents?.[0]?.branch}:apple.txt`)).toBe('42');
    expect(readdirSync(it.paths.worktrees)).toEqual([]);
  });

  test('is refused where the run may only look', async () => {
    const it = await product({ lead: [reply([apart('APPLE')]), propose] }, { routine: { permissionMode: 'plan' } });
    const run = await it.runOnce();
    expect(results(it, run.id)[0]).toMatchObject({ ok: false, code: 'agent.unsupported' });
  });
});

describe('an advisor [crew-under-one-cap]', () => {
  const usage = { input_tokens: 1000, output_tokens: 100, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };

  test('is asked with the conversation as text, answers once, and is paid by the run', async () => {
    const it = await product(
      {
        lead: [use('Bash', { command: 'echo stuck-here' }), use('advisor', { question: 'What now?' }), propose],
        'Its question': [reply([{ type: 'text', text: 'Look at answer.js.', citations: null }], { usage })],
      },
      { routine: { advisor: 'opus', model: 'claude-haiku-5-5' } },
    );
    const run = await it.runOnce();
    expect(results(it, run.id)[1]).toMatchObject({ ok: true, text: expect.stringContaining('Look at answer.js.') });
    const asked = it.server.requests.find((request) => taskOf(request).includes('Its question'));
    expect(asked?.body.model).toBe('claude-opus-5-5');
    expect(asked?.body.tools ?? []).toEqual([]);
    expect(taskOf(asked as never)).toContain('stuck-here');
    expect(taskOf(asked as never)).toContain('What now?');
    const costs = await it.handlers.budgets.costs({ days: 1 });
    expect(costs.purposes.find(({ purpose }) => purpose === 'advisor')?.micros).toBe(1000 * 4 + 100 * 20);
  });

  test('who was not named is no tool; who cannot be asked is told, and the run goes on', async () => {
    const without = await product({ lead: [use('advisor', { question: 'x' }), propose] });
    const alone = await without.runOnce();
    expect(without.server.requests[0]?.body.tools?.some((tool) => 'name' in tool && tool.name === 'advisor')).toBe(
      false,
    );
    expect(results(without, alone.id)[0]).toMatchObject({ code: 'tool.unknown' });

    const broken = await product(
      { lead: [use('advisor', { question: 'x' }), propose], 'Its question': [fail(400, { headers: {} })] },
      { routine: { advisor: 'claude-opus-5-5' } },
    );
    const run = await broken.runOnce();
    expect(run.outcome).toBe('nothing_to_propose');
    expect(results(broken, run.id)[0]).toMatchObject({ ok: false, code: 'model.bad_request' });
  });
});
