/** The models that can be asked, told before any is: limits, abilities and prices, and which leave with what takes their place. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { leavingWords } from '#contract/models.ts';
import { taskRoutine } from '#contract/tasks.ts';
import { createModels } from '#host/model/models.ts';
import { say, startMessagesServer } from '../fakes/messages-server.ts';
import { scratch, silent } from '../fakes/places.ts';
import { realRuntime } from '../fakes/real-runtime.ts';

const yes = { supported: true };
const no = { supported: false };
const info = (id: string, more: object = {}) => ({
  ...{ type: 'model', id, display_name: id.toUpperCase(), line: 'opus', created_at: '2026-01-01T00:00:00Z' },
  ...{ max_input_tokens: 50_000, max_tokens: 500, lifecycle: 'active', retires_at: null, deprecated_at: null },
  capabilities: {
    ...{ structured_outputs: yes, image_input: no },
    server_tools: { supported: true, web_search: yes, code_execution: no },
  },
  ...more,
});
const data = [
  info('claude-opus-5'),
  info('claude-opus-5-5', { created_at: '2026-09-22T00:00:00Z' }),
  info('claude-opus-4-8', { lifecycle: 'deprecated', retires_at: '2027-01-31T00:00:00Z' }),
  info('claude-old', { lifecycle: 'retired', retires_at: '2026-03-04T00:00:00Z' }),
  info('claude-haiku-5-5', { line: 'haiku', created_at: '2026-10-07T00:00:00Z', capabilities: null }),
];
const list = { data, has_more: false, first_id: null, last_id: null };

async function place(models?: object, script = [say('hi')]) {
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
  return { server, models: made };
}

test('the list of the address: what each holds, can do and costs, those that can be asked first', async () => {
  const { models, server } = await place(list);
  const told = await models.list(true);
  expect(told.models.map(({ id }) => id)).toEqual([
    ...['claude-haiku-5-5', 'claude-opus-5-5', 'claude-opus-5', 'claude-opus-4-8', 'claude-old'],
  ]);
  expect(told.listedAt).not.toBeNull();
  const [haiku, opus] = told.models;
  expect(opus).toMatchObject({
    ...{ window: 50_000, maxAnswer: 500, lifecycle: 'active', successor: null },
    can: ['strict tools and answers', 'web search', 'web fetch'],
    cannot: ['images'],
    prices: [{ upTo: null, price: { input: 4, output: 20 } }],
  });
  // A price by the length of the prompt is told as such; abilities that nobody tells of are in neither list.
  expect(haiku).toMatchObject({ can: [], cannot: [], prices: [{ upTo: 100_000 }, { upTo: null }] });
  expect(told.models.at(-2)).toMatchObject({ lifecycle: 'deprecated', successor: 'claude-opus-5-5' });
  // What is known is told again without asking anybody.
  expect((await models.list(false)).models).toEqual(told.models);
  expect(server.lists).toHaveLength(1);
});

test('an address without a list: the built-in table, said to be that', async () => {
  const { models } = await place();
  const told = await models.list(true);
  expect(told).toMatchObject({ listedAt: null, detail: expect.stringContaining('has given no list') });
  const gone = told.models.find(({ id }) => id === 'claude-opus-4-20250514');
  expect(gone && leavingWords(gone)).toBe(
    'Claude Opus 4 (claude-opus-4-20250514) was retired on 2026-06-15. Its successor is claude-opus-5-5.',
  );
});

test('a model that its address has called gone is not asked again; one that leaves is told with its day', async () => {
  const { models, server } = await place(list);
  await models.list(true);
  await expect(models.resolve('claude-old', 'nightly')).rejects.toMatchObject({
    code: 'model.retired',
    message: expect.stringContaining('2026-03-04'),
    cure: 'Choose its successor: `nightshift routines edit nightly --model claude-opus-5-5`.',
  });
  await expect(models.resolve('claude-old', taskRoutine)).rejects.toMatchObject({
    cure: 'Start it again with its successor: `nightshift run --model claude-opus-5-5`.',
  });
  expect(await models.lifeNotice('claude-opus-4-8')).toContain('will be retired on 2027-01-31');
  for (const fine of ['claude-opus-5-5', 'auto', 'rehearsal', 'somebody-elses'])
    expect(await models.lifeNotice(fine)).toBeNull();
  expect(server.requests).toEqual([]);
});

test('whoever saves a routine with such a model is told at once', async () => {
  const it = await realRuntime({ routine: { model: 'claude-sonnet-4-5-20250929', fallbackModel: 'claude-opus-5-5' } });
  const { notes } = await it.add();
  expect(notes).toEqual([expect.stringMatching(/Sonnet 4\.5 .* will be retired on 2026-11-30.*claude-sonnet-5-5/)]);
  const mended = await it.handlers.routines.edit({ routine: 'triage', change: { model: 'claude-opus-5-5' } });
  expect(mended.notes).toBeUndefined();
});
