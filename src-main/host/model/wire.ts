/** The streaming side of the Messages protocol: a finished message taken apart into the events that carry it. */
import type { ContentBlock, Message } from '@anthropic-ai/sdk/resources/messages';

export interface WireEvent {
  type: string;
  [field: string]: unknown;
}

/** Just what a turn needs: its blocks, why it stopped and what it used. */
export interface Turn {
  id: string;
  model: string;
  content: ContentBlock[];
  stopReason: NonNullable<Message['stop_reason']>;
  usage: TurnUsage;
}

/** Tokens. */
export interface TurnUsage {
  input_tokens: number;
  output_tokens: number;
  cache_read_input_tokens: number;
  cache_creation_input_tokens: number;
  cache_creation?: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
  server_tool_use?: { web_search_requests: number; web_fetch_requests: number };
}

/** Events of one streamed response, in order, text and tool input cut into pieces of at most `piece` characters. */
export function* messageEvents(turn: Turn, piece = 24): Generator<WireEvent> {
  const { id, model, content, stopReason, usage } = turn;
  const start = { id, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null };
  yield { type: 'message_start', message: { ...start, usage: { ...usage, output_tokens: 1 } } };
  yield { type: 'ping' };
  for (const [index, block] of content.entries()) {
    yield { type: 'content_block_start', index, content_block: emptied(block) };
    for (const delta of deltas(block, piece)) yield { type: 'content_block_delta', index, delta };
    yield { type: 'content_block_stop', index };
  }
  yield { type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null }, usage: { ...usage } };
  yield { type: 'message_stop' };
}

/** One event as it stands in a `text/event-stream` body. */
export function encodeEvent(event: WireEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The body that the API gives with every status from 400 up. */
export function errorBody(type: string, message: string): string {
  return JSON.stringify({ type: 'error', error: { type, message }, request_id: null });
}

function emptied(block: ContentBlock): object {
  if (block.type === 'text') return { ...block, text: '' };
  if (block.type === 'thinking') return { ...block, thinking: '', signature: '' };
  if (block.type === 'tool_use') return { ...block, input: {} };
  return block;
}

function* deltas(block: ContentBlock, piece: number): Generator<object> {
  if (block.type === 'text') for (const text of pieces(block.text, piece)) yield { type: 'text_delta', text };
  if (block.type === 'thinking') {
    for (const thinking of pieces(block.thinking, piece)) yield { type: 'thinking_delta', thinking };
    yield { type: 'signature_delta', signature: block.signature };
  }
  if (block.type === 'tool_use') {
    yield { type: 'input_json_delta', partial_json: '' };
    for (const partial_json of pieces(JSON.stringify(block.input), piece))
      yield { type: 'input_json_delta', partial_json };
  }
}

/** Cuts between code points, so that no piece holds half a character. */
function* pieces(text: string, size: number): Generator<string> {
  let piece = '';
  for (const char of text) {
    if (piece.length + char.length > size && piece) {
      yield piece;
      piece = '';
    }
    piece += char;
  }
  if (piece) yield piece;
}
