/** Puts an answer together from the events of its stream: nothing is lost or made up, and what is not whole is said to be broken. */
import { partialParse } from '@anthropic-ai/sdk/_vendor/partial-json-parser/parser';
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { Usage } from '#contract/runs.ts';
import { usageIn } from '#core/budget/passes.ts';
import { asFields, type Fields } from '#core/fields.ts';
import type { ModelChunk } from '#core/ports.ts';
import { broken } from './failures.ts';

interface Block {
  fields: Fields;
  /** As it began, to know a second start of the same block. */
  started: string;
  /** Input of a tool call as it comes; null while nothing of it has come. */
  json: string | null;
  touched: boolean;
}

export interface Assembly {
  /** What the event lets a person see. Throws `model.stream_broken` for what cannot belong to this answer. */
  take(event: unknown): ModelChunk[];
  /** An answer has begun. */
  begun(): boolean;
  /** The answer has said that it is over: what comes after it means nothing. */
  over(): boolean;
  /** A plain copy of the whole answer. Throws `model.stream_broken` when a part of it is missing. */
  message(): Message;
}

/** The API itself says that the answer is not whole, so half an input is no failure of the stream. */
const cutShort: ReadonlySet<unknown> = new Set(['max_tokens', 'model_context_window_exceeded', 'refusal']);
/** Blocks whose fields are known; any other keeps whatever its deltas bring. */
const known: Record<string, readonly string[]> = {
  text: ['text', 'citations'],
  thinking: ['thinking', 'signature'],
  redacted_thinking: [],
  tool_use: ['input'],
  server_tool_use: ['input'],
};

/** For one answer. Events in the order of the stream, parsed; those of an unknown type mean nothing here. */
export function assemble(): Assembly {
  let head: Fields | null = null;
  let over = false;
  const blocks = new Map<number, Block>();

  function start(message: Fields): ModelChunk[] {
    if (head === null) {
      head = { ...message, usage: { ...asFields(message.usage) } };
      for (const [index, block] of (Array.isArray(message.content) ? message.content : []).entries())
        begin(index, block);
      return [{ kind: 'began', usage: usageIn(head.usage) }];
    }
    // Some gateways send the start twice. A start of something else in the midst of an answer is no such thing.
    if (message.id !== head.id && blocks.size > 0) throw broken('another answer began in the middle of it.');
    count(message.usage);
    return [];
  }

  function begin(index: unknown, block: unknown): void {
    const fields = asFields(block);
    if (!isIndex(index) || typeof fields.type !== 'string') throw broken('a part of it has no place or no kind.');
    const started = JSON.stringify(fields);
    const before = blocks.get(index);
    if (before && (before.touched || before.started !== started))
      throw broken('one place in it was given to two parts.');
    blocks.set(index, { fields: { ...empty[fields.type], ...fields }, started, json: null, touched: false });
  }

  function extend(index: unknown, delta: Fields): ModelChunk[] {
    const block = blocks.get(index as number);
    if (!block) throw broken('a piece came of a part that never began.');
    block.touched = true;
    switch (delta.type) {
      case 'text_delta':
        return append(block, 'text', delta.text, 'text');
      case 'thinking_delta':
        return append(block, 'thinking', delta.thinking, 'thinking');
      case 'signature_delta':
        put(block, 'signature', delta.signature);
        return unshown(delta.signature);
      case 'citations_delta':
        put(block, 'citations', [...asList(block.fields.citations), delta.citation]);
        return [];
      case 'input_json_delta':
        belongs(block, 'input');
        if (typeof delta.partial_json === 'string') block.json = (block.json ?? '') + delta.partial_json;
        return unshown(delta.partial_json);
      default:
        takeUnknown(block, delta);
        return unshown(JSON.stringify(delta));
    }
  }

  /** Counters are totals of the whole answer: each replaces the one before, and null says nothing. */
  function count(usage: unknown): void {
    if (head) head.usage = { ...asFields(head.usage), ...withoutNull(usage) };
  }

  function take(event: unknown): ModelChunk[] {
    const fields = asFields(event);
    if (over) return [];
    if (fields.type === 'message_start') return start(asFields(fields.message));
    if (head === null) return [];
    if (fields.type === 'content_block_start') begin(fields.index, fields.content_block);
    else if (fields.type === 'content_block_delta') return extend(fields.index, asFields(fields.delta));
    else if (fields.type === 'message_delta') {
      Object.assign(head, withoutNull(fields.delta));
      count(fields.usage);
    } else if (fields.type === 'message_stop') over = true;
    return [];
  }

  function message(): Message {
    const stop = head?.stop_reason;
    if (!head || typeof stop !== 'string') throw broken('it ended without a stop reason.');
    const inOrder = [...blocks].sort(([a], [b]) => a - b).map(([, block]) => block);
    const content = withoutDeclined(inOrder).map((block, at) => whole(block, at, cutShort.has(stop)));
    const { cacheWriteHour: _, searches: __, ...sound } = usageIn(head.usage);
    const usage = { ...asFields(head.usage), ...counted(sound) };
    return { ...head, content, usage } as unknown as Message;
  }

  return { take, message, begun: () => head !== null, over: () => over };
}

function append(block: Block, field: string, piece: unknown, channel: 'text' | 'thinking'): ModelChunk[] {
  belongs(block, field);
  if (typeof piece !== 'string' || piece === '') return [];
  const before = block.fields[field];
  block.fields[field] = (typeof before === 'string' ? before : '') + piece;
  return [{ kind: 'delta', channel, text: piece }];
}

/** It costs, though nobody sees it come. */
function unshown(said: unknown): ModelChunk[] {
  return typeof said === 'string' && said !== '' ? [{ kind: 'unshown', bytes: Buffer.byteLength(said) }] : [];
}

function put(block: Block, field: string, value: unknown): void {
  belongs(block, field);
  block.fields[field] = value;
}

function belongs({ fields }: Block, field: string): void {
  const own = known[String(fields.type)];
  if (own && !own.includes(field)) throw broken(`a piece of ${field} came of a part that has none.`);
}

/** As every delta of the protocol so far: text goes on where it ended, anything else takes the place of what was there. */
function takeUnknown({ fields }: Block, delta: Fields): void {
  for (const [field, piece] of Object.entries(delta)) {
    if (field === 'type') continue;
    const before = fields[field];
    fields[field] = typeof before === 'string' && typeof piece === 'string' ? before + piece : piece;
  }
}

const empty: Record<string, Fields> = {
  text: { type: 'text', text: '' },
  thinking: { type: 'thinking', thinking: '' },
};

/**
 * Where another model took over, what the one before had still asked for is nobody's any more: it is not done, and the
 * API takes no result for it.
 */
function withoutDeclined(blocks: readonly Block[]): Block[] {
  const taken = blocks.findLastIndex(({ fields }) => fields.type === 'fallback');
  const answered = new Set<unknown>(blocks.flatMap(({ fields }) => (fields.tool_use_id ? [fields.tool_use_id] : [])));
  return blocks.filter(({ fields: { type, id } }, at) => {
    const declined = type === 'tool_use' || (type === 'server_tool_use' && !answered.has(id));
    return at > taken || !declined;
  });
}

/** The block as it goes into the history. The SDK mends half an input silently; here that is a broken stream. */
function whole({ fields, json }: Block, at: number, cut: boolean): Fields {
  const call = fields.type === 'tool_use';
  if (call && (!isName(fields.id) || !isName(fields.name))) throw broken(`tool call ${at + 1} has no id or no name.`);
  if (!json) return call ? { ...fields, input: fields.input ?? {} } : fields;
  let input: unknown;
  try {
    input = JSON.parse(json);
  } catch (error) {
    if (!cut) throw broken(`the input of tool call ${at + 1} is not whole.`, error);
    input = started(json);
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw broken(`the input of tool call ${at + 1} is not an object.`);
  return { ...fields, input };
}

/** What is there of an input that was cut. */
function started(json: string): unknown {
  try {
    return partialParse(json);
  } catch {
    return {};
  }
}

/** In the API's own words; the other direction of `usageIn`. */
export function counted({ input, output, cacheRead, cacheWrite, cacheWriteHour, searches }: Usage): Fields {
  return {
    ...{ input_tokens: input, output_tokens: output },
    ...{ cache_read_input_tokens: cacheRead, cache_creation_input_tokens: cacheWrite },
    ...(cacheWriteHour ? { cache_creation: cacheCreation(cacheWrite, cacheWriteHour) } : {}),
    ...(searches ? { server_tool_use: { web_search_requests: searches, web_fetch_requests: 0 } } : {}),
  };
}

function cacheCreation(all: number, hour: number): Fields {
  return { ephemeral_5m_input_tokens: all - hour, ephemeral_1h_input_tokens: hour };
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isName = (value: unknown) => typeof value === 'string' && value !== '';
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function withoutNull(value: unknown): Fields {
  return Object.fromEntries(Object.entries(asFields(value)).filter(([, each]) => each !== null && each !== undefined));
}
