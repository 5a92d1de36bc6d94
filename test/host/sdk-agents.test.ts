/** Subagents of a program's agent: its own kinds, those of its project and the built-in ones, within its tools, its limits and its money. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { costMicros, type Rates, ratesOf } from '#core/budget/prices.ts';
import { type AgentOptions, tool } from '#sdk/sdk.ts';
import { bySpeaker, taskOf } from '../fakes/by-speaker.ts';
import { agentOn, heard } from '../fakes/embedded-agent.ts';
import { call, hang, type Received, reply, say, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';

const stock = tool({
  ...{ name: 'stock', description: 'How many are left.', input: z.object({ sku: z.string() }), readOnly: true },
  run: ({ sku }) => `${sku}: 12 left`,
});
const order = tool({ ...{ name: 'order', description: 'Orders.', input: z.object({}) }, run: () => 'ordered' });
const start = (task: string, more: object = {}) =>
  call('Agent', { description: `Does ${task}`, prompt: task, ...more });
const of = (requests: Received[], word: string) => requests.filter((request) => taskOf(request).includes(word));
const toolsIn = (request: Received | undefined) => request?.body.tools?.map((each) => 'name' in each && each.name);
const system = (request: Received | undefined) => JSON.stringify(request?.body.system);
const one = { input: 10, output: 20, cacheRead: 0, cacheWrite: 0 };

test('each kind works side by side with its own words, tools and model, is heard under its name, and all of it is paid once', async () => {
  const project = scratch();
  mkdirSync(join(project, '.claude/agents'), { recursive: true });
  const file = '---\nname: buyer\ndescription: Buys things.\ntools: order, Missing\nmodel: haiku\n---\nBuy little.\n';
  writeFileSync(join(project, '.claude/agents/buyer.md'), file);
  const script = bySpeaker({
    lead: [
      reply([
        ...[start('APPLE', { subagent_type: 'counter' }), start('PEAR', { subagent_type: 'buyer' })],
        ...[start('PLUM'), start('FIG', { isolation: 'worktree' }), start('KIWI', { subagent_type: 'nobody' })],
      ]),
      say('All done.'),
    ],
    APPLE: [use('stock', { sku: 'a' }), say('apple: 12')],
    PEAR: [use('stock', { sku: 'p' }), use('order', {}), say('pear ordered')],
    PLUM: [say('plum done')],
  });
  const { agent, api } = await agentOn(script, {
    ...{ tools: [stock, order], project },
    agents: { counter: { description: 'Counts.', prompt: 'You count APPLES only.', tools: ['stock'], effort: 'low' } },
  });
  const run = agent.run('go');
  const events = await heard(run);
  const result = await run.result;
  expect(result).toMatchObject({ outcome: 'done', text: 'All done.' });
  const [lead] = api.requests;
  expect(toolsIn(lead)).toEqual(['stock', 'order', 'Skill', 'Agent', 'SendMessage', 'TaskOutput', 'TaskStop']);
  expect(taskOf(lead as Received)).toContain('- counter: Counts.');
  expect(taskOf(lead as Received)).toContain('- buyer: Buys things.');
  const apple = of(api.requests, 'APPLE')[0];
  expect([toolsIn(apple), system(apple).includes('You count APPLES only.')]).toEqual([['stock'], true]);
  expect(system(apple)).not.toContain('repository');
  const pear = of(api.requests, 'PEAR');
  expect([toolsIn(pear[0]), pear[0]?.body.model]).toEqual([['order'], 'claude-haiku-5-5']);
  expect(JSON.stringify(pear[1]?.body.messages)).toContain('There is no tool called');
  expect(toolsIn(of(api.requests, 'PLUM')[0])).toEqual(['stock', 'order', 'Skill']);
  const back = JSON.stringify(api.requests.at(-1)?.body.messages.at(-1));
  for (const each of ['apple: 12', 'pear ordered', 'plum done', 'leave `isolation` out', 'no kind of subagent'])
    expect(back).toContain(each);
  const spoken = events.flatMap((event) =>
    event.type === 'delta' ? [`${event.agent ?? 'itself'}: ${event.text}`] : [],
  );
  expect(spoken.join('')).toContain('agent-1: ');
  const started = events.flatMap((event) => (event.type === 'agent.started' ? [event] : []));
  expect(started.map(({ agent: id, name }) => [id, name])).toEqual([
    ...[
      ['agent-1', 'counter'],
      ['agent-2', 'buyer'],
      ['agent-3', 'general-purpose'],
    ],
  ]);
  // To the last token: what the server counted, at each model's own price.
  const paid = api.requests.map(({ body }) => costMicros(ratesOf(body.model) as Rates, one));
  expect(Math.round(result.costDollars * 1e6)).toBe(paid.reduce((sum, each) => sum + each, 0));
  const byAgent = new Map<string, number>();
  for (const event of events)
    if (event.type === 'message.finished')
      byAgent.set(event.agent ?? '', (byAgent.get(event.agent ?? '') ?? 0) + event.costMicros);
  expect([...byAgent.values()].reduce((sum, each) => sum + each, 0)).toBe(Math.round(result.costDollars * 1e6));
  expect(byAgent.size).toBe(4);
});

test('sixteen at once stay under one cap, which ends the session at a clean point with what they had', async () => {
  const fruits = Array.from({ length: 16 }, (_, at) => `FRUIT${at}X`);
  const scripts = Object.fromEntries(
    fruits.map((fruit) => [fruit, [use('stock', { sku: fruit }), say(`${fruit} done`)]]),
  );
  const usage = { input_tokens: 10, output_tokens: 2_000 };
  const dear = Object.fromEntries(
    Object.entries(scripts).map(([name, lines]) => [
      name,
      lines.map((line) => ({ ...line, usage: { ...line.usage, ...usage } })),
    ]),
  );
  const script = bySpeaker({ lead: [reply(fruits.map((fruit) => start(fruit))), say('All.')], ...dear });
  const dollars = 0.9;
  const { agent, api } = await agentOn(script, { tools: [stock], agents: true, limits: { dollars } });
  const result = await agent.run('go').result;
  expect(result).toMatchObject({ outcome: 'limit', reason: { code: 'limit.dollars' } });
  expect(result.costDollars).toBeLessThanOrEqual(dollars);
  expect(result.costDollars).toBeGreaterThan(dollars / 2);
  const rates = ratesOf('claude-opus-5-5') as Rates;
  const [first, ...others] = api.requests;
  expect(first).toBeDefined();
  const paid = costMicros(rates, one) + others.length * costMicros(rates, { ...one, output: 2_000 });
  expect(Math.round(result.costDollars * 1e6)).toBe(paid);
});

test('what a subagent may do is asked of the program, and a session that was left goes on with the same ones from its folder', async () => {
  const store = join(scratch(), 'sessions');
  const asked: unknown[] = [];
  const options: AgentOptions = {
    ...{ tools: [stock, order], agents: true, store, permissions: { ask: ['order'] } },
    ask: ({ action }) => asked.push(action.kind === 'tool_call' && action.tool) > 0,
  };
  const lines = { lead: [reply([start('APPLE'), start('PEAR')])] };
  const { agent, api } = await agentOn(
    bySpeaker({ ...lines, APPLE: [use('order', {}), hang()], PEAR: [say('pear done')] }),
    options,
  );
  const run = agent.run('go');
  const events = heard(run);
  await expect.poll(() => of(api.requests, 'APPLE').length, { timeout: 20_000 }).toBe(2);
  expect(asked).toEqual(['order']);
  await agent.close();
  expect((await run.result).outcome).toBe('stopped');
  await events;
  const later = await agentOn(bySpeaker({ lead: [say('All.')], APPLE: [say('apple done')] }), options);
  expect(later.agent.sessions()).toEqual([run.session]);
  expect(await later.agent.resume(run.session).result).toMatchObject({ outcome: 'done', text: 'All.' });
  const again = of(later.api.requests, 'APPLE')[0];
  expect(JSON.stringify(again?.body.messages)).toContain('ordered');
  const back = JSON.stringify(later.api.requests.at(-1)?.body.messages.at(-1));
  for (const each of ['apple done', 'pear done']) expect(back).toContain(each);
});

test('one in the background is waited for, one below another is refused where its kind says nothing of it', async () => {
  const kinds = {
    worker: { description: 'Works.', prompt: 'Work.', background: true },
    leader: { description: 'Leads.', prompt: 'Lead.', tools: ['Agent', 'stock'] },
  };
  const script = bySpeaker({
    lead: [
      reply([start('APPLE', { subagent_type: 'worker' }), start('PEAR', { subagent_type: 'leader' })]),
      say('Wait.'),
      say('End.'),
    ],
    APPLE: [say('apple done')],
    PEAR: [reply([start('PLUM')]), say('pear done')],
    PLUM: [reply([start('FIG')]), say('plum done')],
  });
  const { agent, api } = await agentOn(script, { tools: [stock], agents: kinds });
  const result = await agent.run('go').result;
  expect(result.outcome).toBe('done');
  expect(toolsIn(of(api.requests, 'PEAR')[0])).toEqual(['stock', 'Agent', 'SendMessage']);
  expect(toolsIn(of(api.requests, 'PLUM')[0])).toEqual(['stock']);
  const all = JSON.stringify(api.requests.at(-1)?.body.messages);
  for (const each of ['apple done', 'pear done']) expect(all).toContain(each);
});
