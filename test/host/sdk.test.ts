/** `nightshift/sdk` in a program: real loop, real store, real HTTP; what it is given, what it hears, and what it refuses. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { Fault } from '#contract/faults.ts';
import { productRoot } from '#host/self.ts';
import { type AgentEvent, type AgentOptions, createAgent, tool } from '#sdk/sdk.ts';
import { agentOn, heard } from '../fakes/embedded-agent.ts';
import { call, fail, hang, reply, type Step, say, startMessagesServer, text, use } from '../fakes/messages-server.ts';
import { scratch } from '../fakes/places.ts';
import { testRepository } from '../fakes/repository.ts';

const types = (events: AgentEvent[]) => events.filter(({ type }) => type !== 'delta').map(({ type }) => type);

/** A tool that notes what it was given. */
function stock(answer: (sku: string) => string = (sku) => `${sku}: 12 left`) {
  const asked: string[] = [];
  const own = tool({
    name: 'stock',
    description: 'How many of an article are left.',
    input: z.object({ sku: z.string().describe('Number of the article') }),
    run({ sku }) {
      asked.push(sku);
      return answer(sku);
    },
  });
  return { own, asked };
}

test('a prompt is worked on with a tool of the program; all is told as it happens, and what it cost', async () => {
  const { own, asked } = stock();
  const answers = [reply([text('Let me look.'), call('stock', { sku: 'a-1' }, 'toolu_1')]), say('Twelve are left.')];
  const { api, agent } = await agentOn(answers, { system: 'You count.', tools: [own] });
  const run = agent.run('How many a-1 are left?');
  const events = await heard(run);
  const result = await run.result;
  expect(asked).toEqual(['a-1']);
  expect(result).toMatchObject({ session: run.session, outcome: 'done', text: 'Twelve are left.', turns: 2 });
  expect(result).toMatchObject({ toolCalls: 1, usage: { input: 20, output: 40 } });
  // Opus 5.5: $4 and $20 per million tokens.
  expect(result.costDollars).toBeCloseTo((20 * 4 + 40 * 20) / 1e6, 10);
  expect(types(events)).toEqual([
    ...['message.added', 'turn.started', 'message.finished', 'permission.decided', 'tool.started', 'tool.finished'],
    ...['turn.started', 'message.finished'],
  ]);
  const written = events.flatMap((event) => (event.type === 'delta' ? [event.text] : [])).join('');
  expect(written).toBe('Let me look.Twelve are left.');
  const [first, second] = api.requests.map(({ body }) => body);
  expect(first?.system).toMatchObject([{ text: 'You count.' }]);
  expect(first?.tools).toMatchObject([
    { name: 'stock', input_schema: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] } },
  ]);
  expect(second?.messages.slice(0, 1)).toMatchObject([{ content: [{ text: 'How many a-1 are left?' }] }]);
  expect(second?.messages.at(-1)).toMatchObject({ content: [{ tool_use_id: 'toolu_1', content: 'a-1: 12 left' }] });
});

test('a session goes on with what was said before, and each of two that run at once has its own', async () => {
  const echo: Step = ({ body }) => say(`heard ${body.messages.length}`);
  const { agent } = await agentOn([echo, echo, echo]);
  const first = agent.run('one');
  const second = agent.run('two');
  expect((await Promise.all([first.result, second.result])).map((each) => each.text)).toEqual(['heard 1', 'heard 1']);
  const again = agent.run('three', { session: first.session });
  expect(await heard(again)).toContainEqual(expect.objectContaining({ type: 'message.added', text: 'three' }));
  expect((await again.result).text).toBe('heard 3');
  expect(agent.sessions().sort()).toEqual([first.session, second.session].sort());
});

test('a tool that throws, brings nonsense or is given nonsense is told to the model, and the session goes on', async () => {
  const broken = tool({
    ...{ name: 'broken', description: 'Breaks.', input: z.object({ how: z.enum(['throw', 'nonsense']) }) },
    run({ how }) {
      if (how === 'throw') throw new Error('the shelf is empty');
      return 7 as never;
    },
  });
  const script = [use('broken', { how: 'throw' }), use('broken', { how: 'nonsense' }), use('broken', { how: 'else' })];
  const { api, agent } = await agentOn([...script, use('unknown', {}), say('enough')], { tools: [broken] });
  expect((await agent.run('go').result).outcome).toBe('done');
  const told = api.requests.slice(1).map(({ body }) => JSON.stringify(body.messages.at(-1)));
  expect(told[0]).toContain('the shelf is empty');
  expect(told[1]).toContain('no text');
  expect(told[2]).toContain('The input of broken is not valid');
  expect(told[3]).toContain('There is no tool called \\"unknown\\". You have: broken.');
  for (const each of told) expect(each).toContain('"is_error":true');
});

test('rules and modes narrow what the program gave: denied is told, asked is decided by the program', async () => {
  const { own, asked } = stock();
  const look = tool({
    ...{ name: 'look', description: 'Looks.', input: z.object({}), readOnly: true },
    run: () => 'seen',
  });
  const script = () => [reply([call('stock', { sku: 'a' }), call('look', {})]), say('ok')];
  const outcomes = async (permissions: AgentOptions['permissions'], ask?: AgentOptions['ask']) => {
    const { agent } = await agentOn(script(), { tools: [own, look], permissions, ...(ask ? { ask } : {}) });
    const events = await heard(agent.run('go'));
    return events.flatMap((event) => (event.type === 'tool.finished' ? [event.code] : []));
  };
  expect(await outcomes({})).toEqual([null, null]);
  expect(await outcomes({ deny: ['stock'] })).toEqual(['rule.deny', null]);
  expect(await outcomes({ mode: 'plan' })).toEqual(['mode.plan', null]);
  expect(await outcomes({ mode: 'dontAsk', allow: ['look'] })).toEqual(['mode.dont_ask', null]);
  expect(await outcomes({ mode: 'default' })).toEqual(['rule.none', 'rule.none']);
  expect(asked).toEqual(['a']);
  const questions: unknown[] = [];
  const decided = await outcomes({ ask: ['stock'] }, async (question) => {
    questions.push(question.action);
    return { approve: questions.length === 1 };
  });
  expect(decided).toEqual([null, null]);
  expect(questions).toMatchObject([{ kind: 'tool_call', tool: 'stock', input: { sku: 'a' } }]);
  expect(await outcomes({ ask: ['stock'] }, () => ({ approve: false, note: 'not today' }))).toEqual([
    'question.denied',
    null,
  ]);
});

test('a parked session outlives the program, and goes on with the answer', async () => {
  const store = join(scratch(), 'sessions');
  const { own, asked } = stock();
  const options: AgentOptions = { tools: [own], store, permissions: { ask: ['stock'] }, ask: 'park' };
  const { agent, api } = await agentOn([use('stock', { sku: 'b' })], options);
  const parked = await agent.run('go').result;
  expect(parked).toMatchObject({ outcome: 'parked', question: { action: { tool: 'stock' } } });
  expect(() => agent.run('more', { session: parked.session })).toThrow(/parked on the question/);
  await expect(createAgent({ ...options, apiKey: 'k', baseUrl: api.url })).rejects.toMatchObject({
    ...{ code: 'conflict', field: 'store' },
  });
  await agent.close();
  const later = await agentOn([say('done')], options);
  expect(later.agent.sessions()).toEqual([parked.session]);
  const result = await later.agent.answer(parked.question?.id ?? '', true).result;
  expect(result).toMatchObject({ outcome: 'done', text: 'done', turns: 2, toolCalls: 1 });
  expect(asked).toEqual(['b']);
  const [first] = api.requests;
  expect(later.api.requests[0]?.body.messages.slice(0, 1)).toEqual(first?.body.messages);
  expect(() => later.agent.answer(parked.question?.id ?? '', true)).toThrow(/not open any more/);
});

test('a session that is stopped, in a request or in a tool, ends as stopped and can be gone on with', async () => {
  const { promise: inTool, resolve: begun } = Promise.withResolvers<AbortSignal>();
  const slow = tool({
    ...{ name: 'slow', description: 'Takes for ever.', input: z.object({}) },
    run: (_, { signal }) => {
      begun(signal);
      return new Promise<string>(() => {});
    },
  });
  const { api, agent } = await agentOn([hang(), use('slow', {}), say('back again')], { tools: [slow] });
  const waiting = agent.run('go');
  await api.arrived(1);
  waiting.stop();
  expect(await waiting.result).toMatchObject({ outcome: 'stopped', session: waiting.session });
  const abort = new AbortController();
  const calling = agent.resume(waiting.session, { signal: abort.signal });
  const signal = await inTool;
  abort.abort();
  expect((await calling.result).outcome).toBe('stopped');
  expect(signal.aborted).toBe(true);
  const result = await agent.run('and now?', { session: waiting.session }).result;
  expect(result).toMatchObject({ outcome: 'done', text: 'back again' });
  const [results, words] = api.requests.at(-1)?.body.messages.slice(-2) ?? [];
  expect(JSON.stringify(results)).toContain('tool_result');
  expect(words).toMatchObject({ content: [{ text: 'and now?' }] });
});

test('a failure of the model is a Fault, for whoever awaits the result and for whoever listens', async () => {
  const { agent } = await agentOn([fail(401), fail(401)]);
  const run = agent.run('go');
  await expect(run.result).rejects.toMatchObject({ code: 'model.key_rejected' });
  await expect(heard(agent.run('go'))).rejects.toMatchObject({ code: 'model.key_rejected' });
});

test('a tool that only the API refuses is named', async () => {
  const message = 'tools.1.custom.input_schema: JSON schema is invalid.';
  const { own } = stock();
  const other = tool({ ...{ name: 'other', description: 'd', input: z.object({}) }, run: () => '' });
  const { agent } = await agentOn([fail(400, { message })], { tools: [own, other] });
  await expect(agent.run('go').result).rejects.toMatchObject({
    message: expect.stringContaining('The API refuses the tool "other".'),
    field: 'tools[1]',
  });
});

test('a limit ends the session at a clean point and says so', async () => {
  const { own } = stock();
  const { agent } = await agentOn([use('stock', { sku: 'a' })], { tools: [own], limits: { turns: 1 } });
  expect(await agent.run('go').result).toMatchObject({ outcome: 'limit', reason: { code: 'limit.turns' }, turns: 1 });
});

const linux = process.platform === 'linux';
test('a limit right after a call: all is told and on disk before the result is there', async () => {
  const store = scratch();
  const { own } = stock();
  const answer = reply([call('stock', { sku: 'a-1' }, 'toolu_1')]);
  const { agent } = await agentOn([answer], { tools: [own], limits: { turns: 1 }, store });
  const run = agent.run('How many?');
  const events = heard(run);
  expect(await run.result).toMatchObject({ outcome: 'limit' });
  // Seen by somebody else, in the same moment.
  const other = new Database(join(store, 'sessions.db'), { readonly: true });
  onTestFinished(() => void other.close());
  const written = other.prepare('SELECT type FROM events ORDER BY seq').pluck().all();
  expect(written.slice(-2)).toEqual(['tool.started', 'tool.finished']);
  expect(types(await events).at(-1)).toBe('tool.finished');
});

test.skipIf(!linux)('built-in tools work in the sandbox, in that folder and nowhere else (needs Linux)', async () => {
  const { root, git } = testRepository({ 'notes.txt': 'one\n' });
  const outside = join(scratch(), 'outside.txt');
  writeFileSync(outside, 'secret');
  const script = [
    use('Bash', { command: `cat notes.txt; git log --oneline | wc -l; cat ${outside}; echo $ANTHROPIC_API_KEY` }),
    use('Write', { file_path: 'made.txt', content: 'by the agent\n' }),
    say('done'),
  ];
  const options: AgentOptions = { tools: ['Bash', 'Write'], sandbox: { directory: root } };
  const { agent } = await agentOn(script, options);
  const events = await heard(agent.run('go'));
  const [ran] = events.flatMap((event) => (event.type === 'tool.finished' ? [event] : []));
  expect(ran?.text).toContain('one\n1\n');
  expect(ran?.text).toContain('No such file or directory');
  expect(ran?.text).not.toMatch(/secret|sk-test/);
  expect(types(events)).toContain('sandbox.ready');
  expect(readFileSync(join(root, 'made.txt'), 'utf8')).toBe('by the agent\n');
  expect(git('status', '--porcelain')).toBe('?? made.txt');
});

test.skipIf(!linux)('a folder that may only be read is not written to, with git or without (needs Linux)', async () => {
  const directory = scratch();
  const script = [use('Bash', { command: 'echo x > made.txt' }), say('done')];
  const { agent } = await agentOn(script, { tools: ['Bash'], sandbox: { directory, access: 'read' } });
  await agent.run('go').result;
  expect(existsSync(join(directory, 'made.txt'))).toBe(false);
  expect(existsSync(join(directory, '.git'))).toBe(false);
});

test.skipIf(!linux)('where no sandbox can be made, that is said before anything is asked (needs Linux)', async () => {
  const api = await startMessagesServer();
  onTestFinished(() => api.close());
  const folder = scratch();
  const [program, directory] = [join(folder, 'program.ts'), join(folder, 'shown')];
  mkdirSync(directory);
  const options = { model: 'claude-opus-5-5', apiKey: 'k', baseUrl: api.url, tools: ['Bash'], sandbox: { directory } };
  writeFileSync(
    program,
    `import { createAgent } from ${JSON.stringify(join(productRoot, 'src-main/sdk/sdk.ts'))};
const agent = await createAgent(${JSON.stringify(options)} as never);
await agent.run('go').result.catch((fault) => console.log(fault.code, '|', fault.cure));
await agent.close();`,
  );
  // In here bubblewrap is no program.
  const without = ['--dev-bind', '/', '/', '--ro-bind', '/dev/null', '/usr/bin/bwrap', process.execPath, program];
  const { stdout } = await promisify(execFile)('bwrap', without, { cwd: productRoot });
  expect(stdout).toMatch(/^sandbox\.unavailable \| \w+/);
  expect(api.requests).toEqual([]);
});

const own = { name: 'own', description: 'd', input: z.object({}), run: () => '' };
const badly = (name: string, field: string, options: unknown): [string, string, unknown] => [name, field, options];
test.each([
  badly('an option that there is not', 'modell', { modell: 'x' }),
  badly('a model that is none', 'model', { model: 'rehearsal' }),
  badly('an address that is none', 'baseUrl', { baseUrl: 'example' }),
  badly('a limit beyond its range', 'limits.turns', { limits: { turns: 0 } }),
  badly('a limit that there is not', 'limits.rounds', { limits: { rounds: 1 } }),
  badly('a mode that there is not', 'permissions.mode', { permissions: { mode: 'bypassPermissions' } }),
  badly('an empty rule', 'permissions.deny[1]', { permissions: { deny: ['Bash', ''] } }),
  badly('a tool that there is not', 'tools[1]', { tools: [own, 'Telnet'] }),
  badly('a tool without a sandbox', 'sandbox', { tools: ['Bash'] }),
  badly('a folder that there is not', 'sandbox.directory', { sandbox: { directory: '/no/such/folder' } }),
  badly('a folder that is too much', 'sandbox.directory', { sandbox: { directory: '/' } }),
  badly('a host that is none', 'sandbox.network[0]', { sandbox: { directory: '.', network: ['http://x'] } }),
  badly('a tool without a name', 'tools[0].name', { tools: [{ ...own, name: undefined }] }),
  badly('a tool without a function', 'tools[0].run', { tools: [{ ...own, run: 'x' }] }),
  badly('a tool whose input is no schema', 'tools[0].input', { tools: [{ ...own, input: { sku: 'string' } }] }),
  badly('a tool whose input is no object', 'tools[0].input', { tools: [{ ...own, input: z.string() }] }),
  badly('a name with blanks', 'tools[0].name', { tools: [{ ...own, name: 'my tool' }] }),
  badly('a name that is taken', 'tools[1].name', { tools: [own, own] }),
  badly('a name of the product’s own', 'tools[0].name', { tools: [{ ...own, name: 'Bash' }] }),
  badly('an empty description', 'tools[0].description', { tools: [{ ...own, description: ' ' }] }),
  badly('an input that JSON cannot say', 'tools[0].input', { tools: [{ ...own, input: z.object({ at: z.date() }) }] }),
  badly('a field whose name the API refuses', 'tools[0].input', {
    tools: [{ ...own, input: z.object({ of: z.object({ 'a field': z.string() }) }) }],
  }),
  badly('a store without a name', 'store', { store: '' }),
  badly('a project that there is not', 'project', { project: '/no/such/folder' }),
  badly('a kind of subagent without a prompt', 'agents.reader.prompt', { agents: { reader: { description: 'd' } } }),
  badly('a name of a kind in capitals', 'agents.Reader', { agents: { Reader: { description: 'd', prompt: 'p' } } }),
  badly('a kind with a field that there is not', 'agents.reader.color', {
    agents: { reader: { description: 'd', prompt: 'p', color: 'red' } },
  }),
  badly('a kind with a tool that the agent has not', 'agents.reader.tools[1]', {
    ...{ tools: [own], agents: { reader: { description: 'd', prompt: 'p', tools: ['own', 'Bash'] } } },
  }),
  badly('kinds that are a list', 'agents', { agents: ['reader'] }),
  badly('a goal without a condition', 'goal.condition', { goal: { checks: ['true'] } }),
  badly('a goal that is too long', 'goal.condition', { goal: { condition: 'x'.repeat(4001) } }),
  badly('rounds beyond their range', 'goal.rounds', { goal: { condition: 'x', rounds: 21 } }),
  badly('checks without a sandbox', 'sandbox', { goal: { condition: 'x', checks: ['true'] } }),
])('refused before anything is opened: %s', async (_, field, options) => {
  const refused: Fault = await createAgent({ apiKey: 'k', ...(options as object) }).then(
    () => expect.unreachable(),
    (error) => error,
  );
  expect(refused).toMatchObject({ code: 'input', field });
  expect(refused.cure).toBeTruthy();
});

test('without a key, and with a prompt or a session that is none, it says which', async () => {
  const { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: url } = process.env;
  delete process.env.ANTHROPIC_API_KEY;
  delete process.env.ANTHROPIC_BASE_URL;
  onTestFinished(() => {
    if (key !== undefined) process.env.ANTHROPIC_API_KEY = key;
    if (url !== undefined) process.env.ANTHROPIC_BASE_URL = url;
  });
  await expect(createAgent({})).rejects.toMatchObject({ code: 'model.key_missing', field: 'apiKey' });
  const { agent } = await agentOn([hang()]);
  expect(() => agent.run(' ')).toThrow(expect.objectContaining({ code: 'input', field: 'prompt' }));
  expect(() => agent.resume('run-00000000')).toThrow(expect.objectContaining({ code: 'not_found', field: 'session' }));
  const { session } = agent.run('go');
  expect(() => agent.run('go', { session })).toThrow(expect.objectContaining({ code: 'conflict' }));
  await agent.close();
  expect(() => agent.run('go')).toThrow(expect.objectContaining({ code: 'conflict' }));
});
