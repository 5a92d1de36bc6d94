/**
 * Recorded answers behind the real Messages protocol, on loopback and for this process only. It keeps nothing between
 * requests: the place in the recording follows from the history in the request, so a resumed session goes on where it was.
 */
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import { z } from 'zod';
import { type Cassette, findPlace, HeardMessage, type RecordedTurn } from './cassette.ts';
import { refuse, startLoopback } from './loopback.ts';
import { encodeEvent, messageEvents, type Turn, type TurnUsage } from './wire.ts';

export interface CassetteServer {
  /** Base URL for one recording. */
  url(recording: string): string;
  /** Bearer token; nobody else can know it. */
  token: string;
  close(): Promise<void>;
}

const Request = z.looseObject({
  model: z.string(),
  system: z.unknown().optional(),
  tools: z.unknown().optional(),
  messages: z.array(HeardMessage),
});
type Request = z.infer<typeof Request>;

/** `load` gives null for a recording that does not exist. `pace`: milliseconds between pieces of an answer. */
export async function startCassetteServer(
  load: (recording: string) => Promise<Cassette | null>,
  pace: number,
): Promise<CassetteServer> {
  const { origin, token, close } = await startLoopback((recording, body, response) =>
    answer(recording, body.toString(), response, load, pace),
  );
  return { url: (recording) => `${origin}/${encodeURIComponent(recording)}`, token, close };
}

async function answer(
  recording: string,
  body: string,
  response: ServerResponse,
  load: (recording: string) => Promise<Cassette | null>,
  pace: number,
): Promise<void> {
  const parsed = Request.safeParse(JSON.parse(body));
  if (!parsed.success) return refuse(response, 400, 'invalid_request_error', z.prettifyError(parsed.error));
  const cassette = await load(recording);
  const turn = toTurn(parsed.data, cassette, cassette && findPlace(cassette, parsed.data.messages));
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': turn.id.replace('msg', 'req') });
  for (const event of messageEvents(turn)) {
    if (response.destroyed) return;
    response.write(encodeEvent(event));
    if (pace && event.type === 'content_block_delta') await pause(pace);
  }
  response.end();
}

/** Said in place of a recorded answer. Honest before helpful: nothing here is made up on the spot. */
const noRecording = 'This is the rehearsal model: it has no recording for this routine.';
const offScript =
  'This is the rehearsal model: what happened here is not in its recording, so it stops rather than guess.';
const addKey =
  'Add a key with `nightshift model key`, or set ANTHROPIC_API_KEY, and the same routine runs on a real model.';

function toTurn(request: Request, cassette: Cassette | null, place: RecordedTurn | null): Turn {
  const said = request.messages.filter((message) => message.role === 'assistant').length;
  const text = `${cassette ? offScript : noRecording} ${addKey}`;
  const blocks = place?.content ?? [{ type: 'text' as const, text }];
  const id = `${place?.id ?? 'end'}_${said}`;
  const content = blocks.map((block, at) =>
    block.type === 'text'
      ? { ...block, citations: null }
      : { ...block, id: `toolu_${id}_${at}`, caller: { type: 'direct' } },
  ) as ContentBlock[];
  const calls = blocks.some((block) => block.type === 'tool_use');
  const stopReason = calls ? 'tool_use' : 'end_turn';
  return { id: `msg_${id}`, model: request.model, content, stopReason, usage: estimate(request, content) };
}

/**
 * Tokens such a turn would use: four characters each, everything up to the last answer read from the cache. Rough on
 * purpose; it makes the usage views show something of the right size.
 */
function estimate(request: Request, content: ContentBlock[]): TurnUsage {
  const tokens = (value: unknown) => Math.ceil((JSON.stringify(value, withoutMarks) ?? '').length / 4);
  const last = request.messages.findLastIndex((message) => message.role === 'assistant');
  const fixed = tokens(request.system) + tokens(request.tools);
  const before = last < 0 ? 0 : fixed + tokens(request.messages.slice(0, last));
  const all = fixed + tokens(request.messages);
  return {
    input_tokens: 4,
    output_tokens: tokens(content),
    cache_read_input_tokens: before,
    cache_creation_input_tokens: all - before,
  };
}

/** Cache marks move from turn to turn and are no part of the text. */
const withoutMarks = (key: string, value: unknown) => (key === 'cache_control' ? undefined : value);
