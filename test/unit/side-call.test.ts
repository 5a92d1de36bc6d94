/** Calls beside the conversation: reserved before they are made, settled after, and none without room for its worst. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isHeldUp } from '#core/budget/failed-try.ts';
import { createPurse, type Payer } from '#core/budget/purse.ts';
import { askBeside } from '#core/budget/side-call.ts';
import type { ResolvedModel } from '#core/ports.ts';
import { openStore } from '#core/store/event-log.ts';
import { systemClock } from '#host/clock.ts';
import { createModels } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import { manualClock } from '../fakes/manual-clock.ts';
import { cut, drop, fail, hang, reply, type Step, say, startMessagesServer, text } from '../fakes/messages-server.ts';
import { scratch, silent } from '../fakes/places.ts';

const run = 'run-00000001';
const question = { purpose: 'classifier', system: 'Judge.', text: 'This.' };

async function setUp(script: Step[], runCap = 1_000_000, clock = systemClock, maxRetries = 0, list?: object) {
  const server = await startMessagesServer(script, list);
  const paths = resolvePaths({ NIGHTSHIFT_HOME: scratch() });
  const vault = { get: async () => null, set: async () => {}, delete: async () => {} };
  const env = { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url };
  const models = createModels({ env, paths, vault, log: silent, maxRetries });
  if (list) await models.list(true);
  const store = openStore(join(scratch(), 'a.db'), clock);
  onTestFinished(async () => {
    store.close();
    await models.close();
    await server.close();
  });
  store.commit((writer) => writer.append({ type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } }));
  const purse = createPurse({ store, clock, startOfDay: (at) => at - (at % 86_400_000) });
  const payer: Payer = { run, routine: 'triage', runCap, routineDayCap: 10_000_000 };
  const model = await models.resolve('claude-opus-5-5', 'triage');
  const abort = new AbortController();
  const go = (more: object = {}) =>
    askBeside({ store, clock, purse, model, payer: () => payer }, { ...question, ...more }, abort.signal);
  const cost = () => store.read.run(run)?.costMicros ?? 0;
  return { server, store, purse, payer, models, model, go, abort, cost };
}

test('its worst is held back while it is under way, and what it came to is recorded after', async () => {
  const { go, server, purse, cost, store } = await setUp([hang(), say('ALLOW')]);
  const answer = go();
  await server.arrived(1);
  expect(purse.today().reserved).toBeGreaterThan(40_000);
  server.release();
  expect(await answer).toBe('ALLOW');
  expect(purse.today()).toMatchObject({ reserved: 0, spent: cost() });
  expect(cost()).toBe(10 * 4 + 20 * 20);
  expect(store.events({ after: 1, limit: 10 })).toMatchObject([{ type: 'side.answered', run, purpose: 'classifier' }]);
});

test('what does not fit under the cap is not asked', async () => {
  const { go, server, cost } = await setUp([say('ALLOW')], 30_000);
  await expect(go()).rejects.toMatchObject({ code: 'limit.dollars' });
  expect(server.requests).toHaveLength(0);
  expect(cost()).toBe(0);
});

test('what fits only after others have settled waits for them', async () => {
  const { go, server, purse, payer, store } = await setUp([say('ALLOW')], 60_000);
  const other = store.commit((writer) => purse.reserve(writer, payer, 'session', 50_000));
  const answer = go();
  expect(server.requests).toHaveLength(0);
  store.commit((writer) => other.settle(writer, 0));
  expect(await answer).toBe('ALLOW');
});

test('one that breaks off in the middle is paid for as far as it came, and asked for again in sight', async () => {
  const { go, purse, cost, store } = await setUp([cut([text('ALL')], 4), say('ALLOW')]);
  expect(await go()).toBe('ALLOW');
  expect(cost()).toBe(10 * 4 + 3 * 20 + 10 * 4 + 20 * 20);
  expect(purse.today()).toMatchObject({ reserved: 0, spent: cost() });
  const [, , retrying] = store.events({ after: 0, limit: 10 });
  expect(retrying).toMatchObject({ type: 'model.retrying', purpose: 'classifier', attempt: 1 });
});

test('one that was sent and never answered counts with its prompt at the most, one that was refused with nothing', async () => {
  const lost = await setUp([drop()]);
  await expect(lost.go()).rejects.toMatchObject({ code: 'model.unreachable' });
  const prompt = Math.ceil(Buffer.byteLength(JSON.stringify([question.system, question.text])) * 5);
  expect(lost.cost()).toBe(prompt);
  expect(lost.purse.today()).toMatchObject({ reserved: 0, spent: lost.cost() });
  const refused = await setUp([fail(400)]);
  await expect(refused.go()).rejects.toMatchObject({ code: 'model.bad_request' });
  expect(refused.purse.today()).toMatchObject({ reserved: 0, spent: 0 });
});

test('an answer that was cut, or is more than a text, is no answer', async () => {
  const { go } = await setUp([reply([text('ALLOW')], { stopReason: 'max_tokens' }), reply([text('ALLOW'), text('x')])]);
  expect(await go()).toBe('');
  expect(await go()).toBe('');
});

test('it stops with the session, and by itself after a minute', async () => {
  const first = await setUp([hang()]);
  const stopped = first.go();
  await first.server.arrived(1);
  first.abort.abort('stopped');
  await expect(stopped).rejects.toBe('stopped');
  expect(first.purse.today().reserved).toBe(0);
  const clock = manualClock('2026-11-20T22:00:00.000Z');
  const second = await setUp([hang()], 1_000_000, clock);
  const late = second.go();
  await second.server.arrived(1);
  clock.advance(61_000);
  await expect(late).rejects.toMatchObject({ code: 'model.unreachable' });
  expect(second.purse.today().reserved).toBe(0);
});

test('as long as its account asks to wait is waited, and only the answer has to come within its minute', async () => {
  const clock = manualClock('2026-11-20T22:00:00.000Z');
  const refused = fail(429, { headers: { 'retry-after': '90' } });
  const { go, server, store } = await setUp([refused, hang(), say('ALLOW')], 1_000_000, clock, 2);
  const answer = go();
  const retrying = () => store.events({ after: 0, limit: 10 }).find(({ type }) => type === 'model.retrying');
  await expect.poll(retrying).toMatchObject({ status: 429, purpose: 'classifier' });
  clock.advance(100_000);
  await server.arrived(2);
  clock.advance(59_000);
  server.release();
  expect(await answer).toBe('ALLOW');
});

test("a limit that lifts only after hours is the run's to wait for", async () => {
  const { go } = await setUp([fail(429, { headers: { 'retry-after': '7200' } })]);
  const error = await go().catch((it: unknown) => it);
  expect(isHeldUp(error)).toBe(true);
});

test("a small model judges at the vendor's own address, the run's own elsewhere, and none for recorded answers", async () => {
  const { models, model } = await setUp([]);
  expect(await models.second(model)).toBe(model);
  expect(await models.second(await models.resolve('rehearsal', 'none'))).toBeNull();
  const env = { ANTHROPIC_API_KEY: 'sk-test-key' };
  const vault = { get: async () => null, set: async () => {}, delete: async () => {} };
  const vendor = createModels({ env, paths: resolvePaths({ NIGHTSHIFT_HOME: scratch() }), vault, log: silent });
  onTestFinished(() => vendor.close());
  expect((await vendor.second({ id: 'claude-opus-5-5', rehearsal: false } as ResolvedModel))?.id).toBe(
    'claude-haiku-5-5',
  );
});

test("another address's small model judges where its list has one, for a run on one of the vendor's models", async () => {
  const listed = (...ids: string[]) => ({
    data: ids.map((id) => ({ ...binds.data[0], id })),
    ...{ has_more: false, first_id: null, last_id: null },
  });
  const both = await setUp([], 1_000_000, systemClock, 0, listed('claude-opus-5-5', 'claude-haiku-5-5'));
  expect((await both.models.second(both.model))?.id).toBe('claude-haiku-5-5');
  const local = { ...both.model, id: 'qwen3-coder' };
  expect(await both.models.second(local)).toBe(local);
  const alone = await setUp([], 1_000_000, systemClock, 0, listed('claude-opus-5-5'));
  expect(await alone.models.second(alone.model)).toBe(alone.model);
});

const schema = {
  type: 'object',
  properties: { verdict: { type: 'string', minLength: 1 } },
  required: ['verdict'],
};
/** An address that binds answers to schemas. */
const binds = {
  data: [
    {
      ...{
        type: 'model',
        id: 'claude-opus-5-5',
        display_name: 'Opus',
        line: 'opus',
        created_at: '2026-09-22T00:00:00Z',
      },
      ...{ max_input_tokens: 1_000_000, max_tokens: 128_000, lifecycle: 'active', retires_at: null },
      capabilities: { structured_outputs: { supported: true }, effort: null, thinking: null },
    },
  ],
  ...{ has_more: false, first_id: null, last_id: null },
};

test('an answer is bound to its schema where the address can, and no tool is forced', async () => {
  const { go, server } = await setUp([say('{"verdict":"met"}')], 1_000_000, systemClock, 0, binds);
  expect(await go({ schema })).toBe('{"verdict":"met"}');
  const body = server.requests[0]?.body as unknown as Record<string, unknown>;
  expect(body.output_config).toMatchObject({
    effort: 'low',
    format: { type: 'json_schema', schema: { type: 'object', additionalProperties: false, required: ['verdict'] } },
  });
  expect(JSON.stringify(body.output_config)).not.toContain('"minLength"');
  expect(body).not.toHaveProperty('tool_choice');
});

test('where nothing says that the address can, the words alone ask for it', async () => {
  const { go, server } = await setUp([say('{}')]);
  await go({ schema });
  expect(JSON.stringify(server.requests[0]?.body)).not.toContain('json_schema');
});

test('a schema that the API refuses is left out, which stands in the record, and is not sent again', async () => {
  const refusal = fail(400, { message: 'output_config.format.schema: the grammar is too large' });
  const { go, server, store } = await setUp([refusal, say('{}'), say('{}')], 1_000_000, systemClock, 0, binds);
  expect(await go({ schema })).toBe('{}');
  expect(await go({ schema })).toBe('{}');
  const bound = server.requests.map(({ body }) => JSON.stringify(body).includes('json_schema'));
  expect(bound).toEqual([true, false, false]);
  const told = store.events({ after: 1, limit: 20 }).filter(({ type }) => type === 'model.retrying');
  expect(told).toMatchObject([{ status: 400, purpose: 'classifier', message: expect.stringContaining('grammar') }]);
});
