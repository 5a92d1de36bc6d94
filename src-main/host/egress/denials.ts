/** Refusals as one line of JSON that a program can act on and a model can read. */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Denial, EgressCode } from '#contract/egress.ts';

const words: Record<EgressCode, { status: number; approvable: boolean; retryable: boolean; hint: string }> = {
  'net.host_not_allowed': {
    ...{ status: 403, approvable: true, retryable: false },
    hint: 'This host and port are not on the allow-list of this run. Do not try another spelling; say in the proposal what was needed.',
  },
  'net.resolved_private': {
    ...{ status: 403, approvable: false, retryable: false },
    hint: 'The name leads to an address that is private, local or of this machine. Nothing was sent.',
  },
  'net.url_confusing': {
    ...{ status: 400, approvable: false, retryable: false },
    hint: 'The address can be read in more than one way. Write a plain host name and port, without user, backslash or encoded address.',
  },
  'net.not_resolved': {
    ...{ status: 502, approvable: false, retryable: true },
    hint: 'The name has no address.',
  },
  'net.unreachable': {
    ...{ status: 502, approvable: false, retryable: true },
    hint: 'The host is allowed, but did not answer.',
  },
  'net.read_only': {
    ...{ status: 403, approvable: true, retryable: false },
    hint: 'This host may only be read from: GET and HEAD without a body.',
  },
  'net.response_encoded': {
    ...{ status: 502, approvable: false, retryable: false },
    hint: 'The host answered in an encoding in which a secret could not be looked for.',
  },
  'limit.network_bytes': {
    ...{ status: 429, approvable: true, retryable: false },
    hint: 'This run has used up its bytes of network.',
  },
  'limit.network_requests': {
    ...{ status: 429, approvable: true, retryable: false },
    hint: 'This run has used up its requests to the network.',
  },
};

export function denial(code: EgressCode, at: { host: string; port: number; method: string }): Denial {
  const { approvable, retryable, hint } = words[code];
  const { host, port, method } = at;
  return { decision: 'deny', code, tool: 'network', host, port, method, retryable, approvable, hint };
}

/** Answers a request that has not been answered yet; one that has been begun is broken off. */
export function refuse(response: ServerResponse, refusal: Denial): void {
  if (response.headersSent) return void response.destroy();
  const body = `${JSON.stringify(refusal)}\n`;
  response.writeHead(words[refusal.code].status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-nightshift-denied': refusal.code,
    connection: 'close',
  });
  response.end(body);
}

/** Answers a CONNECT on its bare socket. */
export function refuseTunnel(socket: Duplex, refusal: Denial): void {
  const body = `${JSON.stringify(refusal)}\n`;
  const { status } = words[refusal.code];
  socket.end(
    `HTTP/1.1 ${status} Denied ${refusal.code}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nx-nightshift-denied: ${refusal.code}\r\nconnection: close\r\n\r\n${body}`,
  );
}
