/** A Messages endpoint on loopback that answers this process only: whoever does not hold its token is refused. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorBody } from './wire.ts';

export interface Loopback {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** Bearer token; nobody else can know it. */
  token: string;
  close(): Promise<void>;
}

/** Bytes; the API's own limit for one request. */
const largestBody = 32 * 1024 * 1024;

/** `answer` gets the path before `/v1/messages` without its first slash, and the body as it came. What it throws is answered with 500. */
export async function startLoopback(
  answer: (path: string, body: Buffer, response: ServerResponse) => Promise<void>,
): Promise<Loopback> {
  const token = randomBytes(32).toString('hex');
  const server = createServer((request, response) => {
    take(request, response, token, answer).catch((error: Error) => {
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
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function take(
  incoming: IncomingMessage,
  response: ServerResponse,
  token: string,
  answer: (path: string, body: Buffer, response: ServerResponse) => Promise<void>,
): Promise<void> {
  if (!holds(incoming.headers.authorization, token))
    return refuse(response, 401, 'authentication_error', 'this server answers its own process only');
  const [, path = '', ...rest] = (incoming.url ?? '').split('?')[0]?.split('/') ?? [];
  if (incoming.method !== 'POST' || rest.join('/') !== 'v1/messages')
    return refuse(response, 404, 'not_found_error', 'only POST …/v1/messages is here');
  const body = await read(incoming);
  if (body === null) return refuse(response, 413, 'request_too_large', 'the request is larger than 32 MB');
  await answer(decodeURIComponent(path), body, response);
}

/** Null when it is too large. */
async function read(incoming: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function holds(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '');
  const right = Buffer.from(`Bearer ${token}`);
  return given.length === right.length && timingSafeEqual(given, right);
}

export function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-should-retry': 'false' });
  response.end(errorBody(type, message));
}
