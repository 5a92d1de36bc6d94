/** Answers of the API as they were recorded in public, replayed from a local server: whole, counted to the last token, and ending in the right events. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Anthropic } from '@anthropic-ai/sdk';
import type { BetaMessage } from '@anthropic-ai/sdk/resources/beta/messages/messages';
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { expect, onTestFinished, test } from 'vitest';
import { usageIn } from '#core/budget/passes.ts';
import type { ModelRequest } from '#core/ports.ts';
import { streamMessage } from '#host/model/anthropic.ts';
import { raw, startMessagesServer } from '../fakes/messages-server.ts';

interface Index {
  recordings: { name: string; what: string; origin: 'recorded' | 'published'; model: string; seenIn: string }[];
  byHand: { stream: string; why: string }[];
}

const folder = join(import.meta.dirname, '../recordings');
const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Index;
const recording = (name: string) => readFileSync(join(folder, `${name}.sse`), 'utf8');
const key = 'sk-ant-secret-0123456789';
const asked: ModelRequest = {
  system: 's',
  tools: [],
  messages: [{ role: 'user', content: 'hello' }],
  maxTokens: 100,
  effort: 'low',
};

async function serve(name: string) {
  const server = await startMessagesServer([raw(recording(name))]);
  onTestFinished(() => server.close());
  return server.url;
}

async function ours(name: string): Promise<Message | Error> {
  const access = { key, baseUrl: await serve(name), model: 'claude-opus-5-5' };
  try {
    for await (const chunk of streamMessage(access, asked, new AbortController().signal))
      if (chunk.kind === 'message') return chunk.message;
    return new Error('no message');
  } catch (error) {
    return error as Error;
  }
}

/** What the vendor's own reader makes of it. */
async function theirs(name: string): Promise<BetaMessage | Error> {
  const client = new Anthropic({ apiKey: key, baseURL: await serve(name), maxRetries: 0, logLevel: 'off' });
  const params = { model: 'claude-opus-5-5', max_tokens: 100, messages: [{ role: 'user' as const, content: 'hello' }] };
  try {
    return await client.beta.messages.stream(params).finalMessage();
  } catch (error) {
    return error as Error;
  }
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
const classes = ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'] as const;

/** Added up here by the words of the API alone: a pass is paid whether the sum of the answer has it or not. */
function paid({ usage }: BetaMessage): number[] {
  return classes.map((name) => {
    const sum = (usage.iterations ?? []).reduce((all, pass) => all + (pass[name] ?? 0), 0);
    return Math.max(sum, usage[name] ?? 0);
  });
}

test('every recording is in the index, with where its shape was seen; every kind without one names a stream that is there', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.sse'));
  expect(index.recordings.map(({ name }) => `${name}.sse`).sort()).toEqual(files.sort());
  for (const one of index.recordings) expect(one.seenIn, one.name).toMatch(/^\S+\/\S+ \((MIT|Apache-2\.0)\)$/);
  expect(index.recordings.filter(({ origin }) => origin === 'recorded').length).toBeGreaterThan(20);
  for (const { stream } of index.byHand) readFileSync(join(import.meta.dirname, 'streams', `${stream}.sse`));
});

const starts = ['duplicated-start', 'spliced-start'];
const ordinary = index.recordings.filter(({ name }) => !starts.includes(name));
test.each(ordinary)('$name is put together as the vendor’s own reader does, to the last token', async ({ name }) => {
  const [own, other] = await Promise.all([ours(name), theirs(name)]);
  if (own instanceof Error) throw own;
  if (other instanceof Error) throw other;
  expect(own.content).toEqual(plain(other.content));
  expect([own.stop_reason, own.stop_details ?? null]).toEqual([other.stop_reason, plain(other.stop_details ?? null)]);
  const { input, output, cacheRead, cacheWrite } = usageIn(own.usage);
  expect([input, output, cacheRead, cacheWrite]).toEqual(paid(other));
});

test('a start that comes twice is one answer; one of another answer in the middle is a broken stream', async () => {
  const twice = await ours('duplicated-start');
  if (twice instanceof Error) throw twice;
  expect(twice).toMatchObject({ content: [{ type: 'text' }], stop_reason: 'end_turn' });
  expect(usageIn(twice.usage)).toMatchObject({ input: 17, output: 227 });
  expect(await ours('spliced-start')).toMatchObject({ code: 'model.stream_broken' });
  // The vendor's reader gives up on both.
  for (const name of starts) expect(await theirs(name)).toBeInstanceOf(Error);
});
