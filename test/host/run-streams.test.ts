/** Streams as the API sends them, through the whole product: each ends in the events, the next request and the end that it should. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Event } from '#contract/events.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import { raw, use } from '../fakes/messages-server.ts';
import { realRuntime } from '../fakes/real-runtime.ts';

const stream = (name: string) => raw(readFileSync(join(import.meta.dirname, 'streams', `${name}.sse`), 'utf8'));
const propose = use('Propose', { title: 'Right', explanation: 'So.', not_done: ['Nothing else.'] });

interface Came {
  run: Run;
  of<T extends Event['type']>(type: T): Extract<Event, { type: T }>[];
  /** Roles and kinds of blocks of each request. */
  sent: string[][];
  models: string[];
}

interface Case {
  name: string;
  change?: Partial<RoutineSpec>;
  /** Answers after it; one that proposes unless given. */
  then?: ReturnType<typeof raw>[];
  see(came: Came): void;
}

const ordinary = { outcome: 'nothing_to_propose' };

const cases: Case[] = [
  {
    name: 'thinking-and-tool',
    see({ run, of, sent }) {
      expect(run).toMatchObject(ordinary);
      expect(of('tool.started').map(({ name }) => name)).toEqual(['Bash', 'Propose']);
      expect(sent[1]).toEqual(['user: text', 'assistant: thinking text tool_use', 'user: tool_result']);
    },
  },
  {
    name: 'redacted',
    see: ({ run, of }) => {
      expect(run.outcome).toBe('nothing_to_propose');
      expect(of('message.finished')[0]?.content[0]).toMatchObject({ type: 'redacted_thinking' });
    },
  },
  {
    name: 'refusal-at-once',
    see({ run, of, models }) {
      expect(run).toMatchObject({ outcome: 'failed', reason: { code: 'model.refused' } });
      expect(run.reason?.message).toContain('Not this (cyber)');
      expect(of('message.finished')).toMatchObject([{ stopReason: 'refusal', usage: { input: 412, output: 5 } }]);
      expect(models).toHaveLength(1);
    },
  },
  {
    name: 'refusal-midway',
    change: { fallbackModel: 'claude-sonnet-5-5' },
    see({ run, of, models, sent }) {
      expect(run).toMatchObject(ordinary);
      expect(of('model.switched')).toMatchObject([{ from: 'claude-opus-5-5', to: 'claude-sonnet-5-5' }]);
      expect(models).toEqual(['claude-opus-5-5', 'claude-sonnet-5-5']);
      // Nothing of what was refused is said again.
      expect(sent[1]).toEqual(['user: text']);
    },
  },
  {
    name: 'fallback-midway',
    see({ run, of }) {
      expect(run).toMatchObject({ outcome: 'nothing_to_propose', turns: 1 });
      const [answer] = of('message.finished');
      expect(answer?.content.map(({ type }) => type)).toContain('fallback');
      // Both passes are paid.
      expect(answer).toMatchObject({ stopReason: 'end_turn', usage: { input: 824, output: 37 } });
    },
  },
  {
    // What the first model was about to do is not done; the other one's part is paid at the other one's price.
    name: 'fallback-in-tool-input',
    see({ run, of, models }) {
      expect(run).toMatchObject({ outcome: 'nothing_to_propose', turns: 1, costMicros: 9 * 20 + 412 * 4 + 760 + 6400 });
      expect(of('tool.started')).toEqual([]);
      expect(of('message.finished')[0]?.passes?.map(({ model }) => model)).toEqual([
        ...['claude-opus-5-5', 'claude-fable-5'],
      ]);
      expect(models).toHaveLength(1);
    },
  },
  {
    name: 'compaction-and-answer',
    see({ run, of }) {
      expect(run).toMatchObject({ ...ordinary, turns: 1, usage: { input: 60_997, output: 550 } });
      expect(of('message.finished')[0]?.content.map(({ type }) => type)).toEqual(['compaction', 'text']);
    },
  },
  {
    name: 'compaction',
    see({ run, of }) {
      expect(run).toMatchObject({ outcome: 'failed', reason: { code: 'model.stopped_oddly' } });
      expect(run.reason?.message).toContain('compaction');
      expect(of('message.finished')).toHaveLength(1);
    },
  },
  {
    name: 'duplicated-start',
    see: ({ run, of }) => expect([run.turns, of('message.finished').length]).toEqual([1, 1]),
  },
  {
    name: 'duplicated-start-late',
    see: ({ run, of }) => expect([run.turns, of('message.finished').length]).toEqual([1, 1]),
  },
  { name: 'empty-deltas', see: ({ run }) => expect(run).toMatchObject(ordinary) },
  {
    name: 'content-in-the-start',
    see: ({ of }) => expect(of('tool.started').map(({ name }) => name)).toEqual(['Bash', 'Propose']),
  },
  {
    name: 'server-tools-paused',
    see({ run, of, sent }) {
      expect(run).toMatchObject({ ...ordinary, turns: 2, usage: { searches: 1 } });
      expect(of('web.used')).toMatchObject([{ tool: 'WebSearch', input: { query: 'zones' }, ok: true }]);
      expect(sent[1]).toEqual(['user: text', 'assistant: text server_tool_use web_search_tool_result text']);
    },
  },
  {
    name: 'web-fetch-failed',
    see({ run, of }) {
      expect(run).toMatchObject(ordinary);
      expect(of('web.used')).toMatchObject([{ tool: 'WebFetch', ok: false, code: 'url_not_accessible' }]);
      expect(of('tool.started').map(({ name }) => name)).toEqual(['CronList', 'Propose']);
    },
  },
  {
    name: 'tool-input-cut-at-limit',
    see({ of }) {
      const cut = of('tool.finished')[0];
      expect(cut).toMatchObject({
        ok: false,
        code: 'model.cut',
        text: expect.stringContaining('cut at the output limit'),
      });
    },
  },
  ...['tool-input-cut', 'malformed-json', 'overloaded-midway'].map(
    (name): Case => ({
      name,
      see({ run, of }) {
        // Asked for again; what had begun is paid for.
        expect(run).toMatchObject({ ...ordinary, turns: 1 });
        expect(of('model.retrying')).toHaveLength(1);
        expect(of('answer.lost')).toMatchObject([{ turn: 1 }]);
        expect(of('tool.started').map(({ name: tool }) => tool)).toEqual(['Propose']);
      },
    }),
  ),
  {
    // Its stop reason had come, so nothing of it is missing.
    name: 'no-message-stop',
    see({ run, of }) {
      expect(run).toMatchObject({ ...ordinary, turns: 1 });
      expect(of('model.retrying')).toEqual([]);
    },
  },
  {
    name: 'another-protocol',
    see: ({ run }) => expect(run).toMatchObject({ outcome: 'failed', reason: { code: 'model.wrong_address' } }),
  },
];

test.each(cases)('$name', async ({ name, change = {}, then = [], see }) => {
  const product = await realRuntime({
    script: [stream(name), ...then, propose],
    routine: { checks: [], ...change } as Partial<RoutineSpec>,
  });
  const run = await product.runOnce();
  const events = product.events(run.id);
  see({
    run,
    of: <T extends Event['type']>(type: T) =>
      events.filter((event): event is Extract<Event, { type: T }> => event.type === type),
    sent: product.server.requests.map(({ body }) =>
      body.messages.map(
        ({ role, content }) => `${role}: ${(content as { type: string }[]).map(({ type }) => type).join(' ')}`,
      ),
    ),
    models: product.server.requests.map(({ body }) => body.model),
  });
});
