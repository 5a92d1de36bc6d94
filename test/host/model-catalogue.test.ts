/** What is known of models: the list of the address over the built-in table, kept for a day; a retired one is named with its successor. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Fault } from '#contract/faults.ts';
import type { ModelRequest, ResolvedModel } from '#core/ports.ts';
import { createCatalogue } from '#host/model/catalogue.ts';
import { createModels } from '#host/model/models.ts';
import { effortOf } from '#host/model/request.ts';
import { fail, type Step, say, startMessagesServer } from '../fakes/messages-server.ts';
import { scratch, silent } from '../fakes/places.ts';

const yes = { supported: true };
const no = { supported: false };
const info = (id: string, more: object = {}) => ({
  ...{ type: 'model', id, display_name: id.toUpperCase(), line: 'opus', created_at: '2026-01-01T00:00:00Z' },
  ...{ max_input_tokens: 50_000, max_tokens: 500, lifecycle: 'active', retires_at: null, deprecated_at: null },
  capabilities: {
    effort: { supported: true, low: yes, medium: yes, high: yes, xhigh: null, max: no },
    thinking: { supported: true, types: { adaptive: no, between_tools: no, disabled: yes, enabled: no } },
  },
  ...more,
});
const retired = { lifecycle: 'retired', retires_at: '2026-03-04T00:00:00Z' };
const list = {
  data: [
    info('claude-new', { created_at: '2026-09-01T00:00:00Z' }),
    info('claude-newer', { created_at: '2026-10-01T00:00:00Z', lifecycle: 'deprecated' }),
    info('claude-old', retired),
    info('claude-lone', { ...retired, line: null }),
    { id: 'bare' },
    { nonsense: true },
  ],
  ...{ has_more: false, first_id: null, last_id: null },
};

async function place(script: Step[], models?: object) {
  const directory = scratch();
  const server = await startMessagesServer(script, models);
  const vault = { get: async () => null, set: async () => {}, delete: async () => {} };
  const paths = { settings: join(directory, 'settings.json'), models: join(directory, 'models.json'), unitPrefix: 'n' };
  const env = { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url };
  const made = createModels({ env, paths, vault, log: silent, maxRetries: 0 });
  onTestFinished(async () => {
    await made.close();
    await server.close();
  });
  return { server, paths, models: made, access: { key: 'sk-test-key', baseUrl: server.url } };
}

async function ask(model: ResolvedModel, more: Partial<ModelRequest> = {}): Promise<Fault | null> {
  const messages = [{ role: 'user' as const, content: 'hi' }];
  const request: ModelRequest = { system: '', tools: [], messages, maxTokens: 9000, effort: 'max', ...more };
  try {
    for await (const chunk of model.stream(request, new AbortController().signal)) void chunk;
    return null;
  } catch (error) {
    return error as Fault;
  }
}

test('limits, efforts and ways of thinking are those that the address gives', async () => {
  const { server, models, paths, access } = await place([say('hi'), say('hi')], list);
  await createCatalogue(paths.models, silent).renew(access);
  const model = await models.resolve('claude-new', '');
  expect(model.window).toBe(50_000);
  expect(await ask(model)).toBeNull();
  expect(await ask(model, { thinking: 'off' })).toBeNull();
  const [usual, off] = server.requests.map(({ body }) => body);
  expect(usual).toMatchObject({ max_tokens: 500, output_config: { effort: 'high' } });
  expect(usual).not.toHaveProperty('thinking');
  expect(off).toMatchObject({ thinking: { type: 'disabled' } });
  expect(server.lists).toHaveLength(1);
  expect(server.lists[0]).toContain('retired');
});

test('without a list, and with a broken one, the built-in table stands', async () => {
  const { models, paths, server } = await place([say('hi')]);
  writeFileSync(paths.models, '{"broken');
  const model = await models.resolve('claude-opus-5-5', '');
  expect(model.window).toBe(1_000_000);
  expect(await ask(model)).toBeNull();
  expect(server.requests[0]?.body).toMatchObject({ max_tokens: 9000, thinking: { display: 'summarized' } });
  expect((await models.resolve('claude-dream', '')).window).toBeUndefined();
  // Nobody was asked for a list on the way to an answer.
  expect(server.lists).toEqual([]);
});

test('a list is good for a day, in another process, too; when it cannot be renewed it stays', async () => {
  const { server, paths, access } = await place([], list);
  const day = 24 * 60 * 60_000;
  let now = Date.UTC(2026, 10, 20);
  await createCatalogue(paths.models, silent, () => now).renew(access);
  const later = createCatalogue(paths.models, silent, () => now);
  now += day;
  await later.renew(access);
  expect(server.lists).toHaveLength(1);
  now += 1;
  await Promise.all([later.renew(access), later.renew(access)]);
  expect(server.lists).toHaveLength(2);
  now += 2 * day;
  await server.close();
  await later.renew(access);
  expect(await later.find(access.baseUrl, 'claude-new')).toMatchObject({ window: 50_000 });
  expect(await later.find(access.baseUrl, 'bare')).toMatchObject({ name: 'bare', window: null, lifecycle: 'active' });
  expect(readFileSync(paths.models, 'utf8')).not.toContain('sk-test');
});

const gone: [name: string, id: string, models: object | undefined, says: string, cure: string][] = [
  [
    'by the list of the address',
    'claude-old',
    list,
    'CLAUDE-OLD (claude-old) was retired on 2026-03-04',
    'claude-new`',
  ],
  ['without a successor', 'claude-lone', list, 'was retired on 2026-03-04', '--model <id>'],
  ['by the built-in table', 'claude-opus-4-20250514', undefined, 'was retired on 2026-06-15', 'claude-opus-5-5`'],
];
test.each(gone)(
  'a model that is gone is named with its date and its successor: %s',
  async (_name, id, known, says, cure) => {
    const { models } = await place([fail(404)], known);
    expect(await ask(await models.resolve(id, ''))).toMatchObject({
      ...{ code: 'model.retired', field: 'model' },
      ...{ message: expect.stringContaining(says), cure: expect.stringContaining(cure) },
    });
  },
);

test('a model that nobody has heard of stays unknown', async () => {
  const { models } = await place([fail(404)], list);
  expect(await ask(await models.resolve('claude-dream', ''))).toMatchObject({ code: 'model.unknown' });
});

test('the effort is the one that was wished, or the nearest below it', () => {
  expect(effortOf('max', null)).toBe('max');
  expect(effortOf('max', ['low', 'high'])).toBe('high');
  expect(effortOf('medium', ['low', 'high'])).toBe('low');
  expect(effortOf('low', ['medium', 'high'])).toBe('medium');
  expect(effortOf('high', [])).toBeNull();
});
