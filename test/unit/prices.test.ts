/** What a model costs, however its id is spelled; and nothing is free by silence. */
import { expect, test } from 'vitest';
import { costMicros, priceNotice, ratesOf } from '#core/budget/prices.ts';

const million = { input: 1_000_000, output: 0, cacheRead: 0, cacheWrite: 0 };
const inputPrice = (model: string) => costMicros(ratesOf(model), million) / 1e6;

const spellings: [model: string, dollars: number][] = [
  ['claude-opus-5-5', 4],
  ['anthropic/claude-opus-5-5', 4],
  ['anthropic/claude-opus-5.5', 4],
  ['openrouter/anthropic/claude-opus-5.5:beta', 4],
  ['us.anthropic.claude-opus-5-5-20260922-v1:0', 4],
  ['global.anthropic.claude-opus-5-5-v1:0', 4],
  ['arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-opus-5-5-v1:0', 4],
  ['claude-opus-5-5@20260922', 4],
  ['vertex_ai/claude-opus-5-5@default', 4],
  ['Anthropic/Claude-Opus-5.5', 4],
  ['claude-5.5-opus', 4],
  ['claude-opus-5', 5],
  ['claude-opus-5-20260724', 5],
  ['claude-opus-4-5-20251101', 5],
  ['claude-opus-4-8', 5],
  ['claude-opus-4-1-20250805', 15],
  ['claude-opus-4-20250514', 15],
  ['claude-sonnet-5-5', 2],
  ['claude-sonnet-4-20250514', 3],
  ['claude-3-7-sonnet-20250219', 3],
  ['claude-3-5-haiku@20241022', 0.8],
  ['eu.anthropic.claude-haiku-4-5-20251001-v1:0', 1],
  ['claude-fable-5-2', 8],
  ['claude-mythos-5-2', 8],
  // Models of the vendor that the table does not know, at its dearest row.
  ['claude-opus-5-6', 15],
  ['claude-opus-55', 15],
  ['claude-saga-7', 15],
  ['claude-instant-v1', 15],
  ['claude-constructor-5', 15],
];
test.each(spellings)('%s costs $%d for a million tokens', (model, dollars) => expect(inputPrice(model)).toBe(dollars));

test.each(['llama3:70b', 'gpt-5', 'qwen/qwen3-coder', 'opus', 'notclaude-opus-5-5', '', 'claude-', 'constructor'])(
  '"%s", which nothing says a price of, costs as the dearest in every class, and that is said',
  (model) => {
    for (const each of ['input', 'output', 'cacheRead', 'cacheWrite'] as const)
      for (const [known] of spellings)
        expect(ratesOf(model)(200_000)[each]).toBeGreaterThanOrEqual(ratesOf(known)(200_000)[each]);
    expect(priceNotice(model)).toContain(`"${model}" costs, so it counts at the dearest price`);
  },
);

test('what is known is not spoken of; what is not is told with the command that says it', () => {
  for (const [model] of spellings.slice(0, -5)) expect(priceNotice(model)).toBeNull();
  expect(priceNotice('claude-haiku-5-5')).toBeNull();
  expect(priceNotice('claude-saga-7')).toContain('`nightshift model price claude-saga-7 --input <dollars>');
  expect(priceNotice('qwen/qwen3-coder:30b')).toContain('`nightshift model price qwen/qwen3-coder:30b --input');
  expect(priceNotice("x; rm -rf '~'")).toContain(`\`nightshift model price 'x; rm -rf '\\''~'\\''' --input`);
});

test('Haiku 5.5 is priced by the length of its prompt, under any spelling', () => {
  for (const id of ['claude-haiku-5-5', 'anthropic/claude-haiku-5.5', 'claude-haiku-5-5@20261007']) {
    const rates = ratesOf(id);
    expect(rates(100_000)).toMatchObject({ input: 0.1, output: 0.5 });
    expect(rates(100_001)).toMatchObject({ input: 0.5, output: 2.5 });
  }
});

test('what a person says of a model wins, by its exact id', () => {
  const own = { 'qwen3-coder': { input: 1, output: 2, cacheWrite: 1.25, cacheRead: 1 } };
  expect(ratesOf('qwen3-coder', own)(1)).toEqual(own['qwen3-coder']);
  expect(priceNotice('qwen3-coder', own)).toBeNull();
  for (const other of ['qwen3-coder-30b', 'toString']) {
    expect(ratesOf(other, own)(1).output).toBe(75);
    expect(priceNotice(other, own)).toContain(other);
  }
  const cheaper = { 'claude-opus-5-5': { input: 1, output: 1, cacheWrite: 1, cacheRead: 1 } };
  expect(ratesOf('claude-opus-5-5', cheaper)(1).input).toBe(1);
});
