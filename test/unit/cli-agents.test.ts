/** Subagents in the terminal: the tree of `runs show` with sums that come out even, and lines that say who speaks. */
import { expect, test } from 'vitest';
import { createNarrator } from '#cli/print/narrate.ts';
import { createPaint } from '#cli/print/paint.ts';
import type { Event } from '#contract/events.ts';
import type { AgentThread, Run } from '#contract/runs.ts';
import { reduceRun } from '#contract/state.ts';
import { cli } from '../fakes/cli-shell.ts';
import { run as record, runId } from '../fakes/records.ts';

const usage = (output: number) => ({ input: 100, output, cacheRead: 0, cacheWrite: 0 });
let seq = 0;
const event = (body: object) =>
  ({ seq: ++seq, at: '2026-11-20T22:00:00.000Z', run: runId, ...body }) as unknown as Event;
const started = (agent: string, parent: string | null, name: string) =>
  event({
    type: 'agent.started',
    agent,
    parent,
    call: `c-${agent}`,
    name,
    description: `Does ${agent}`,
    model: 'm',
    background: false,
    work: null,
  });
const said = (agent: string | undefined, turn: number, costMicros: number) =>
  event({
    type: 'message.finished',
    agent,
    turn,
    content: [{ type: 'text', text: 'Done.' }],
    stopReason: 'end_turn',
    usage: usage(50),
    costMicros,
  });

function told(): Run {
  const events = [
    said(undefined, 1, 1000),
    started('agent-1', null, 'explore'),
    event({ type: 'turn.started', agent: 'agent-1', turn: 7 }),
    said('agent-1', 7, 2000),
    event({ type: 'tool.started', agent: 'agent-1', turn: 7, call: 'x', name: 'Bash', input: { command: 'ls' } }),
    started('agent-2', 'agent-1', 'verifier'),
    event({ type: 'cost.presumed', agent: 'agent-2', purpose: 'agent verifier', costMicros: 500 }),
    event({
      type: 'agent.ended',
      agent: 'agent-2',
      outcome: 'failed',
      code: 'model.overloaded',
      text: 'No.',
      head: null,
    }),
  ];
  const fresh = record({ state: 'running', turns: 1, toolCalls: 0, costMicros: 0, usage: usage(0) });
  return events.reduce((run, each) => reduceRun(run, each) as Run, fresh);
}

test('what subagents use counts for their run and for themselves, and none of it for its own turns', () => {
  const run = told();
  expect(run).toMatchObject({ turns: 1, toolCalls: 1, costMicros: 3500, presumedMicros: 500 });
  const { agents = [] } = run;
  expect(
    agents.map(({ turns, toolCalls, costMicros, state }: AgentThread) => [turns, toolCalls, costMicros, state]),
  ).toEqual([
    [7, 1, 2000, 'working'],
    [0, 0, 500, 'failed'],
  ]);
  const over = reduceRun(run, event({ type: 'run.ended', outcome: 'stopped', reason: null, proposal: null }));
  expect(over?.agents?.map(({ state }) => state)).toEqual(['stopped', 'failed']);
});

test('runs show has them as a tree, each with turns, tokens and cost', async () => {
  const { out } = await cli(['runs', 'show', runId], { runs: { get: async () => told() } });
  expect(out).toMatch(/the run itself +1 turn +0 calls +\d+ +\$0\.0010/);
  expect(out).toMatch(/\n +agent-1 explore: Does agent-1 +working +7 turns +1 call +150 +\$0\.0020/);
  expect(out).toMatch(/\n {4,}agent-2 verifier: Does agent-2 +failed +0 turns +0 calls +0 +\$0\.0005/);
});

test('followed live, each line says who speaks', () => {
  const narrate = createNarrator(createPaint({ isTTY: false }, {}));
  expect(narrate(started('agent-1', null, 'explore'))).toEqual(['agent-1 Started explore with m: Does agent-1']);
  expect(narrate(said('agent-1', 1, 1)).join()).toMatch(/^agent-1 +Done\./);
  expect(narrate(said(undefined, 1, 1)).join()).toMatch(/^ *Done\./);
});
