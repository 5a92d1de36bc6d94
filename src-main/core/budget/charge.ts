/** What is paid for an answer, whole or lost: what the server counted, and where it counted nothing, what it may have been at most. */
import type { Draft } from '#contract/events.ts';
import type { Usage } from '#contract/runs.ts';
import { FailedTry } from './failed-try.ts';
import { costMicros, type Rates } from './prices.ts';

/** Millionths of a US dollar. */
export interface Charge {
  counted: number;
  /** On top, because nobody counted it. */
  presumed: number;
}

/** `promptAtMost`: millionths of a US dollar. `bytes`: of all that was said; no token is shorter than one. */
export function chargeFor(rates: Rates, usage: Usage, promptAtMost: number, bytes: number): Charge {
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite;
  const said = usage.output === 0 ? Math.ceil(bytes * rates(prompt).output) : 0;
  return { counted: costMicros(rates, usage), presumed: (prompt === 0 ? promptAtMost : 0) + said };
}

type Presumed = Extract<Draft, { type: 'cost.presumed' }>;

/** The record of what was presumed; null when nothing was. */
export function presumedOf(run: string, purpose: string, micros: number, why: Presumed['why']): Presumed | null {
  return micros > 0 ? { type: 'cost.presumed', run, purpose, costMicros: micros, why } : null;
}

/** A request whose answer never began: its prompt counts at its most, unless the server or the network clearly refused it. */
export function presumedOfLost(error: unknown, promptAtMost: number): number {
  return error instanceof FailedTry && !error.facts.mayBeBilled ? 0 : promptAtMost;
}
