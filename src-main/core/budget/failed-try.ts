/** One request to a model that brought no answer: a fault that also says whether it may be billed, and whether to ask again. */
import { Fault } from '#contract/faults.ts';
import type { HeardRate } from '#core/ports.ts';

export interface TryFacts {
  /** HTTP status; null: there was no answer at all, or it broke off. */
  status: number | null;
  /** What the server said of it, in short. */
  said: string;
  /** Asking the same again can help. */
  again: boolean;
  /** It passes by itself: a server that is busy, a network that is not there yet. Worth a longer wait. */
  passes: boolean;
  /** Milliseconds that the server asks to wait; null when it does not say. */
  waitMs: number | null;
  /** False: certainly not. The server refused it, or the request never reached one. */
  mayBeBilled: boolean;
  /** A limit that lifts by itself, only later than anybody should wait with a sandbox open: in so many milliseconds. */
  liftsInMs?: number;
  /** What the account allows, where the refusal says it. */
  rates?: HeardRate[];
}

export class FailedTry extends Fault {
  readonly facts: TryFacts;

  constructor({ code, message, field, cure, cause }: Fault, facts: TryFacts) {
    super(code, message, { ...(field ? { field } : {}), ...(cure ? { cure } : {}), cause });
    this.facts = facts;
  }
}

/** It failed of a limit that lifts later: whoever asked has to wait until then, and nothing is decided without the answer. */
export function isHeldUp(error: unknown): error is FailedTry {
  return error instanceof FailedTry && error.facts.liftsInMs !== undefined;
}

/** A stream that stopped short; `said` is for the record. */
export function brokenOff(said: string): FailedTry {
  const cure = 'What the run had done is kept: fork it to go on from there, or start it again.';
  const fault = new Fault('model.stream_broken', said, { cure });
  return new FailedTry(fault, { status: null, said, again: true, passes: false, waitMs: null, mayBeBilled: true });
}
