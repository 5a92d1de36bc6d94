/** Hooks and memory in a session: around a summary, and in the conversation of a subagent. */
import { expect, test } from 'vitest';
import { storeOf } from '#core/agents/own-store.ts';
import { type HookDefinition, readHooks } from '#core/hooks/definition.ts';
import { createHooks } from '#core/hooks/hooks.ts';
import { inspectBySigns } from '#core/permissions/injection-probe.ts';
import type { Hands } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { call, fail, reply, say, text } from '../fakes/messages-server.ts';
import { stagedRun, stageSession } from '../fakes/staged-session.ts';

/** Says of each question what it was about, and goes well; or what `answer` says. */
function speaking(answer: (told: Record<string, unknown>) => string | null) {
  const questions: Record<string, unknown>[] = [];
  const hands: Pick<Hands, 'call'> = {
    async call(_tool, { stdin }, _signal, print) {
      const told = JSON.parse(String(stdin));
      questions.push(told);
      const no = answer(told);
      print?.(no === null ? 'out' : 'err', Buffer.from(no ?? `plain words of ${told.hook_event_name}`));
      return { ok: no === null, code: null, text: '', exitCode: no === null ? 0 : 2, milliseconds: 1 };
    },
  };
  return { hands, questions };
}

const settings = (...moments: string[]) =>
  Object.fromEntries(moments.map((moment) => [moment, [{ hooks: [{ type: 'command', command: `run ${moment}` }] }]]));

function hooksOf(store: Store, hands: Pick<Hands, 'call'>, hooks: HookDefinition[]) {
  const pattern = (source: string, subject: string) => new RegExp(source).test(subject);
  return createHooks({
    ...{ store, run: stagedRun, hands, hooks, pattern, inspect: inspectBySigns, scripts: [] },
    ...{ seenAt: '/workspace', permissionMode: 'acceptEdits', effort: 'medium' },
  });
}

const work = (words: string, tokens = 100) =>
  reply([call('Bash', { command: words })], { usage: { input_tokens: tokens } });
const propose = reply([call('Propose', { title: 'Mend it', explanation: 'Because.', not_done: ['Nothing else.'] })]);

test('before a summary hooks are told, after it those of a start speak again, and the memory stands beside it', async () => {
  const { hands, questions } = speaking(() => null);
  const { hooks } = readHooks(settings('PreCompact', 'SessionStart'), 'person', 'settings.json');
  const { go, add, sent, only } = await stageSession(
    [work('one'), work('two', 9000), reply([text('So far so good.')]), propose],
    { window: 10_000, more: (store) => ({ hooks: hooksOf(store, hands, hooks) }) },
  );
  add({
    ...{ type: 'memory.loaded', run: stagedRun, mode: 'review', files: [], tokens: 5, cut: false },
    text: '# Memory of this repository',
  });
  expect(await go()).toMatchObject({ kind: 'finished' });
  expect(questions).toMatchObject([
    { hook_event_name: 'PreCompact', trigger: 'auto' },
    { hook_event_name: 'SessionStart', source: 'compact' },
  ]);
  const [memory, summary, started] = sent()[3].map(({ content }: { content: { text: string }[] }) => content[0]?.text);
  expect(memory).toBe('# Memory of this repository');
  expect(summary).toContain('So far so good.');
  expect(started).toContain('plain words of SessionStart');
  expect(only('hook.ran').map(({ moment, context }) => [moment, context !== ''])).toEqual([
    ['PreCompact', false],
    ['SessionStart', true],
  ]);
});

const tooLong = fail(400, { message: 'prompt is too long: 10007 tokens > 10000 maximum', headers: {} });

test('a hook that forbids a summary is heard: the conversation goes on as it is, and the hook is asked again each turn', async () => {
  const { hands, questions } = speaking(() => 'keep every word');
  const { hooks } = readHooks(settings('PreCompact'), 'person', 'settings.json');
  const { go, sent, only } = await stageSession([work('one'), work('two', 9000), work('three', 9000), propose], {
    ...{ window: 10_000, more: (store: Store) => ({ hooks: hooksOf(store, hands, hooks) }) },
  });
  expect(await go()).toMatchObject({ kind: 'finished' });
  expect(only('history.compacted')).toEqual([]);
  expect(questions).toHaveLength(2);
  expect(only('hook.ran')).toMatchObject([
    { moment: 'PreCompact', turn: 2, outcome: 'blocked', decision: 'block', reason: 'keep every word' },
    { moment: 'PreCompact', turn: 3, decision: 'block' },
  ]);
  expect(sent()[3].slice(0, sent()[2].length)).toEqual(sent()[2]);
});

test('where the context is full, a hook that forbids the summary ends the session, which names it', async () => {
  const { hands, questions } = speaking(() => 'keep every word');
  const { hooks } = readHooks(settings('PreCompact'), 'person', 'settings.json');
  const { go, only } = await stageSession([work('one'), work('two', 9000), tooLong], {
    ...{ window: 10_000, more: (store: Store) => ({ hooks: hooksOf(store, hands, hooks) }) },
  });
  await expect(go()).rejects.toMatchObject({
    code: 'model.context_full',
    message: expect.stringContaining('a hook (PreCompact) forbids its summary: keep every word'),
  });
  // Of one turn it is asked once.
  expect(questions).toHaveLength(1);
  expect(only('history.compacted')).toEqual([]);
});

test('a subagent has moments of its own, told to it by its kind', async () => {
  const { hands, questions } = speaking(({ hook_event_name: moment, stop_hook_active: again }) =>
    moment === 'SubagentStop' && again === false ? 'look once more' : null,
  );
  const { hooks } = readHooks(
    settings('SubagentStart', 'PreToolUse', 'SubagentStop', 'Stop'),
    'person',
    'settings.json',
  );
  const agent = 'agent-1';
  const thread = { id: agent, type: 'explore', system: 'You look.', paused: () => false };
  const { go, add, sent, only } = await stageSession([work('one'), say('Found.'), say('Found, really.')], {
    more: (store) => ({ hooks: hooksOf(store, hands, hooks), store: storeOf(store, agent), thread }),
  });
  add({ type: 'message.added', run: stagedRun, agent, text: 'Look.', from: 'agent' });
  expect(await go()).toMatchObject({ kind: 'finished', lastText: 'Found, really.' });
  expect(questions.map((told) => told.hook_event_name)).toEqual([
    ...['SubagentStart', 'PreToolUse', 'SubagentStop', 'SubagentStop'],
  ]);
  for (const told of questions) expect(told).toMatchObject({ agent_id: 'agent-1', agent_type: 'explore' });
  expect(JSON.stringify(sent().at(-1))).toContain('look once more');
  expect(only('hook.ran').map(({ call: of }) => of === 'agent-1')).toEqual([true, false, true, true]);
});

test('a published type that is none here is refused with its reason, and with what does its work', () => {
  const of = (type: string) => ({ PreToolUse: [{ hooks: [{ type, url: 'https://example.org', prompt: 'p' }] }] });
  const said = (type: string) => readHooks(of(type), 'person', 'settings.json').problems[0]?.message;
  expect(said('http')).toMatch(
    /^hooks\.PreToolUse\[0\]\.hooks\[0\] is of the type "http": only commands .* a command may/,
  );
  expect(said('prompt')).toContain('a goal or a rubric');
  expect(said('agent')).toContain('a rubric');
  expect(said('mcp_tool')).toContain('no connectors');
  expect(said('other')).toMatch(/only commands are run here$/);
});
