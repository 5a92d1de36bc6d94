/** Costs of one run in a terminal, and of agents below it. */
import { expect, test } from 'vitest';
import { createPaint } from '#cli/print/paint.ts';
import { runCostLines } from '#cli/print/run-costs.ts';
import type { Event } from '#contract/events.ts';
import { runCostsOf } from '#core/budget/run-costs.ts';

const run = 'run-00000001a';
const usage = { input: 10, output: 20, cacheRead: 3000, cacheWrite: 40 };
let seq = 0;
const event = (body: object) => ({ seq: ++seq, at: '2026-11-20T03:00:00.000Z', run, ...body }) as Event;

const story = [
  event({ type: 'run.started', model: 'claude-opus-5-5' }),
  event({ type: 'turn.started', turn: 1 }),
  event({ type: 'message.finished', turn: 1, content: [], stopReason: 'tool_use', usage, costMicros: 1000 }),
  event({ type: 'side.answered', purpose: 'classifier', usage, costMicros: 30, model: 'claude-haiku-5-5' }),
  event({ type: 'side.answered', purpose: 'conversation', usage, costMicros: 500, agent: 'explorer' }),
  event({ type: 'cost.presumed', purpose: 'session', costMicros: 70 }),
  event({ type: 'history.compacted', why: 'full', text: '', before: 1, usage, costMicros: 9 }),
];

test('every class of cost is there once, with its model, its turn and its agent', () => {
  const costs = runCostsOf(run, story);
  expect(costs).toMatchObject({ micros: 1609, usage: { input: 40, output: 80, cacheRead: 12_000, cacheWrite: 160 } });
  expect(costs.agents).toEqual([
    { agent: null, micros: 1109 },
    { agent: 'explorer', micros: 500 },
  ]);
  expect(costs.requests.map(({ purpose, model }) => [purpose, model])).toEqual([
    ['conversation', 'claude-opus-5-5'],
    ['classifier', 'claude-haiku-5-5'],
    ['conversation', 'claude-opus-5-5'],
    ['conversation', 'claude-opus-5-5'],
    ['compaction', 'claude-opus-5-5'],
  ]);
  const told = runCostLines(createPaint({}, {}), costs).join('\n');
  expect(told).toMatch(/cost +\$0\.0016 for 5 requests \(40 in, 80 out, 12000 cache read, 160 cache write tokens\)/);
  expect(told).toMatch(/by agent +its own \$0\.0011, explorer \$0\.0005/);
  expect(told).toMatch(/conversation, explorer/);
  expect(told).toMatch(/\$0\.0001 +presumed/);
});

test('an agent below the run has a model and turns of its own; what it costs counts for the turn of the run that it works in', () => {
  const finished = { type: 'message.finished', content: [], stopReason: 'tool_use', usage, costMicros: 100 };
  const agent = 'agent-1';
  const costs = runCostsOf(run, [
    event({ type: 'run.started', model: 'claude-opus-5-5' }),
    event({ type: 'turn.started', turn: 1 }),
    event({ ...finished, turn: 1 }),
    event({ type: 'turn.started', turn: 2 }),
    event({ ...finished, turn: 2 }),
    event({ type: 'agent.started', agent, model: 'claude-haiku-5-5' }),
    event({ type: 'turn.started', agent, turn: 1 }),
    event({ ...finished, agent, turn: 1 }),
    event({ type: 'model.switched', agent, from: 'claude-haiku-5-5', to: 'claude-sonnet-5-5', why: 'refused' }),
    event({ type: 'turn.started', agent, turn: 7 }),
    event({ type: 'cost.presumed', agent, purpose: 'session', costMicros: 70 }),
    event({ type: 'side.answered', purpose: 'judge', usage, costMicros: 30 }),
  ]);
  expect(costs.requests.map((one) => [one.turn, one.agent, one.model])).toEqual([
    [1, null, 'claude-opus-5-5'],
    [2, null, 'claude-opus-5-5'],
    [2, agent, 'claude-haiku-5-5'],
    [2, agent, 'claude-sonnet-5-5'],
    [2, null, 'claude-opus-5-5'],
  ]);
  expect(costs.turns).toEqual([
    { turn: 1, micros: 100 },
    { turn: 2, micros: 300 },
  ]);
});

test('an answer that took several passes is one request, and says below it what each model had of it', () => {
  const passes = [
    { model: 'claude-opus-5-5', usage, costMicros: 300 },
    { model: 'claude-fable-5', usage, costMicros: 700 },
  ];
  const costs = runCostsOf(run, [
    event({ type: 'run.started', model: 'claude-opus-5-5' }),
    event({ type: 'turn.started', turn: 1 }),
    event({ type: 'message.finished', turn: 1, content: [], stopReason: 'end_turn', usage, costMicros: 1000, passes }),
  ]);
  expect(costs).toMatchObject({ micros: 1000, requests: [{ model: 'claude-opus-5-5', micros: 1000, passes }] });
  const told = runCostLines(createPaint({}, {}), costs).join('\n');
  expect(told).toContain('for 1 request ');
  expect(told).toMatch(/of it +claude-fable-5 .*\$0\.0007/);
});
