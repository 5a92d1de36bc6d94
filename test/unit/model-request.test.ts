/** What is sent to the API: cache marks in the right places, the history untouched, thinking only where it is taken. */
import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { expect, test } from 'vitest';
import { gradeTool } from '#core/outcomes/grader-prompt.ts';
import type { ModelRequest } from '#core/ports.ts';
import { apiTools } from '#core/tools/toolbox.ts';
import { takesAdaptiveThinking, toBody, toParams } from '#host/model/request.ts';
import { strictTools } from '#host/model/strict.ts';

const tool = (name: string) => ({ name, description: name, input_schema: { type: 'object' as const } });
const request = (messages: MessageParam[], more: Partial<ModelRequest> = {}): ModelRequest => ({
  system: 'be careful',
  tools: [tool('Bash'), tool('Read')],
  messages,
  maxTokens: 1000,
  effort: 'medium',
  ...more,
});
const result = (id: string): MessageParam => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: id, content: 'ok' }],
});
const turn = (id: string): MessageParam => ({
  role: 'assistant',
  content: [
    { type: 'thinking', thinking: 'hm', signature: 's' },
    { type: 'tool_use', id, name: 'Bash', input: { command: 'ls' } },
  ],
});
const history = [{ role: 'user' as const, content: 'do it' }, turn('a'), result('a'), turn('b'), result('b')];

/** Where the marks are, as paths into the request. */
function marks(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'cache_control' in value ? [path] : [];
  return [...own, ...Object.entries(value).flatMap(([key, inner]) => marks(inner, `${path}/${key}`))];
}
const withoutMarks = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (key, inner) => (key === 'cache_control' ? undefined : inner)));

test('marks: last tool, system, and the ends of the last two user messages, never more than four', () => {
  expect(marks(toParams('claude-opus-5-5', request(history)))).toEqual([
    '/system/0',
    '/tools/1',
    '/messages/2/content/0',
    '/messages/4/content/0',
  ]);
  expect(marks(toParams('m', request(history.slice(0, 1), { system: '', tools: [] })))).toEqual([
    '/messages/0/content/0',
  ]);
});

test('the mark avoids empty text, and moves to an earlier message when nothing can carry it', () => {
  const empty: MessageParam = { role: 'user', content: [{ type: 'text', text: '' }] };
  expect(marks(toParams('m', request([...history, empty])).messages)).toEqual(['/2/content/0', '/4/content/0']);
  const mixed: MessageParam = {
    role: 'user',
    content: [
      { type: 'text', text: 'x' },
      { type: 'text', text: '' },
    ],
  };
  expect(marks(toParams('m', request([mixed])).messages)).toEqual(['/0/content/0']);
});

test('the body of each request says what its parameters say, and the report that comes on top, as a history grows', () => {
  const long = [...history, { role: 'user' as const, content: 'grüße 🌙 "and" so on' }, turn('c'), result('c')];
  for (let at = 1; at <= long.length; at++) {
    const asked = request(long.slice(0, at), { hour: at % 2 === 0 });
    const body = toBody('claude-opus-5-5', asked, null, { diagnostics: { previous_message_id: null } });
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({
      ...JSON.parse(JSON.stringify(toParams('claude-opus-5-5', asked))),
      diagnostics: { previous_message_id: null },
    });
  }
});

test('a history that is sent again as it grew, shrank, or holds another message says the same as one that is new', () => {
  const grown: MessageParam[] = [];
  const sends = (messages: MessageParam[]) => {
    const body = toBody('claude-opus-5-5', request(messages), null, {});
    expect(JSON.parse(Buffer.from(body).toString())).toEqual(
      JSON.parse(JSON.stringify(toParams('claude-opus-5-5', request([...messages])))),
    );
  };
  sends(grown);
  for (const [at, message] of [...history, ...history, ...history].entries()) {
    grown.push(at % 2 ? message : { ...message });
    sends(grown);
  }
  grown[1] = { role: 'assistant', content: 'ÄÖ — something else, in other letters: 夜' };
  sends(grown);
  grown.push({ role: 'user', content: 'and on' });
  sends(grown);
  grown.length = 3;
  sends(grown);
  grown.length = 0;
  sends(grown);
});

test('each request holds the one before as an exact prefix, marks apart, and the caller keeps what it had', () => {
  const frozen = JSON.stringify(history);
  const sent = history.map((_, at) => withoutMarks(toParams('claude-opus-5-5', request(history.slice(0, at + 1)))));
  for (let at = 1; at < sent.length; at++) {
    expect(sent[at].messages.slice(0, at)).toEqual(sent[at - 1].messages);
    expect({ ...sent[at], messages: null }).toEqual({ ...sent[at - 1], messages: null });
  }
  expect(JSON.stringify(history)).toBe(frozen);
});

test('thinking and effort go to Claude 4.6 and later; nothing gets sampling parameters', () => {
  expect(toParams('claude-opus-5-5', request(history, { effort: 'high' }))).toMatchObject({
    thinking: { type: 'adaptive', display: 'summarized' },
    output_config: { effort: 'high' },
  });
  for (const model of ['claude-fable-5-2', 'claude-opus-5', 'claude-sonnet-4-6', 'claude-haiku-5-5'])
    expect(takesAdaptiveThinking(model), model).toBe(true);
  for (const model of [
    'claude-haiku-4-5-20251001',
    'claude-opus-4-20250514',
    'claude-3-5-sonnet-20241022',
    'qwen3',
    'rehearsal',
  ])
    expect(takesAdaptiveThinking(model), model).toBe(false);
  expect(Object.keys(toParams('qwen3', request(history))).sort()).toEqual([
    'max_tokens',
    'messages',
    'model',
    'stream',
    'system',
    'tools',
  ]);
});

test('tools are bound to their schemas as far as the API takes that, in their order; open ones stay as they are', () => {
  const object = (properties: object, required: string[] = Object.keys(properties)) => ({
    ...{ name: 'x', description: 'x' },
    input_schema: { type: 'object' as const, properties, required },
  });
  const plain = object({ path: { type: 'string', minLength: 1, maxLength: 9 } });
  const [bound] = strictTools([plain]);
  expect(bound).toMatchObject({ strict: true, input_schema: { additionalProperties: false, required: ['path'] } });
  expect(JSON.stringify(bound)).not.toContain('"minLength":');
  const many = Array.from({ length: 22 }, (_, at) => ({ ...plain, name: `t${at}` }));
  expect(strictTools(many).filter(({ strict }) => strict)).toHaveLength(20);
  expect(strictTools(many).at(-1)).toBe(many.at(-1));
  const optional = object(
    Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`o${at}`, { type: 'string' }])),
    [],
  );
  expect(strictTools([optional, plain]).map(({ strict }) => strict ?? false)).toEqual([false, true]);
  const open = object({ anything: {} });
  expect(strictTools([open])[0]).toBe(open);
  // Every tool of a session, and the grade of a grader: none is open by itself.
  const own = [...apiTools({ skilled: true, remembers: true, crewed: true, advised: true }), gradeTool];
  expect(own.every((tool) => strictTools([tool])[0]?.strict)).toBe(true);
});
