/** A run as spans: each inside the run, in order of their beginnings, with what it used and never what was said. */
import { expect, test } from 'vitest';
import { createPaint } from '#cli/print/paint.ts';
import { traceLines } from '#cli/print/trace.ts';
import type { Event } from '#contract/events.ts';
import { Trace } from '#contract/traces.ts';
import { traceOf } from '#core/traces/trace.ts';

const run = 'run-00000001';
const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 3, 0, second)).toISOString();
const secret = 'the secret words';
const usage = { input: 100, output: 20, cacheRead: 3000, cacheWrite: 50 };
let seq = 0;
const event = (second: number, body: object) => ({ seq: ++seq, at: at(second), run, ...body }) as Event;

const story: Event[] = [
  event(0, { type: 'run.queued', routine: 'triage', trigger: { kind: 'person' } }),
  event(2, { type: 'run.started', model: 'claude-opus-5-5', rehearsal: false }),
  event(2, { type: 'message.added', text: secret, from: 'routine' }),
  event(3, { type: 'turn.started', turn: 1 }),
  event(4, { type: 'sandbox.ready', enforced: [] }),
  event(5, { type: 'model.retrying', turn: 1, attempt: 1, status: 529, message: secret }),
  event(8, {
    ...{ type: 'message.finished', turn: 1, content: [{ type: 'text', text: secret }], stopReason: 'tool_use' },
    ...{ usage, costMicros: 12_345 },
  }),
  event(9, { type: 'tool.started', turn: 1, call: 'toolu_1', name: 'Bash', input: { command: secret } }),
  event(12, { type: 'tool.finished', call: 'toolu_1', ok: false, code: 'tool.failed', text: secret }),
  event(12, { type: 'turn.started', turn: 2 }),
  event(14, { type: 'answer.lost', turn: 2, usage, costMicros: 1 }),
  event(14, { type: 'run.parked', question: 'ask-1', until: at(59) }),
  event(30, { type: 'run.resumed', why: 'answered' }),
  event(40, {
    type: 'checks.finished',
    phase: 'after',
    round: {
      commit: 'a',
      results: [
        { command: secret, exitCode: 0, passed: true, output: secret, milliseconds: 1000 },
        { command: secret, exitCode: 1, passed: false, output: secret, milliseconds: 2000 },
      ],
    },
  }),
  event(41, { type: 'run.ended', outcome: 'proposed', reason: null, proposal: 'prop-1' }),
];

test('every part of the run has its time, its place and its use', () => {
  const trace = Trace.parse(traceOf(run, story));
  const short = trace.spans.map(({ name, start, end, parent, error }) => {
    const second = (instant: string) => (Date.parse(instant) - Date.parse(at(0))) / 1000;
    return [name, second(start), second(end), parent, error];
  });
  expect(short).toEqual([
    ['invoke_agent triage', 0, 41, null, null],
    ['queued', 0, 2, 0, null],
    ['start sandbox', 2, 4, 0, null],
    ['chat claude-opus-5-5', 3, 8, 0, null],
    ['execute_tool Bash', 9, 12, 0, 'tool.failed'],
    ['chat claude-opus-5-5', 12, 14, 0, 'model.stream_broken'],
    ['wait for a person', 14, 30, 0, null],
    ['check after', 37, 38, 0, null],
    ['check after', 38, 40, 0, 'check.failed'],
  ]);
  expect(trace.spans[3]?.attributes).toMatchObject({
    ...{ 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 3150, 'gen_ai.usage.output_tokens': 20 },
    ...{ 'gen_ai.usage.cache_read.input_tokens': 3000, 'gen_ai.response.finish_reasons': ['tool_use'] },
    ...{ 'nightshift.cost.usd': 0.012345, 'nightshift.attempts': 2 },
  });
  expect(JSON.stringify(trace)).not.toContain(secret);
});

test('questions beside the conversation and summaries are calls of a model, too, with all that they used', () => {
  const more = [
    event(15, {
      ...{
        type: 'side.answered',
        purpose: 'judge',
        usage,
        costMicros: 5,
        model: 'claude-haiku-5-5',
        milliseconds: 500,
      },
      answer: { id: 'msg_1', content: [{ type: 'text', text: secret }], stopReason: 'end_turn' },
    }),
    event(16, { type: 'side.answered', purpose: 'probe', usage, costMicros: 5, model: 'claude-haiku-5-5' }),
    event(19, { type: 'history.compacted', why: 'full', text: secret, before: 9, usage, costMicros: 7 }),
  ];
  const { spans } = traceOf(run, [...story.slice(0, 12), ...more]);
  const beside = spans.filter(({ attributes }) => attributes['nightshift.purpose'] !== undefined);
  expect(beside).toMatchObject([
    { name: 'chat claude-haiku-5-5', end: at(15), error: null, attributes: { 'nightshift.purpose': 'judge' } },
    { start: at(16), end: at(16), error: 'model.stream_broken' },
    { name: 'chat claude-opus-5-5', start: at(16), end: at(19), attributes: { 'gen_ai.usage.output_tokens': 20 } },
  ]);
  expect(Date.parse(at(15)) - Date.parse(beside[0]?.start ?? '')).toBe(500);
  expect(JSON.stringify(spans)).not.toContain(secret);
});

test('a subagent stands inside the call that started it, its calls inside of it, and so when it is spoken to again', () => {
  const started = { name: 'explore', description: 'd', model: 'claude-haiku-5-5', background: false };
  const call = (second: number, id: string, name: string, agent?: string) =>
    event(second, { type: 'tool.started', turn: 1, call: id, name, input: {}, ...(agent ? { agent } : {}) });
  const told = [
    ...story.slice(0, 2),
    event(3, { type: 'agent.started', agent: 'agent-1', parent: null, call: 'a', ...started }),
    call(3, 'a', 'Agent'),
    event(4, { type: 'agent.started', agent: 'agent-2', parent: null, call: 'b', ...started, name: 'mender' }),
    call(4, 'b', 'Agent'),
    event(5, { type: 'turn.started', turn: 1, agent: 'agent-2' }),
    event(6, { type: 'agent.started', agent: 'agent-3', parent: 'agent-2', call: 'a', ...started }),
    call(6, 'a', 'Agent', 'agent-2'),
    call(7, 'c', 'Bash', 'agent-3'),
    event(8, { type: 'agent.ended', agent: 'agent-1', outcome: 'finished', code: null, text: '', head: null }),
    event(9, { type: 'agent.continued', agent: 'agent-1', parent: null, call: 'd', background: false }),
    call(9, 'd', 'SendMessage'),
    event(9, { type: 'turn.started', turn: 2, agent: 'agent-1' }),
    event(11, { type: 'agent.ended', agent: 'agent-1', outcome: 'finished', code: null, text: '', head: null }),
  ];
  const { spans } = Trace.parse(traceOf(run, told));
  const path = (at: number): string[] => {
    const span = spans[at];
    return span ? [...(span.parent === null ? [] : path(span.parent)), span.name] : [];
  };
  const within = (name: string) =>
    spans.flatMap((span, at) => (span.name === name ? [path(at).slice(1).join(' > ')] : []));
  const mender = 'execute_tool Agent > invoke_agent mender';
  expect(within('invoke_agent explore')).toEqual([
    'execute_tool Agent > invoke_agent explore',
    `${mender} > execute_tool Agent > invoke_agent explore`,
    'execute_tool SendMessage > invoke_agent explore',
  ]);
  expect(within('execute_tool Bash')).toEqual([
    `${mender} > execute_tool Agent > invoke_agent explore > execute_tool Bash`,
  ]);
  // Each under the model that it asks.
  expect(within('chat claude-haiku-5-5')).toEqual([
    `${mender} > chat claude-haiku-5-5`,
    'execute_tool SendMessage > invoke_agent explore > chat claude-haiku-5-5',
  ]);
  const [first, , again] = spans.filter(({ name }) => name === 'invoke_agent explore');
  expect([first?.end, again?.end]).toEqual([at(8), at(11)]);
  expect(traceLines(createPaint({ isTTY: false }, {}), { run, spans }).join('\n')).toMatch(/^ {10}execute_tool Bash/m);
});

test('what has not ended ends at the last that is known', () => {
  const { spans } = traceOf(run, story.slice(0, 8));
  expect(spans[0]).toMatchObject({ end: at(9), error: null });
  expect(spans.at(-1)).toMatchObject({ name: 'execute_tool Bash', start: at(9), end: at(9) });
});

test('no event is a fault', () => {
  expect(() => traceOf(run, [])).toThrow('Nothing is on record');
});

test('in a terminal each span is a line with its bar, its code and its tokens', () => {
  const told = traceLines(createPaint({ isTTY: false }, {}), traceOf(run, story));
  expect(told).toHaveLength(10);
  expect(told[4]).toMatch(/^ {2}chat claude-opus-5-5 +5\.0 s +▇+ +3150 in, 20 out, \$0\.0123$/);
  expect(told[5]).toMatch(/execute_tool Bash +3\.0 s +▇+ +tool\.failed$/);
});
