/** Every planned failure has one of these codes; a code, once shipped, keeps its meaning. */
import { z } from 'zod';

export const faultCodes = [
  'input', // a field does not hold what it must hold; `field` names it
  'not_found', // the named thing does not exist
  'conflict', // the thing is in a state that does not allow this
  'unsupported', // this system cannot do it; the message says why
  'internal', // a bug; details are in the host's log, never on the wire
  // the machine
  'host.unreachable',
  'host.busy',
  'data.newer',
  'data.read_only',
  'data.full',
  // the repository
  'repo.missing',
  'repo.not_a_repository',
  'repo.no_commits',
  'repo.detached',
  'repo.conflict',
  'repo.checkout_dirty',
  'repo.git_failed',
  // the model
  'model.key_missing',
  'model.key_rejected',
  'model.unknown',
  'model.overloaded',
  'model.rate_limited',
  'model.unreachable',
  'model.stream_broken',
  'model.refused',
  'model.bad_request',
  'model.context_full',
  'model.stopped_oddly',
  'model.wrong_address',
  'model.retired',
  'model.schema_refused',
  'model.thinking_invalid',
  // the sandbox
  'sandbox.unavailable',
  'sandbox.died',
  // limits of a run
  'limit.turns',
  'limit.time',
  'limit.dollars',
  'limit.denials',
  'limit.day',
  'limit.tokens',
  'limit.output',
  'limit.tool_calls',
  'hook.stopped',
  'run.interrupted',
  'run.stopped',
  'vault.unavailable',
  'scheduler.unavailable',
  'scheduler.failed',
] as const;

export const FaultCode = z.enum(faultCodes);
export type FaultCode = z.infer<typeof FaultCode>;

/** What crosses the wire: what went wrong, in words, and the one thing to do about it. */
export const FaultData = z.object({
  code: FaultCode,
  message: z.string(),
  /** Name of the input field at fault, in the contract's own spelling. */
  field: z.string().optional(),
  /** One next step for the person, as a sentence or a command. */
  cure: z.string().optional(),
});
export type FaultData = z.infer<typeof FaultData>;

/** A planned failure. Anything else that is thrown is a bug and crosses the wire as `internal` with no detail. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly field: string | undefined;
  readonly cure: string | undefined;

  constructor(code: FaultCode, message: string, more: { field?: string; cure?: string; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'Fault';
    this.code = code;
    this.field = more.field;
    this.cure = more.cure;
  }

  toData(): FaultData {
    return { code: this.code, message: this.message, field: this.field, cure: this.cure };
  }

  static from(data: FaultData): Fault {
    return new Fault(data.code, data.message, { field: data.field, cure: data.cure });
  }
}
