/** From a session's request to the API's parameters: cache marks and thinking added, the history itself untouched. */
import type {
  ContentBlockParam,
  MessageCreateParamsStreaming,
  MessageParam,
  ToolUnion,
} from '@anthropic-ai/sdk/resources/messages/messages';
import { type Effort, Effort as EffortLevels } from '#contract/routines.ts';
import type { ModelRequest } from '#core/ports.ts';
import type { ModelFacts } from './model-table.ts';
import { formatOf, strictTools } from './strict.ts';
import { webTools } from './web-tools.ts';

type Mark = { cache_control: { type: 'ephemeral'; ttl?: '1h' } };

/**
 * At most four cache marks: the last tool, the system prompt, and the ends of the last two user messages: the newest
 * writes the cache, the one before reads what the last request wrote, however long the batch between them is.
 * Sampling parameters are never sent: the API refuses them.
 */
export function toParams(
  model: string,
  request: ModelRequest,
  facts: ModelFacts | null = null,
): MessageCreateParamsStreaming {
  const { mark, params } = headOf(model, request, facts);
  const marked = new Set(lastUserMessages(request.messages, 2));
  const messages = request.messages.map((message, at) => toBlocks(message, marked.has(at) ? mark : null));
  return { ...params, messages };
}

/**
 * The same as JSON, with `more` of the SDK's fields: what was sent once is not written out again, which a long history
 * would take milliseconds for. Messages are never changed once they are in a history.
 */
export function toBody(model: string, request: ModelRequest, facts: ModelFacts | null, more: object): Uint8Array {
  const { mark, params } = headOf(model, request, facts);
  const { messages } = request;
  const marked = lastUserMessages(messages, 2);
  const settled = Math.min(messages.length, ...marked);
  const rest = messages
    .slice(settled)
    .map((message, at) => JSON.stringify(toBlocks(message, marked.includes(settled + at) ? mark : null)));
  return Buffer.concat([
    Buffer.from(`${JSON.stringify({ ...params, ...more }).slice(0, -1)},"messages":[`),
    writtenTo(messages, settled),
    Buffer.from(`${settled > 0 && rest.length > 0 ? ',' : ''}${rest.join(',')}]}`),
  ]);
}

/** The first messages of a history, without marks, one after the other. */
interface Written {
  of: MessageParam[];
  /** Has room for more than `length`. */
  bytes: Buffer;
  length: number;
}

const written = new WeakMap<readonly MessageParam[], Written>();

/** The first `count` of them. */
function writtenTo(messages: readonly MessageParam[], count: number): Uint8Array {
  const known = written.get(messages);
  const holds = known && known.of.length <= count && known.of.every((message, at) => message === messages[at]);
  const all: Written = holds ? known : { of: [], bytes: Buffer.alloc(0), length: 0 };
  const fresh = messages.slice(all.of.length, count);
  if (fresh.length > 0) {
    const text = fresh.map((message) => JSON.stringify(toBlocks(message, null))).join(',');
    extend(all, all.of.length > 0 ? `,${text}` : text);
    for (const message of fresh) all.of.push(message);
    written.set(messages, all);
  }
  return all.bytes.subarray(0, all.length);
}

function extend(all: Written, text: string): void {
  const needed = all.length + Buffer.byteLength(text);
  if (needed > all.bytes.length) {
    const larger = Buffer.allocUnsafeSlow(Math.ceil(needed * 1.5));
    all.bytes.copy(larger, 0, 0, all.length);
    all.bytes = larger;
  }
  all.length += all.bytes.write(text, all.length);
}

/** All but the messages. */
function headOf(
  model: string,
  request: ModelRequest,
  facts: ModelFacts | null,
): { params: Omit<MessageCreateParamsStreaming, 'messages'>; mark: Mark } {
  const { system, tools, maxTokens, effort, thinking, web } = request;
  const structured = facts?.structured === true;
  const format = structured && request.format ? { format: formatOf(request.format.schema) } : null;
  const given = request.strict && structured ? strictTools(tools) : tools;
  const { output_config: output, ...mind } = facts?.thinking
    ? thinkingBy(facts.thinking, effortOf(effort, facts.efforts), thinking === 'off')
    : thinkingOf(model, effort, thinking === 'off');
  // An address that does not say so may not know an hour.
  const mark: Mark = { cache_control: { type: 'ephemeral', ...(request.hour && facts ? { ttl: '1h' as const } : {}) } };
  const params = {
    model,
    stream: true as const,
    max_tokens: Math.min(maxTokens, facts?.maxAnswer ?? maxTokens),
    ...(system ? { system: [{ type: 'text' as const, text: system, ...mark }] } : {}),
    ...(given.length ? { tools: [...(web ? webTools(web) : []), ...markLastTool(given, mark)] } : {}),
    ...mind,
    ...(output || format ? { output_config: { ...output, ...format } } : {}),
  };
  return { params, mark };
}

function thinkingOf(
  model: string,
  effort: ModelRequest['effort'],
  off: boolean,
): Partial<MessageCreateParamsStreaming> {
  if (!takesAdaptiveThinking(model)) return {};
  if (off && maySkipThinking.test(model)) return { thinking: { type: 'disabled' } };
  return { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort } };
}

type Thinking = NonNullable<ModelFacts['thinking']>;

/** As the address itself says of the model. */
function thinkingBy(takes: Thinking, effort: Effort | null, off: boolean): Partial<MessageCreateParamsStreaming> {
  if (off && takes.disabled) return { thinking: { type: 'disabled' } };
  return {
    ...(takes.adaptive ? { thinking: { type: 'adaptive' as const, display: 'summarized' as const } } : {}),
    ...(effort ? { output_config: { effort } } : {}),
  };
}

/** The wish, or the nearest below it that the model takes, else its least; null when it takes none. */
export function effortOf(wish: Effort, takes: readonly Effort[] | null): Effort | null {
  if (takes === null) return wish;
  const order = EffortLevels.options;
  const below = takes.filter((level) => order.indexOf(level) <= order.indexOf(wish));
  return below.at(-1) ?? takes[0] ?? null;
}

/** Source: the vendor's model table of November 2026; the larger ones of that generation always think. */
const maySkipThinking = /^claude-haiku-5-5/;

/**
 * True for Claude models from 4.6 on. Older ones refuse adaptive thinking, and a model behind another address may
 * refuse any field it does not know, so both get neither thinking nor effort.
 * Source: Messages API model table of November 2026.
 */
export function takesAdaptiveThinking(model: string): boolean {
  const version = /^claude-[a-z]+-(\d{1,2})(?:-(\d{1,2}))?(?:-|$)/.exec(model);
  if (!version) return false;
  const major = Number(version[1]);
  return major > 4 || (major === 4 && Number(version[2] ?? 0) >= 6);
}

function lastUserMessages(messages: MessageParam[], count: number): number[] {
  const found: number[] = [];
  for (let at = messages.length - 1; at >= 0 && found.length < count; at--)
    if (messages[at]?.role === 'user' && markable(messages[at]) >= 0) found.push(at);
  return found;
}

/** Always blocks, never a plain string: what was sent once must look the same for ever but for the marks. */
function toBlocks(message: MessageParam, mark: Mark | null): MessageParam {
  const content = blocksOf(message);
  if (!mark) return content === message.content ? message : ({ ...message, content } as MessageParam);
  const at = markable(message);
  const blocks = content.map((block, index) => (index === at ? { ...block, ...mark } : block));
  return { ...message, content: blocks } as MessageParam;
}

function blocksOf(message: MessageParam): ContentBlockParam[] {
  return typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
}

/** Index of the block that can carry the mark; -1 when none can. The API refuses marks on thinking and on empty text. */
function markable(message: MessageParam | undefined): number {
  if (!message) return -1;
  return blocksOf(message).findLastIndex(
    (block) =>
      block.type !== 'thinking' && block.type !== 'redacted_thinking' && !(block.type === 'text' && block.text === ''),
  );
}

function markLastTool(tools: ModelRequest['tools'], mark: Mark): ToolUnion[] {
  return tools.map((tool, at) => (at === tools.length - 1 ? { ...tool, ...mark } : tool));
}
