import { join } from 'node:path';
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Draft } from '#contract/events.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import { createPurse } from '#core/budget/purse.ts';
import { modeJudge } from '#core/permissions/gate.ts';
import { createHistory } from '#core/session/history.ts';
import { runSession } from '#core/session/session.ts';
import { openStore } from '#core/store/event-log.ts';
import { createIds, systemClock } from '#host/clock.ts';
import { createModels } from '#host/model/models.ts';
import { resolvePaths } from '#host/paths.ts';
import {
  call,
  cut,
  fail,
  hang,
  reply,
  type Step,
  startMessagesServer,
  text,
  thinking,
} from '../fakes/messages-server.ts';
import { scratch, silent, spec } from '../fakes/places.ts';
import { recordingHands } from '../fakes/recording-hands.ts';
import { limits } from '../fakes/records.ts';
import { refuseEvents } from '../fakes/refusing-disk.ts';

const run = 'run-00000001';
const done = call('Propose', { title: 'Mend it', explanation: 'Because.', not_done: ['Nothing else.'] });

async function setUp(
  script: Step[],
  change: Partial<RoutineSpec> = {},
  hands = recordingHands(),
  model = 'claude-opus-5-5',
) {
  const directory = scratch();
  const server = await startMessagesServer(script);
  const paths = resolvePaths({ NIGHTSHIFT_HOME: directory });
  const vault = { get: async () => null, set: async () => {}, delete: async () => {} };
  const env = { ANTHROPIC_API_KEY: 'sk-test-key', ANTHROPIC_BASE_URL: server.url };
  const models = createModels({ env, paths, vault, log: silent, maxRetries: 1 });
  const file = join(directory, 'a.db');
  const store = openStore(file, systemClock);
  onTestFinished(async () => {
    store.close();
    await models.close();
    await server.close();
  });
  // Limits below what a person may set keep the tests quick.
  const wanted = {
    ...spec({ whenAsked: 'deny', ...change, limits: undefined }),
    ...(change.limits ? { limits: change.limits } : {}),
  };
  const add = (...drafts: Draft[]) => store.commit((w) => drafts.map((draft) => w.append(draft)));
  add({ type: 'run.queued', run, routine: 'triage', trigger: { kind: 'person' } });
  add({ type: 'message.added', run, text: 'Do the work.', from: 'routine' });
  const abort = new AbortController();
  const go = async (judge = modeJudge(wanted.permissionMode)) =>
    runSession({
      ...{ store, hands, run, clock: systemClock, spec: wanted, signal: abort.signal },
      ...{ ids: createIds(systemClock), judge },
      purse: createPurse({ store, clock: systemClock, startOfDay: (at) => at - (at % 86_400_000) }),
      model: await models.resolve(model, 'triage'),
    });
  const types = () => store.events({ after: 2, limit: 1000 }).map((event) => event.type);
  const events = () => store.events({ after: 0, limit: 1000 });
  return { server, store, file, hands, go, add, abort, types, events };
}

test.each([
  ['while it is judged', true],
  ['together with its beginning', false],
])('an answer that the disk refuses goes no further: %s', async (_, apart) => {
  const { file, hands, go, types } = await setUp([reply([call('Read', { file_path: 'a.txt' })]), reply([done])]);
  const other = new Database(file);
  onTestFinished(() => void other.close());
  refuseEvents(other, 'message.finished');
  const usual = modeJudge('default');
  const judge: typeof usual = {
    version: usual.version,
    async judge(...asked) {
      if (apart) await new Promise((resolve) => setImmediate(resolve));
      return usual.judge(...asked);
    },
  };
  await expect(go(judge)).rejects.toThrow('FOREIGN KEY');
  expect(hands.calls).toEqual([]);
  expect(types()).toEqual(['turn.started']);
});

const bare = (messages: MessageParam[]) =>
  JSON.parse(JSON.stringify(messages, (key, value) => (key === 'cache_control' ? undefined : value)));

test('tool calls are done in order and their results go back; Propose ends the session', async () => {
  const { go, hands, server, types } = await setUp([
    reply([thinking('look'), text('I look.'), call('Bash', { command: 'ls' }), call('Read', { file_path: 'a' })]),
    reply([done]),
  ]);
  const end = await go();
  expect(end).toMatchObject({ kind: 'finished', proposing: { title: 'Mend it' } });
  expect(hands.calls.map((each) => each.tool)).toEqual(['Bash', 'Read']);
  expect(server.requests).toHaveLength(2);
  expect(types()).toEqual([
    'turn.started',
    'message.finished',
    ...['permission.decided', 'tool.started', 'tool.finished'],
    ...['permission.decided', 'tool.started', 'tool.finished'],
    'turn.started',
    'message.finished',
    ...['permission.decided', 'tool.started', 'tool.finished'],
  ]);
});

test('every request has the earlier one as an exact prefix, cache marks aside [append-only-history]', async () => {
  const turns = Array.from({ length: 6 }, (_, i) => reply([thinking(`${i}`), call('Bash', { command: `echo ${i}` })]));
  const { go, server } = await setUp([...turns, reply([done])]);
  await go();
  const sent = server.requests.map((request) => bare(request.body.messages));
  for (let i = 1; i < sent.length; i++) expect(sent[i].slice(0, sent[i - 1].length)).toEqual(sent[i - 1]);
  for (const { body } of server.requests) {
    expect(body.system).toEqual(server.requests[0]?.body.system);
    expect(body.tools).toEqual(server.requests[0]?.body.tools);
  }
});

test('a failed tool, an unknown tool and a malformed input are data for the model [failed-tool-is-data]', async () => {
  const hands = recordingHands(() => ({ ok: false, code: 'tool.not_found', text: 'no such file' }));
  const { go, events } = await setUp(
    [reply([call('Read', { file_path: 'x' }), call('Fly', {}), call('Bash', { cmd: 1 })]), reply([text('I give up.')])],
    {},
    hands,
  );
  expect(await go()).toMatchObject({ kind: 'finished', proposing: null, lastText: 'I give up.' });
  const codes = events().flatMap((event) => (event.type === 'tool.finished' ? [event.code] : []));
  expect(codes).toEqual(['tool.not_found', 'tool.unknown', 'tool.input']);
});

test('in plan mode an edit is denied with a machine-readable reason and nothing is tried', async () => {
  const { go, hands, events } = await setUp(
    [
      reply([call('Edit', { file_path: 'a', old_string: 'x', new_string: 'y' }), call('Grep', { pattern: 'x' })]),
      reply([text('Report.')]),
    ],
    { permissionMode: 'plan' },
  );
  await go();
  expect(hands.calls.map((each) => each.tool)).toEqual(['Grep']);
  expect(events().find((event) => event.type === 'tool.finished')).toMatchObject({ ok: false, code: 'mode.plan' });
});

describe('limits', () => {
  test('turns', async () => {
    const { go } = await setUp([reply([call('Bash', { command: '1' })]), reply([call('Bash', { command: '2' })])], {
      limits: limits({ turns: 2, minutes: 5, dollars: 2 }),
    });
    expect(await go()).toMatchObject({
      kind: 'limit',
      code: 'limit.turns',
      cure: expect.stringContaining('limits.turns'),
    });
  });

  test('time: an answer that does not come is cut off', async () => {
    const { go } = await setUp([hang()], { limits: limits({ turns: 5, minutes: 0.05 / 60, dollars: 2 }) });
    expect(await go()).toMatchObject({ kind: 'limit', code: 'limit.time' });
  });

  test('money is reserved at its worst before a call, so that the cap holds even when every answer is as dear as it can be [money-reserved]', async () => {
    const dear = (request: { body: { max_tokens: number } }) =>
      reply([call('Bash', { command: 'x'.repeat(2000) })], {
        usage: { input_tokens: 6000, output_tokens: request.body.max_tokens },
      });
    const { go, store, server } = await setUp(Array(50).fill(dear), {
      limits: limits({ turns: 50, minutes: 5, dollars: 0.5 }),
    });
    expect(await go()).toMatchObject({ kind: 'limit', code: 'limit.dollars' });
    expect(server.requests.length).toBeGreaterThan(0);
    expect(store.read.run(run)?.costMicros).toBeLessThanOrEqual(500_000);
    expect(store.read.run(run)?.costMicros).toBeGreaterThan(300_000);
  });
});

describe('stop reasons', () => {
  test('pause_turn: the same history is sent again with the answer at its end', async () => {
    const { go, server } = await setUp([reply([text('…')], { stopReason: 'pause_turn' }), reply([text('Done.')])]);
    await go();
    expect(server.requests[1]?.body.messages.at(-1)?.role).toBe('assistant');
  });

  test('max_tokens: asked to go on, three times at most', async () => {
    const cutOff = () => reply([text('and then')], { stopReason: 'max_tokens' });
    const { go, server } = await setUp([cutOff(), cutOff(), cutOff(), cutOff()]);
    await expect(go()).rejects.toMatchObject({ code: 'model.stopped_oddly' });
    expect(server.requests).toHaveLength(4);
  });

  test.each([
    ['refusal', 'model.refused'],
    ['compaction', 'model.stopped_oddly'],
  ])('%s', async (stopReason, code) => {
    const { go } = await setUp([reply([text('no')], { stopReason: stopReason as 'refusal' })]);
    await expect(go()).rejects.toMatchObject({ code, cure: expect.any(String) });
  });

  test('an empty answer can be followed up', async () => {
    const { go } = await setUp([reply([])]);
    expect(await go()).toMatchObject({ kind: 'finished', lastText: '(no answer)' });
  });
});

describe('failures of the model', () => {
  test('another try is an event', async () => {
    const { go, events } = await setUp([fail(529), reply([done])]);
    await go();
    expect(events().filter((event) => event.type === 'model.retrying')).toMatchObject([{ status: 529, attempt: 1 }]);
  });

  test('a stream that breaks in the middle is asked for again, twice, and nothing of it stays in the history', async () => {
    const { go, server, types } = await setUp([cut([text('half an answer')], 4), reply([done])]);
    expect(await go()).toMatchObject({ kind: 'finished' });
    expect(bare(server.requests[1]?.body.messages ?? [])).toEqual(bare(server.requests[0]?.body.messages ?? []));
    expect(types().filter((type) => type === 'message.finished')).toHaveLength(1);
    const broken = await setUp([1, 2, 3, 4].map(() => cut([text('half')], 4)));
    await expect(broken.go()).rejects.toMatchObject({ code: 'model.stream_broken' });
  });

  test.each([
    [401, 'model.key_rejected'],
    [529, 'model.overloaded'],
    [404, 'model.unknown'],
    [400, 'model.bad_request'],
  ])('%d', async (status, code) => {
    const { go } = await setUp([fail(status), fail(status)]);
    await expect(go()).rejects.toMatchObject({ code, cure: expect.any(String) });
  });
});

describe('a session that died', () => {
  test('goes on from the log: calls that had not begun are done, a call that was under way is not repeated [survives-kill]', async () => {
    const { go, add, hands, server, events } = await setUp([reply([done])]);
    const content = [call('Bash', { command: 'first' }, 'toolu_a'), call('Bash', { command: 'second' }, 'toolu_b')];
    const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
    add({ type: 'turn.started', run, turn: 1 });
    add({
      type: 'message.finished',
      run,
      turn: 1,
      content: content as never,
      stopReason: 'tool_use',
      usage,
      costMicros: 1,
    });
    add({ type: 'tool.started', run, turn: 1, call: 'toolu_a', name: 'Bash', input: { command: 'first' } });
    add({ type: 'run.resumed', run, why: 'restart' });
    await go();
    expect(hands.calls).toEqual([{ tool: 'Bash', input: { command: 'second' } }]);
    const results = server.requests[0]?.body.messages.at(-1)?.content;
    expect(results).toMatchObject([
      { tool_use_id: 'toolu_a', is_error: true, content: expect.stringContaining('restarted') },
      { tool_use_id: 'toolu_b' },
    ]);
    expect(events().filter((event) => event.type === 'tool.finished')).toHaveLength(3);
  });

  test('counts neither the downtime nor, after comments of a person, what was worked before', () => {
    const { history, apply } = createHistory();
    const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 3, minute)).toISOString();
    const common = { run, seq: 1 } as const;
    apply({ ...common, type: 'message.added', text: 'x', from: 'routine', at: at(0) });
    apply({ ...common, type: 'turn.started', turn: 1, at: at(5) });
    apply({ ...common, type: 'run.resumed', why: 'restart', at: at(50) });
    apply({ ...common, type: 'turn.started', turn: 1, at: at(51) });
    expect(history.workedMs).toBe(6 * 60_000);
    apply({ ...common, type: 'message.added', text: 'y', from: 'person', at: at(59) });
    expect(history).toMatchObject({ workedMs: 0, turnsOfThisGo: 0 });
  });

  test('stopping cuts an answer off at once', async () => {
    const { go, server, abort } = await setUp([hang()]);
    const going = go();
    await server.arrived(1);
    abort.abort('stop');
    await expect(going).rejects.toMatchObject({ code: 'run.stopped' });
  });
});

describe('answers that do not keep to the rules', () => {
  test('a call that was cut at the output limit is not done, half as it is; the model is told', async () => {
    const cut = [
      call('Bash', { command: 'whole' }),
      call('Propose', { title: 'Half', explanation: 'of it', not_done: ['Nothing else.'] }),
    ];
    const { go, hands, events } = await setUp([reply(cut, { stopReason: 'max_tokens' }), reply([done])]);
    expect(await go()).toMatchObject({ kind: 'finished', proposing: { title: 'Mend it' } });
    expect(hands.calls.map((each) => each.input.command)).toEqual(['whole']);
    const codes = events().flatMap((event) => (event.type === 'tool.finished' ? [event.code] : []));
    expect(codes).toEqual([null, 'model.cut', null]);
  });

  test('tool calls in a turn that claims to be over still get their answer', async () => {
    const { go, server } = await setUp([
      reply([call('Bash', { command: 'ls' })], { stopReason: 'end_turn' }),
      reply([text('Seen.')]),
    ]);
    expect(await go()).toMatchObject({ kind: 'finished', lastText: 'Seen.' });
    expect(server.requests).toHaveLength(2);
  });

  test('one id for two calls ends the run with a reason', async () => {
    const twins = [call('Bash', { command: 'a' }, 'toolu_same'), call('Bash', { command: 'b' }, 'toolu_same')];
    const { go, hands } = await setUp([reply(twins)]);
    await expect(go()).rejects.toMatchObject({ code: 'model.stopped_oddly', cure: expect.any(String) });
    expect(hands.calls).toEqual([]);
  });

  test('cut answers count in a row only', async () => {
    const cut = () => reply([text('and then')], { stopReason: 'max_tokens' });
    const work = () => reply([call('Bash', { command: 'go on' })]);
    const { go } = await setUp([cut(), cut(), work(), cut(), cut(), work(), cut(), reply([done])]);
    expect(await go()).toMatchObject({ kind: 'finished', proposing: { title: 'Mend it' } });
  });

  test('an input of a shape that nobody thought of is data, not the end of the run', async () => {
    const odd = call('Bash', { command: { toString: 'x' } as unknown as string });
    const { go, events } = await setUp([reply([odd]), reply([done])]);
    await go();
    expect(events().find((event) => event.type === 'tool.finished')).toMatchObject({ code: 'tool.input' });
  });
});

describe('money', () => {
  test('an answer that broke off is paid for too, so that asking again cannot exceed the cap', async () => {
    const half = () => ({
      ...reply([text('x'.repeat(400))], { usage: { input_tokens: 100_000, output_tokens: 1 } }),
      cutAfter: 4,
    });
    const { go, store } = await setUp([half(), half(), half()], {
      limits: limits({ turns: 5, minutes: 5, dollars: 1 }),
    });
    expect(await go()).toMatchObject({ kind: 'limit', code: 'limit.dollars' });
    const spent = store.read.run(run)?.costMicros ?? 0;
    expect(spent).toBeGreaterThan(800_000);
    expect(spent).toBeLessThanOrEqual(1_000_000);
  });

  test('after a restart the prompt is reckoned by what the last answer said of it, not by its bytes', async () => {
    const { go, add, server } = await setUp([reply([done])], { limits: limits({ turns: 5, minutes: 5, dollars: 2 }) });
    const content = [call('Bash', { command: 'long' }, 'toolu_long')] as never;
    const usage = { input: 100_000, output: 10, cacheRead: 0, cacheWrite: 0 };
    add({ type: 'message.added', run, text: 'y'.repeat(400_000), from: 'nightshift' });
    add({ type: 'message.finished', run, turn: 1, content, stopReason: 'tool_use', usage, costMicros: 400_000 });
    await go();
    expect(server.requests).toHaveLength(1);
  });
});
