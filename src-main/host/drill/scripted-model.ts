/** A model for the drill that speaks the real Messages protocol and always does the same: one command, then a proposal. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { encodeEvent, errorBody, messageEvents, type Turn } from '#host/model/wire.ts';

export interface ScriptedModel {
  /** Base URL. */
  url: string;
  /** Opens it while it is not revoked. */
  key: string;
  /** From now on: true refuses the key with status 401. */
  revoke(revoked: boolean): void;
  /** From now on the answer that follows `answers` earlier ones is kept back; null lets everything go on. */
  hold(answers: number | null): void;
  /** Requests that are kept back at this moment. */
  held(): number;
  /** Called when an answer that follows `answers` earlier ones is asked for, before it is given. */
  onAsked(fn: (answers: number) => void): void;
  close(): Promise<void>;
}

const Request = z.looseObject({ model: z.string(), messages: z.array(z.looseObject({ role: z.string() })) });
type Request = z.infer<typeof Request>;

/** `command`: the shell command of the first answer, run in the sandbox's workspace. */
export async function startScriptedModel(command: string): Promise<ScriptedModel> {
  const key = 'nightshift-drill-key';
  let revoked = false;
  let holding: number | null = null;
  let listener: (answers: number) => void = () => {};
  const waiting = new Set<() => void>();

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = Request.parse(JSON.parse(await text(incoming)));
    const answers = request.messages.filter(({ role }) => role === 'assistant').length;
    listener(answers);
    const go = () => {
      waiting.delete(go);
      if (response.destroyed) return;
      if (revoked || !holds(incoming, key)) refuse(response);
      else tell(response, request, answers, command);
    };
    response.on('close', () => waiting.delete(go));
    if (holding === answers) waiting.add(go);
    else go();
  }

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key,
    revoke(now) {
      revoked = now;
    },
    hold(answers) {
      holding = answers;
      if (answers === null) for (const go of [...waiting]) go();
    },
    held: () => waiting.size,
    onAsked(fn) {
      listener = fn;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function tell(response: ServerResponse, { model }: Request, answers: number, command: string): void {
  const usage = { input_tokens: 10, output_tokens: 20, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
  const proposal = { title: 'Drill', explanation: 'Made by the fault drill.', not_done: ['Nothing: it is a drill.'] };
  // The same history always gets the same answer, call id included, so that a repeated question shows.
  const [name, input] = answers === 0 ? (['Bash', { command }] as const) : (['Propose', proposal] as const);
  const call = { type: 'tool_use', id: `toolu_drill_${answers}`, name, input, caller: { type: 'direct' } };
  const content = [call] as unknown as Turn['content'];
  response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': `req_drill_${answers}` });
  for (const event of messageEvents({ id: `msg_drill_${answers}`, model, content, stopReason: 'tool_use', usage }))
    response.write(encodeEvent(event));
  response.end();
}

function refuse(response: ServerResponse): void {
  response.writeHead(401, { 'content-type': 'application/json' });
  response.end(errorBody('authentication_error', 'invalid x-api-key'));
}

function holds({ headers }: IncomingMessage, key: string): boolean {
  return headers['x-api-key'] === key || headers.authorization === `Bearer ${key}`;
}

async function text(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
