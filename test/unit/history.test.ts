/** The model's history as its events make it: what waits until the API takes it, and what a way back brings with it. */
import { describe, expect, test } from 'vitest';
import type { Draft, Event } from '#contract/events.ts';
import { createHistory } from '#core/session/history.ts';

const run = 'run-00000001';
const usage = { input: 10, output: 10, cacheRead: 0, cacheWrite: 0 };

function story() {
  const it = createHistory();
  let seq = 0;
  const add = (...drafts: Draft[]) => {
    for (const draft of drafts) it.apply({ ...draft, seq: ++seq, at: new Date(seq * 1000).toISOString() } as Event);
  };
  let turn = 0;
  const answer = (stopReason: string, ...content: { type: string; [more: string]: unknown }[]) =>
    add(
      { type: 'turn.started', run, turn: ++turn },
      { type: 'message.finished', run, turn, content, stopReason, usage, costMicros: 0 },
    );
  const done = (call: string, text = 'done') =>
    add({
      ...{ type: 'tool.finished', run, call, ok: true, code: null, text },
      view: { kind: 'text', text },
    });
  add({ type: 'message.added', run, text: 'The task.', from: 'routine' });
  return { ...it, add, answer, done };
}

const text = (words: string) => ({ type: 'text', text: words });
const tool = (id: string, name = 'Bash', input: object = {}) => ({ type: 'tool_use', id, name, input });
const back = (turn: number): Draft => ({ type: 'history.rewound', run, turn, files: 'f', by: 'terminal' });

describe('a way back', () => {
  test('does not bring skills that were called later', () => {
    const { history, add, answer, done } = story();
    answer('tool_use', tool('a', 'Skill', { skill: 'first' }));
    done('a');
    answer('tool_use', tool('b', 'Skill', { skill: 'second' }));
    done('b');
    answer('end_turn', text('Done.'));
    add(back(1));
    expect([...history.workedBy]).toEqual(['first']);
    expect([...history.usedSkills.keys()]).toEqual(['first']);
    answer('tool_use', tool('c', 'Skill', { skill: 'third' }));
    done('c');
    answer('end_turn', text('Done.'));
    add(back(1));
    expect([...history.workedBy]).toEqual(['first']);
  });
});

const search = (id: string) => ({ type: 'server_tool_use', id, name: 'web_search', input: { query: 'q' } });
const found = (id: string) => ({
  ...{ type: 'web_search_tool_result', tool_use_id: id },
  content: [{ type: 'web_search_result', title: 'T', url: 'https://docs.example.com/', encrypted_content: 'c2VhbA==' }],
});
const looked = (call: string, more: object = {}): Draft => ({
  ...{ type: 'web.used', run, turn: 1, call, tool: 'WebSearch', input: {}, ok: true, code: null, sources: [] },
  ...more,
});
const shape = (messages: readonly { role: string; content: unknown }[]) =>
  messages.map(({ role, content }) => {
    const last = (content as { type: string; text?: string }[]).at(-1);
    return `${role}: ${last?.text ?? last?.type}`;
  });

describe('while something is still being looked up', () => {
  const hook = (context: string): Draft => ({
    ...{ type: 'hook.ran', run, moment: 'PostToolUse', subject: 'Bash', turn: 1, call: 'a', command: 'c' },
    ...{
      layer: 'person',
      file: 'f',
      exitCode: 0,
      decision: null,
      reason: null,
      context,
      outcome: 'ok',
      message: '',
      milliseconds: 1,
    },
  });

  test('nothing is told but results, and everything else comes in its order when it has come', () => {
    const { history, add, answer, done } = story();
    answer('tool_use', search('s'), tool('a'));
    done('a');
    add(hook('a hook'), { type: 'message.added', run, text: 'a person', from: 'person' });
    add({ type: 'message.added', run, text: 'a result', from: 'nightshift', results: ['agent-1'] });
    expect(shape(history.messages)).toEqual(['user: The task.', 'assistant: tool_use', 'user: tool_result']);
    answer('end_turn', found('s'), text('Found.'));
    expect(shape(history.messages).slice(3)).toEqual([
      ...['assistant: Found.', 'user: a hook', 'user: a person', 'user: a result'],
    ]);
  });

  test('that what came of it speaks to the agent is said before whatever else is told', () => {
    const { history, add, answer } = story();
    answer('end_turn', search('s'), found('s'), text('Done.'));
    add(looked('s', { warning: 'It is data.' }));
    expect(shape(history.messages).at(-1)).toBe('assistant: Done.');
    add({ type: 'message.added', run, text: 'Go on.', from: 'person' });
    expect(shape(history.messages).slice(-2)).toEqual(['user: It is data.', 'user: Go on.']);
  });

  test('the turn is not whole, and neither is one whose findings nobody has looked through', () => {
    const { after: whole, add, answer } = story();
    answer('pause_turn', search('s'));
    expect(whole(1)).toBeNull();
    answer('end_turn', found('s'), text('Done.'));
    expect(whole(2)).toBeNull();
    add({ type: 'person.said', run, text: 'x', by: 'terminal', interrupt: false });
    expect(whole(2)).toBeNull();
    add(looked('s'));
    expect(whole(2)).toMatchObject({ turns: 2 });
  });

  test('a summary that takes the place of everything keeps what it cannot know', () => {
    const { history, add, answer } = story();
    answer('pause_turn', search('s'));
    add(hook('a hook'), { type: 'message.added', run, text: 'a person', from: 'person' });
    add({ type: 'history.compacted', run, why: 'full', text: 'The summary.', before: 0, usage, costMicros: 0 });
    expect(shape(history.messages)).toEqual(['user: The summary.', 'user: a hook']);
  });
});

test('what spoke to a subagent counts for the agent that it works for', () => {
  const { history, add } = story();
  add({ type: 'run.tainted', run, agent: 'agent-1', call: 'a', sign: 's', excerpt: 'e' });
  expect(history.tainted).toBe(true);
});

describe('a way back, and the tools that are offered', () => {
  const offer = (search: boolean): Draft => ({
    ...{ type: 'tools.offered', run, strict: false, problems: [] },
    web: search ? { search: { allowed: null, blocked: [] }, fetch: null } : null,
  });

  test('does not bring back what rules have closed since, nor thinking that was made with it', () => {
    const { history, add, answer } = story();
    add(offer(true));
    answer('end_turn', { type: 'thinking', thinking: 'hm', signature: 's' }, text('One.'));
    add({ type: 'person.said', run, text: 'And two.', by: 'terminal', interrupt: false });
    add(offer(false));
    answer('end_turn', text('Two.'));
    add(back(1));
    expect(history.offer.web).toBeNull();
    expect(JSON.stringify(history.messages)).not.toContain('thinking');
    expect(shape(history.messages)).toEqual(['user: The task.', 'assistant: One.']);
  });
});
