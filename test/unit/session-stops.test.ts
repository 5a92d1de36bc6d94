/** Why an answer stopped, and what the session does about it: every reason has its behaviour, its event and its end. */
import { describe, expect, test } from 'vitest';
import { createNarrator } from '#cli/print/narrate.ts';
import { createPaint } from '#cli/print/paint.ts';
import type { WireEvent } from '#host/model/wire.ts';
import { call, fail, raw, reply, text, thinking } from '../fakes/messages-server.ts';
import { recordingHands } from '../fakes/recording-hands.ts';
import { limits } from '../fakes/records.ts';
import { stagedRun, stageSession } from '../fakes/staged-session.ts';

const done = () => call('Propose', { title: 'Mend it', explanation: 'Because.', not_done: ['Nothing else.'] });
const work = (words = 'ls') => reply([thinking('hm'), text('I look.'), call('Bash', { command: words })]);
const refusal = (more: WireEvent[] = [], explanation: string | null = 'It could harm.') =>
  raw(
    [
      {
        type: 'message_start',
        message: {
          id: 'msg_r',
          type: 'message',
          role: 'assistant',
          content: [],
          usage: { input_tokens: 50, output_tokens: 1 },
        },
      },
      ...more,
      {
        type: 'message_delta',
        delta: { stop_reason: 'refusal', stop_details: { type: 'refusal', category: 'cyber', explanation } },
        usage: { output_tokens: 9 },
      },
      { type: 'message_stop' },
    ]
      .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      .join(''),
  );
const partial = [
  {
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'tool_use', id: 'toolu_half', name: 'Bash', input: {} },
  },
  { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"command": "nma' } },
];
const kinds = (messages: { role: string; content: { type: string }[] }[]) =>
  messages.map(({ role, content }) => `${role}: ${content.map(({ type }) => type).join(' ')}`);

describe('a refusal', () => {
  test('without another model ends the run with the words of the API, its cost recorded, and nothing of it done', async () => {
    const { go, hands, only, store } = await stageSession([refusal(partial)]);
    await expect(go()).rejects.toMatchObject({
      code: 'model.refused',
      message: 'The model refused: It could harm (cyber).',
      cure: expect.stringContaining('--fallback-model'),
    });
    expect(only('message.finished')).toMatchObject([{ stopReason: 'refusal', usage: { input: 50, output: 9 } }]);
    expect(store.read.run(stagedRun)?.costMicros).toBeGreaterThan(0);
    expect(hands.calls).toEqual([]);
  });

  test('with another model goes on there: what was said of the refused answer is left out, and thinking of the first model, too', async () => {
    const { go, server, only, sent, hands, store } = await stageSession([work(), refusal(partial), reply([done()])], {
      fallback: 'claude-sonnet-5-5',
    });
    expect(await go()).toMatchObject({ kind: 'finished', proposing: { title: 'Mend it' } });
    expect(server.requests.map(({ body }) => body.model)).toEqual([
      ...['claude-opus-5-5', 'claude-opus-5-5', 'claude-sonnet-5-5'],
    ]);
    expect(kinds(sent()[1])).toEqual(['user: text', 'assistant: thinking text tool_use', 'user: tool_result']);
    expect(kinds(sent()[2])).toEqual(['user: text', 'assistant: text tool_use', 'user: tool_result']);
    expect(only('model.switched')).toMatchObject([
      { from: 'claude-opus-5-5', to: 'claude-sonnet-5-5', why: 'The model refused: It could harm (cyber).' },
    ]);
    expect(hands.calls.map(({ input }) => input.command)).toEqual(['ls']);
    expect(store.read.run(stagedRun)?.model).toBe('claude-sonnet-5-5');
    const told = createNarrator(createPaint({}, {}))(only('model.switched')[0] as never).join('\n');
    expect(told).toContain('claude-sonnet-5-5 goes on instead of claude-opus-5-5');
  });

  test('of the other model, too, ends the run', async () => {
    const { go, server } = await stageSession([refusal(), refusal([], null)], { fallback: 'claude-sonnet-5-5' });
    await expect(go()).rejects.toMatchObject({ message: 'The model refused: it gave no reason (cyber).' });
    expect(server.requests).toHaveLength(2);
  });

  test('is not part of what a person’s later words go on from', async () => {
    const { go, add, sent } = await stageSession([refusal(partial), reply([done()])]);
    await expect(go()).rejects.toMatchObject({ code: 'model.refused' });
    add({ type: 'message.added', run: stagedRun, text: 'Then only read.', from: 'person' });
    await go();
    expect(kinds(sent()[1])).toEqual(['user: text', 'user: text']);
  });

  test('before the host died is gone on from when the run is taken up again', async () => {
    const { go, add, server } = await stageSession([reply([done()])], { fallback: 'claude-sonnet-5-5' });
    const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
    const content = [{ type: 'text', text: 'no' }];
    add({ type: 'message.finished', run: stagedRun, turn: 1, content, stopReason: 'refusal', usage, costMicros: 1 });
    add({ type: 'run.resumed', run: stagedRun, why: 'restart' });
    expect(await go()).toMatchObject({ kind: 'finished' });
    expect(server.requests[0]?.body.model).toBe('claude-sonnet-5-5');
  });
});

describe('thinking that is not accepted any more', () => {
  const bad = () => fail(400, { message: 'messages.1.content.0: Invalid `signature` in `thinking` block' });

  test('is left out from there on, once, as an event', async () => {
    const { go, only, sent } = await stageSession([work(), bad(), work('pwd'), reply([done()])]);
    expect(await go()).toMatchObject({ kind: 'finished' });
    expect(only('thinking.dropped')).toMatchObject([{ blocks: 1, why: expect.stringContaining('signature') }]);
    expect(kinds(sent()[2])).toEqual(['user: text', 'assistant: text tool_use', 'user: tool_result']);
    // From then on the history is only extended again.
    expect(sent()[3].slice(0, sent()[2].length)).toEqual(sent()[2]);
    expect(kinds(sent()[3]).at(-2)).toBe('assistant: thinking text tool_use');
  });

  test('ends the run when there is none to leave out', async () => {
    const { go, server } = await stageSession([work(), bad(), bad()]);
    await expect(go()).rejects.toMatchObject({ code: 'model.thinking_invalid', cure: expect.any(String) });
    expect(server.requests).toHaveLength(3);
  });
});

describe('an answer without a word', () => {
  test('of which only empty text came is the same, and goes back as something that the API takes', async () => {
    const { go, sent } = await stageSession([work(), reply([text('')]), reply([text('Done.')])]);
    expect(await go()).toMatchObject({ kind: 'finished', lastText: 'Done.' });
    expect(sent()[2].at(-1).content[0].text).toContain('was empty');
    expect(sent()[2].at(-2).content[0].text.trim()).not.toBe('');
  });

  test('text of nothing but white space, which the API sends and does not take back, is on record and left out', async () => {
    const blank = reply([text('\n\n'), thinking('hm'), text(''), call('Bash', { command: 'ls' }, 'toolu_1')]);
    const { go, sent, only } = await stageSession([blank, reply([text('Done.')])]);
    expect(await go()).toMatchObject({ kind: 'finished' });
    expect(only('message.finished')[0]?.content.map(({ type }) => type)).toEqual([
      ...['text', 'thinking', 'text', 'tool_use'],
    ]);
    expect(kinds(sent()[1])).toEqual(['user: text', 'assistant: thinking tool_use', 'user: tool_result']);
  });

  test('to results of tools is asked for once more; a second one is an end', async () => {
    const { go, sent } = await stageSession([work(), reply([]), reply([])]);
    expect(await go()).toMatchObject({ kind: 'finished', proposing: null });
    expect(sent()).toHaveLength(3);
    expect(sent()[2].at(-1).content[0].text).toContain('was empty');
  });
});

test('a stop sequence ends the turn as if the model had ended it', async () => {
  const { go } = await stageSession([reply([text('Done.')], { stopReason: 'stop_sequence' })]);
  expect(await go()).toMatchObject({ kind: 'finished', lastText: 'Done.' });
});

test('a paused turn goes back as it came, unknown parts of it included', async () => {
  const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'zones' } };
  const odd = { type: 'dream', story: 'once' };
  const { go, sent } = await stageSession([
    reply([search, odd] as never, { stopReason: 'pause_turn' }),
    reply([text('Done.')]),
  ]);
  expect(await go()).toMatchObject({ kind: 'finished' });
  expect(sent()[1].at(-1)).toEqual({ role: 'assistant', content: [search, odd] });
});

describe('images', () => {
  const image = { mediaType: 'image/png' as const, base64: Buffer.alloc(300_000).toString('base64') };
  const hands = () => recordingHands(() => ({ text: '[png image, 2×2, 300000 bytes]', image }));
  const look = (count: number) =>
    reply(Array.from({ length: count }, (_, at) => call('Read', { file_path: `${at}.png` })));

  test('are shown to the model as such, and reckoned by what they are seen as', async () => {
    const { go, sent, only, store } = await stageSession([look(1), reply([done()])], { hands: hands() });
    expect(await go()).toMatchObject({ kind: 'finished' });
    expect(sent()[1].at(-1).content[0].content).toEqual([
      { type: 'text', text: '[png image, 2×2, 300000 bytes]' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image.base64 } },
    ]);
    expect(only('tool.finished')[0]).toMatchObject({ ok: true, image });
    // By its bytes alone the second question would have been too dear for the cap of two dollars.
    expect(store.read.run(stagedRun)?.turns).toBe(2);
  });

  test('beyond what a conversation holds are a failure that the model is told', async () => {
    const { go, only, sent } = await stageSession([look(22), reply([done()])], { hands: hands() });
    expect(await go()).toMatchObject({ kind: 'finished' });
    const results = only('tool.finished').slice(0, 22);
    expect(results.map(({ ok }) => ok).indexOf(false)).toBe(20);
    expect(results[21]).toMatchObject({ code: 'tool.image', text: expect.stringContaining('20 images') });
    expect(JSON.stringify(sent()[1]).match(/"type":"image"/g)).toHaveLength(20);
  });

  test('are not sent to a model that cannot see them', async () => {
    const { go, only, sent } = await stageSession([look(1), reply([done()])], { hands: hands(), model: 'qwen3-coder' });
    await go();
    expect(only('tool.finished')[0]).toMatchObject({ code: 'tool.image', text: expect.stringContaining('cannot see') });
    expect(JSON.stringify(sent())).not.toContain('"image"');
  });
});

describe('an answer that was cut at the output limit', () => {
  const half = (more: Parameters<typeof reply>[0] = []) =>
    reply([text('and then'), ...more], { stopReason: 'max_tokens' });
  const longest = (requests: { body: { max_tokens: number } }[]) => requests.map(({ body }) => body.max_tokens);

  test('is followed by one that may be twice as long, up to what the model can; then as before', async () => {
    const cutCall = half([call('Bash', { command: 'echo ' })]);
    const script = [half(), cutCall, half(), work(), reply([done()])];
    const { go, server, only } = await stageSession(script, { change: { limits: limits({ dollars: 100 }) } });
    expect(await go()).toMatchObject({ kind: 'finished' });
    expect(longest(server.requests)).toEqual([32_000, 64_000, 128_000, 128_000, 32_000]);
    expect(only('tool.finished')[0]).toMatchObject({ ok: false, code: 'model.cut' });
  });

  test('stays as long as it was where nobody says how long the model’s answers can be', async () => {
    const change = { limits: limits({ dollars: 100 }) };
    const { go, server } = await stageSession([half(), reply([done()])], { model: 'qwen3-coder', change });
    await go();
    // The first one is kept short until it is known what the address counts.
    expect(longest(server.requests)).toEqual([expect.any(Number), 32_000]);
  });
});
