/** Recorded answers behind the real Messages protocol, each when it is offered, and every request that was made of them. */
import { createHash } from 'node:crypto';
import type { SentRequest } from '#contract/cassettes.ts';
import type { RecordedAnswer } from '#core/replay/answers.ts';
import { counted } from '#host/model/assemble.ts';
import { refuse, startLoopback } from '#host/model/loopback.ts';
import { encodeEvent, messageEvents, type Turn } from '#host/model/wire.ts';

export interface TapeServer {
  baseUrl: string;
  /** Bearer token. */
  token: string;
  /** As they came, oldest first; alive. */
  requests: readonly SentRequest[];
  /** What the next request is answered with. */
  offer(answer: RecordedAnswer): void;
  close(): Promise<void>;
}

export async function startTapeServer(): Promise<TapeServer> {
  const requests: SentRequest[] = [];
  const once = createOnce();
  let turn = 1;
  let offered: RecordedAnswer | null = null;
  const { origin, token, close } = await startLoopback(async (_, body, response) => {
    const answer = offered;
    offered = null;
    const sent = JSON.parse(body.toString()) as Body;
    requests.push(captured(sent, body, turn, purposeOf(answer), once));
    if (!answer) return refuse(response, 400, 'invalid_request_error', 'the recording has no more answers');
    if (answer.kind === 'refused') return refuse(response, 400, 'invalid_request_error', refusals[answer.why]);
    if (answer.turn !== null) turn = answer.turn + 1;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of messageEvents(toTurn(answer, sent.model))) response.write(encodeEvent(event));
    response.end();
  });
  const offer = (answer: RecordedAnswer) => {
    offered = answer;
  };
  return { baseUrl: `${origin}/replay`, token, requests, offer, close };
}

/** In the words of the API, by which the session knows them. */
const refusals = {
  context: 'prompt is too long: the context window is exceeded',
  thinking: 'messages: Invalid `signature` in `thinking` block',
  schema: 'tools.0.custom.input_schema: the schema of a strict tool is not supported',
};

interface Body {
  model: string;
  system?: { text: string }[];
  tools?: object[];
  messages: { content: object[] }[];
  [setting: string]: unknown;
}

type Once = (value: object) => object;

/** Every request repeats the ones before it: what is equal is kept once. */
function createOnce(): Once {
  const known = new Map<string, object>();
  return (value) => {
    const text = JSON.stringify(value);
    const first = known.get(text) ?? value;
    known.set(text, first);
    return first;
  };
}

function purposeOf(answer: RecordedAnswer | null): SentRequest['purpose'] {
  if (answer?.kind !== 'message') return 'conversation';
  return answer.side?.purpose ?? (answer.turn === null ? 'compaction' : 'conversation');
}

function captured(sent: Body, body: Buffer, turn: number, purpose: SentRequest['purpose'], once: Once): SentRequest {
  const { system: told, tools: taken = [], messages: said, ...settings } = sent;
  const system = told?.map(({ text }) => text).join('\n') ?? null;
  const tools = taken.map((tool) => once(unmarked(tool)));
  const messages = said.map((message) => once({ ...message, content: message.content.map(unmarked) }));
  return {
    ...{ turn, purpose, sha256: hash(body) },
    prefix: hash(JSON.stringify([system, tools, messages.slice(0, -1)])),
    ...{ system, tools, messages, settings },
  };
}

/** Marks for the prompt cache move from request to request. */
function unmarked(block: object): object {
  const { cache_control: _, ...rest } = block as { cache_control?: unknown };
  return rest;
}

const hash = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');

function toTurn({ id, content, stopReason, usage }: Extract<RecordedAnswer, { kind: 'message' }>, model: string): Turn {
  return {
    ...{ id, model, content: content as unknown as Turn['content'] },
    stopReason: stopReason as Turn['stopReason'],
    usage: counted(usage) as unknown as Turn['usage'],
  };
}
