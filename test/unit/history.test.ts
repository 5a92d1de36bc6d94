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
