/**
 * Recorded answers behind the real Messages protocol, on loopback and for this process only. It keeps nothing between
 * requests: the place in the recording follows from the history in the request, so a resumed session goes on where it was.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages';
import { z } from 'zod';
import { type Cassette, findPlace, HeardMessage, type RecordedTurn } from './cassette.ts';
import { encodeEvent, errorBody, messageEvents, type Turn, type TurnUsage } from './wire.ts';

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

/** Bytes; the API's own limit for one request. */
const largestBody = 32 * 1024 * 1024;

/** `load` gives null for a recording that does not exist. `pace`: milliseconds between pieces of an answer. */
export async function startCassetteServer(
  load: (recording: string) => Promise<Cassette | null>,
  pace: number,
): Promise<CassetteServer> {
  const token = randomBytes(32).toString('hex');
  const server = createServer((request, response) => {
    answer(request, response, token, load, pace).catch((error: Error) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'api_error', `the recording cannot be played: ${error.message}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  return {
    url: (recording) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${encodeURIComponent(recording)}`,
    token,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  token: string,
  load: (recording: string) => Promise<Cassette | null>,
  pace: number,
): Promise<void> {
  if (!holds(incoming.headers.authorization, token))
    return refuse(response, 401, 'authentication_error', 'this server answers its own process only');
  const [, recording = '', ...rest] = (incoming.url ?? '').split('?')[0]?.split('/') ?? [];
  if (incoming.method !== 'POST' || rest.join('/') !== 'v1/messages')
    return refuse(response, 404, 'not_found_error', 'only POST …/v1/messages is here');
  const body = await read(incoming);
  if (body === null) return refuse(response, 413, 'request_too_large', 'the request is larger than 32 MB');
  const parsed = Request.safeParse(JSON.parse(body));
  if (!parsed.success) return refuse(response, 400, 'invalid_request_error', z.prettifyError(parsed.error));
  const cassette = await load(decodeURIComponent(recording));
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

/** Null when it is too large. */
async function read(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function holds(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '');
  const right = Buffer.from(`Bearer ${token}`);
  return given.length === right.length && timingSafeEqual(given, right);
}

function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-should-retry': 'false' });
  response.end(errorBody(type, message));
}
