/** What a run asked of the network and what came of it: facts for the record, never a body, a path or a secret. */
import { z } from 'zod';

/** Why something was refused; a code, once shipped, keeps its meaning. */
export const egressCodes = [
  'net.host_not_allowed',
  'net.resolved_private',
  'net.url_confusing',
  'net.not_resolved',
  'net.unreachable',
  'net.read_only',
  'net.response_encoded',
  'limit.network_bytes',
  'limit.network_requests',
] as const;
export type EgressCode = (typeof egressCodes)[number];

export const NetworkAttempt = z.object({
  /** As it was judged: lower case, no trailing dot; empty where none could be made out. */
  host: z.string(),
  /** 0 where none could be made out. */
  port: z.int().min(0),
  /** `CONNECT` for an encrypted tunnel, whose requests nobody sees. */
  method: z.string(),
  decision: z.enum(['allow', 'deny']),
  /** Why not; also why an allowed one failed or was cut short. */
  code: z.enum(egressCodes).nullable(),
  /** Bytes from the run to the host, and back. */
  sent: z.int().min(0),
  received: z.int().min(0),
});
export type NetworkAttempt = z.infer<typeof NetworkAttempt>;

/** The body of a refusal, one line of JSON, made to be understood by a program and by the model alike. */
export interface Denial {
  decision: 'deny';
  code: EgressCode;
  tool: 'network';
  host: string;
  port: number;
  method: string;
  /** Would the very same request fare better later? */
  retryable: boolean;
  /** Could a person allow it? */
  approvable: boolean;
  hint: string;
}

/** Answered by the proxy itself, so that a run can see that its way out works without anything going out. */
export const probeHost = 'probe.nightshift.invalid';
/** Never on an allow-list: asking for it must be refused. */
export const refusedHost = 'refused.nightshift.invalid';
/** A port of the machine's own loopback that a person allowed; `localhost` stands for both families. */
export interface LocalPort {
  host: string;
  port: number;
}

/** Where the proxy is found inside the sandbox. */
export const proxyPort = 3128;
