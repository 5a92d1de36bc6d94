/**
 * A scripted Messages API for tests: real HTTP, real event streams, one step of the script per request, in order.
 *
 *   const api = await startMessagesServer([
 *     use('Bash', { command: 'ls' }),                  one tool call, stop reason tool_use
 *     reply([thinking('hm'), text('ok'), call('Read', { file_path: 'a' })]),
 *     fail(529), fail(429, { headers: { 'retry-after': '1' } }),
 *     cut([text('half an answer')], 4),                connection destroyed after 4 events
 *     stall([text('half an answer')], 4),              nothing more after 4 events, until the client leaves
 *     drop(),                                          connection destroyed without a word
 *     raw('event: nonsense\ndata: {\n\n'),             status 200 and exactly this body
 *     hang(),                                          no answer until api.release() or the client leaves
 *     (request) => say(`you sent ${request.body.messages.length}`),
 *   ]);
 *   createModels({ env: { ANTHROPIC_BASE_URL: api.url, ANTHROPIC_API_KEY: 'sk-test' }, … })
 *   api.requests[0].body, .headers                     every request, as received
 *   api.push(...steps); await api.arrived(3); await api.close();
 *
 * A request beyond the script gets status 400 "script exhausted", so that it cannot go unnoticed. Failures that
 * are asked again carry `retry-after-ms: 1` unless headers are given, so that tests do not wait.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ContentBlock, MessageCreateParams, StopReason } from '@anthropic-ai/sdk/resources/messages';
import { encodeEvent, errorBody, messageEvents, type Turn, type TurnUsage } from '#host/model/wire.ts';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: MessageCreateParams;
}
export type Step = FixedStep | ((request: Received) => FixedStep);
type FixedStep =
  | {
      kind: 'reply';
      content: ContentBlock[];
      stopReason: StopReason;
      usage: TurnUsage;
      cutAfter?: number;
      stallAfter?: number;
      headers?: Record<string, string>;
    }
  | { kind: 'fail'; status: number; type: string; message: string; headers: Record<string, string> }
  | { kind: 'raw'; body: string }
  | { kind: 'hang' }
  | { kind: 'drop' };

export interface MessagesServer {
  /** Base URL for the SDK. */
  url: string;
  requests: Received[];
  /** Paths of the requests for a list of models. */
  lists: string[];
  /** Bodies of the requests for a count. */
  counts: object[];
  push(...steps: Step[]): void;
  /** Resolves when `count` requests have arrived. */
  arrived(count: number): Promise<void>;
  /** Lets the oldest hanging request go on with the next step of the script. */
  release(): void;
  close(): Promise<void>;
}

let calls = 0;
export const text = (words: string): ContentBlock => ({ type: 'text', text: words, citations: null });
export const thinking = (words: string): ContentBlock => ({ type: 'thinking', thinking: words, signature: 'c2lnbmVk' });
/** A tool call with an id of its own, unless one is given. */
export const call = (name: string, input: object, id = `toolu_test_${++calls}`): ContentBlock =>
  ({ type: 'tool_use', id, name, input, caller: { type: 'direct' } }) as ContentBlock;

/** A whole answer; the stop reason follows from the content unless given. */
export function reply(content: ContentBlock[], more: { stopReason?: StopReason; usage?: Partial<TurnUsage> } = {}) {
  const stopReason = more.stopReason ?? (content.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn');
  const none = { input_tokens: 10, output_tokens: 20, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
  return { kind: 'reply' as const, content, stopReason, usage: { ...none, ...more.usage } };
}
export const say = (words: string) => reply([text(words)]);
export const use = (name: string, input: object) => reply([call(name, input)]);
export const cut = (content: ContentBlock[], cutAfter: number) => ({ ...reply(content), cutAfter });
export const stall = (content: ContentBlock[], stallAfter: number) => ({ ...reply(content), stallAfter });
export const raw = (body: string) => ({ kind: 'raw' as const, body });
export const drop = () => ({ kind: 'drop' as const });
export const hang = () => ({ kind: 'hang' as const });
export function fail(status: number, more: { type?: string; message?: string; headers?: Record<string, string> } = {}) {
  const type = more.type ?? types[status] ?? 'api_error';
  const headers = more.headers ?? { 'retry-after-ms': '1' };
  return { kind: 'fail' as const, status, type, message: more.message ?? `scripted ${status}`, headers };
}
const types: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

/**
 * Listens on 127.0.0.1, on a free port. `models`: what `GET /v1/models` gives; without it there is no such list. `tokens`: of every
 * prompt that is to be counted; without it nothing is counted.
 */
export async function startMessagesServer(
  script: Step[] = [],
  models?: object,
  tokens?: number,
): Promise<MessagesServer> {
  const steps = [...script];
  const requests: Received[] = [];
  const lists: string[] = [];
  const counts: object[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const hanging: (() => void)[] = [];

  function act(request: Received, response: ServerResponse): void {
    const next = steps.shift() ?? fail(400, { message: 'script exhausted', headers: {} });
    const step = typeof next === 'function' ? next(request) : next;
    if (step.kind === 'hang') {
      const go = () => act(request, response);
      hanging.push(go);
      response.on('close', () => hanging.includes(go) && hanging.splice(hanging.indexOf(go), 1));
    } else if (step.kind === 'drop') {
      response.socket?.destroy();
    } else if (step.kind === 'fail') {
      response.writeHead(step.status, { 'content-type': 'application/json', ...step.headers });
      response.end(errorBody(step.type, step.message));
    } else {
      const named = { 'content-type': 'text/event-stream', 'request-id': `req_test_${requests.length}` };
      response.writeHead(200, { ...named, ...(step.kind === 'reply' ? step.headers : {}) });
      if (step.kind === 'raw') response.end(step.body);
      else stream(response, { id: `msg_test_${requests.length}`, model: request.body.model, ...step }, step);
    }
  }

  const server = createServer(async (incoming, response) => {
    if (incoming.method === 'GET') {
      lists.push(incoming.url ?? '');
      return giveJson(response, models);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as MessageCreateParams;
    if (incoming.url?.includes('/count_tokens')) {
      counts.push(body);
      return giveJson(response, tokens === undefined ? undefined : { input_tokens: tokens });
    }
    const request = { path: incoming.url ?? '', headers: incoming.headers, body };
    requests.push(request);
    for (const waiter of waiting) if (requests.length >= waiter.count) waiter.resolve();
    act(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    lists,
    counts,
    push: (...more) => void steps.push(...more),
    arrived: (count) =>
      new Promise((resolve) => (requests.length >= count ? resolve() : waiting.push({ count, resolve }))),
    release: () => hanging.shift()?.(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** 404 when there is nothing to give. */
function giveJson(response: ServerResponse, value: object | undefined): void {
  response.writeHead(value ? 200 : 404, { 'content-type': 'application/json' });
  response.end(value ? JSON.stringify(value) : errorBody('not_found_error', 'nothing of the kind here'));
}

function stream(
  response: ServerResponse,
  turn: Turn,
  { cutAfter, stallAfter }: { cutAfter?: number; stallAfter?: number },
): void {
  const events = [...messageEvents(turn)].map(encodeEvent);
  if (stallAfter !== undefined) response.write(events.slice(0, stallAfter).join(''));
  else if (cutAfter === undefined) response.end(events.join(''));
  else response.write(events.slice(0, cutAfter).join(''), () => response.destroy());
}
