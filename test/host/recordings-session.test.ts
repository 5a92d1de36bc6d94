/** Recorded answers of the API through a whole session: each ends in the events, the next request and the bill that it should. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import { costMicros, ratesOf } from '#core/budget/prices.ts';
import { raw, type Step, say } from '../fakes/messages-server.ts';
import { limits } from '../fakes/records.ts';
import { stageSession } from '../fakes/staged-session.ts';

const folder = join(import.meta.dirname, '../recordings');
const { recordings } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
  recordings: { name: string; model: string }[];
};
const answer = (name: string) => raw(readFileSync(join(folder, `${name}.sse`), 'utf8'));
const modelOf = (name: string) => recordings.find((one) => one.name === name)?.model as string;

async function stage(name: string, { next = [say('Done.')], fallback }: { next?: Step[]; fallback?: string } = {}) {
  const change = { limits: { ...limits(), dollars: 500, dollarsPerDay: 500, tokens: 10_000_000 } };
  return stageSession([answer(name), ...next], { change, model: modelOf(name), ...(fallback ? { fallback } : {}) });
}

type Finished = Extract<Event, { type: 'message.finished' }>;
const kinds = (event: Finished | undefined) => event?.content.map(({ type }) => type).join(' ');
const tokens = (event: Finished | undefined) => {
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0 } = event?.usage ?? {};
  return [input, output, cacheRead, cacheWrite];
};
const price = (model: string, [input, output, cacheRead = 0, cacheWrite = 0]: readonly number[]) =>
  costMicros(ratesOf(model), { input: input as number, output: output as number, cacheRead, cacheWrite });

const ended: [name: string, blocks: string, tokens: number[]][] = [
  ['thinking', 'thinking text', [43, 282, 0, 0]],
  ['thinking-adaptive', 'text thinking text', [34, 44, 0, 0]],
  ['thinking-redacted', 'redacted_thinking redacted_thinking text', [92, 189, 0, 0]],
  ['cached-prompt', 'text', [4, 221, 1165, 0]],
  ['prompt-counted-late', 'text', [61, 2, 0, 0]],
  ['context-edits', 'thinking text', [50, 485, 0, 0]],
  ['compaction-encrypted', 'compaction text', [30, 8, 0, 0]],
  ['code-execution', 'thinking text server_tool_use bash_code_execution_tool_result text', [4714, 304, 0, 0]],
  [
    'code-execution-cached',
    'server_tool_use bash_code_execution_tool_result server_tool_use bash_code_execution_tool_result text',
    [6, 198, 6289, 3337],
  ],
  [
    'code-execution-files',
    'text server_tool_use server_tool_use text_editor_code_execution_tool_result text_editor_code_execution_tool_result text server_tool_use text_editor_code_execution_tool_result text',
    [7621, 384, 0, 0],
  ],
  ['connector', 'thinking mcp_tool_use mcp_tool_result text', [3042, 354, 0, 0]],
  ['duplicated-start', 'text', [17, 227, 0, 0]],
];
test.each(ended)('%s: one answer, kept as it came, paid, and the session is over', async (name, blocks, counts) => {
  const { go, only, server } = await stage(name);
  expect(await go()).toMatchObject({ kind: 'finished' });
  const answers = only('message.finished');
  expect(answers.map(kinds)).toEqual([blocks]);
  expect(tokens(answers[0])).toEqual(counts);
  expect(answers[0]?.costMicros).toBe(price(modelOf(name), counts));
  expect(answers[0]?.passes).toBeUndefined();
  expect(only('tool.started')).toEqual([]);
  expect(server.requests).toHaveLength(1);
});

const called: [name: string, blocks: string, code: string][] = [
  ['thinking-and-tool', 'thinking tool_use', 'tool.unknown'],
  ['tool-no-input', 'text tool_use', 'tool.unknown'],
  ['tool-from-code', 'text server_tool_use tool_use', 'tool.unknown'],
  ['tool-search', 'server_tool_use tool_search_tool_result text tool_use', 'tool.unknown'],
  ['tool-search-text', 'text server_tool_use tool_search_tool_result text tool_use', 'tool.unknown'],
  ['tool-input-cut', 'text tool_use', 'model.cut'],
];
test.each(called)('%s: its call has a result, and goes back before it as it came', async (name, blocks, code) => {
  const { go, only, sent } = await stage(name);
  expect(await go()).toMatchObject({ kind: 'finished' });
  const [first, second] = only('message.finished');
  expect([kinds(first), kinds(second)]).toEqual([blocks, 'text']);
  expect(only('tool.finished')).toMatchObject([{ ok: false, code }]);
  const id = first?.content.findLast(({ type }) => type === 'tool_use')?.id;
  expect(sent()[1]?.slice(1, 3)).toMatchObject([
    { role: 'assistant', content: JSON.parse(JSON.stringify(first?.content)) },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id }] },
  ]);
});

const looked = [
  ['web-search', 'WebSearch', 2, 2],
  ['web-search-cited', 'WebSearch', 2, 2],
  ['web-fetch', 'WebFetch', 1, 0],
  ['web-fetch-filtered', 'WebFetch', 1, 0],
] as const;

describe('what the address looks up', () => {
  test.each(looked)('%s is recorded use by use, and each search is billed', async (name, tool, uses, searches) => {
    const { go, only } = await stage(name);
    expect(await go()).toMatchObject({ kind: 'finished' });
    expect(only('web.used').map((used) => [used.tool, used.ok])).toEqual(Array(uses).fill([tool, true]));
    const [event] = only('message.finished');
    expect(event?.usage.searches ?? 0).toBe(searches);
    expect(event?.costMicros).toBe(price(modelOf(name), tokens(event)) + searches * 10_000);
  });

  test('an answer that paused is asked for again with just itself behind it, and goes on where it was', async () => {
    const { go, only, sent } = await stage('web-search-paused', { next: [answer('web-search-resumed')] });
    expect(await go()).toMatchObject({ kind: 'finished' });
    const [first, second] = only('message.finished');
    expect([first?.stopReason, second?.stopReason]).toEqual(['pause_turn', 'end_turn']);
    expect(sent()[1]?.at(-1)).toEqual({ role: 'assistant', content: JSON.parse(JSON.stringify(first?.content)) });
    // The one that was under way came back in the second answer.
    expect(only('web.used')).toHaveLength(15);
    expect([first?.usage.searches, second?.usage.searches]).toEqual([10, 5]);
  });
});

const refusals: [name: string, counts: number[]][] = [
  ['refusal-at-once', [18, 5, 0, 0]],
  ['refusal-midway', [28, 106, 0, 0]],
  ['refusal-after-search', [28, 106, 0, 0]],
];

describe('a refusal', () => {
  test.each(refusals)(
    '%s: is paid and ends the session; with another model named, that one goes on without it',
    async (name, counts) => {
      const alone = await stage(name);
      await expect(alone.go()).rejects.toMatchObject({ code: 'model.refused' });
      expect(alone.only('message.finished').map(tokens)).toEqual([counts]);
      const other = await stage(name, { fallback: 'claude-sonnet-5-5' });
      expect(await other.go()).toMatchObject({ kind: 'finished' });
      expect(other.only('model.switched')).toMatchObject([{ from: 'claude-fable-5', to: 'claude-sonnet-5-5' }]);
      expect(other.sent()[1]).toEqual(other.sent()[0]);
      expect(other.only('message.finished').map(({ costMicros: micros }) => micros)).toEqual([
        ...[price('claude-fable-5', counts), price('claude-sonnet-5-5', [10, 20])],
      ]);
    },
  );
});

const passed: [name: string, blocks: string, passes: [model: string, tokens: number[]][]][] = [
  [
    'fallback',
    'fallback text',
    [
      ['claude-fable-5', [408, 0]],
      ['claude-opus-4-8', [412, 264]],
    ],
  ],
  [
    'compaction',
    'compaction text',
    [
      ['claude-opus-4-6', [60_385, 522]],
      ['claude-opus-4-6', [612, 2819]],
    ],
  ],
  [
    'compaction-cached',
    'compaction text',
    [
      ['claude-sonnet-4-6', [100, 83, 55_096]],
      ['claude-sonnet-4-6', [181, 8]],
    ],
  ],
  [
    'advisor',
    'thinking text server_tool_use advisor_tool_result text',
    [
      ['claude-sonnet-5', [1128, 135]],
      ['claude-opus-4-8', [2543, 18]],
      ['claude-sonnet-5', [1283, 10]],
    ],
  ],
  [
    'advisor-long',
    'server_tool_use advisor_tool_result text',
    [
      ['claude-sonnet-4-6', [1051, 35]],
      ['claude-opus-4-7', [2728, 3880]],
      ['claude-sonnet-4-6', [3676, 3356]],
    ],
  ],
];
test.each(passed)('%s: every pass is paid at the price of its own model', async (name, blocks, passes) => {
  const { go, only, store } = await stage(name);
  expect(await go()).toMatchObject({ kind: 'finished' });
  const [event] = only('message.finished');
  expect(kinds(event)).toBe(blocks);
  expect(event?.passes).toMatchObject(
    passes.map(([model, counts]) => ({
      model,
      usage: { input: counts[0], output: counts[1], cacheRead: counts[2] ?? 0, cacheWrite: 0 },
      costMicros: price(model, counts),
    })),
  );
  const sum = passes.reduce((all, [model, counts]) => all + price(model, counts), 0);
  expect([event?.costMicros, store.read.run(event?.run ?? '')?.costMicros]).toEqual([sum, sum]);
  expect(tokens(event).slice(0, 2)).toEqual(
    [0, 1].map((at) => passes.reduce((all, [, counts]) => all + (counts[at] as number), 0)),
  );
});

test('passes that are not counted apart are paid at the dearest of the models that had a part in them', async () => {
  const { go, only } = await stage('fallback-uncounted');
  expect(await go()).toMatchObject({ kind: 'finished' });
  expect(only('message.finished')).toMatchObject([{ costMicros: price('claude-opus-4-7', [25, 8]) }]);
});

test('an answer into which another one begins is lost, paid as far as it came, and asked for again', async () => {
  const { go, only } = await stage('spliced-start');
  expect(await go()).toMatchObject({ kind: 'finished' });
  expect(only('answer.lost')).toMatchObject([{ turn: 1, usage: { input: 17 } }]);
  expect(only('message.finished').map(kinds)).toEqual(['text']);
});

test('every recording goes through a session here', () => {
  const told = [...ended, ...called, ...looked, ...refusals, ...passed].map(([name]) => name);
  const others = ['web-search-paused', 'web-search-resumed', 'fallback-uncounted', 'spliced-start'];
  expect([...told, ...others].sort()).toEqual(recordings.map(({ name }) => name).sort());
});
