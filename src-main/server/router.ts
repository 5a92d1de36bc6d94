/** Binds plain handlers to the contract; whatever they throw leaves as a Fault, and a bug leaves without its details. */
import { mapEventIterator, ORPCError } from '@orpc/client';
import { isContractProcedure } from '@orpc/contract';
import { type AnyRouter, implement } from '@orpc/server';
import { api, type Handlers } from '#contract/api.ts';
import { bugFault, plannedFault } from '#contract/wire-faults.ts';
import type { Log } from '#core/ports.ts';
import { redact } from '#host/redact.ts';

type Handle = (input: unknown, signal?: AbortSignal) => Promise<unknown>;

/** What the contract library offers for one method; its own types cannot be followed through a walk over all of them. */
interface Slot {
  handler(run: (call: { input: unknown; signal?: AbortSignal }) => unknown): AnyRouter;
}

/** Throws when a method of the contract has no handler. `clean` frees what faults say of secrets. */
export function createRouter(handlers: Handlers, log: Log, clean: (text: string) => string = redact): AnyRouter {
  const toWire = (error: unknown, path: readonly string[], signal: AbortSignal | undefined, run?: unknown) => {
    const planned = plannedFault(error);
    // An aborted call throws whatever its handler was doing; that is no bug, and nobody hears the answer.
    if (!planned && !signal?.aborted) log.error('a call failed unexpectedly', error, { method: path.join('.'), run });
    const fault = planned ?? bugFault(error);
    const { cure, ...data } = fault.toData();
    const message = clean(fault.message);
    return new ORPCError('FAULT', { message, data: { ...data, message, ...(cure ? { cure: clean(cure) } : {}) } });
  };
  const guarded = implement(api).use(async ({ next, path, signal }, input: unknown) => {
    try {
      const result = await next();
      if (!isStream(result.output)) return result;
      const error = (thrown: unknown) => Promise.resolve(toWire(thrown, path, signal, runIn(input)));
      const output = mapEventIterator(result.output, { value: (value) => Promise.resolve(value), error });
      return { ...result, output };
    } catch (error) {
      throw toWire(error, path, signal, runIn(input));
    }
  });
  return bind(api, guarded, handlers, []);
}

/** The run that a call is about, for the log. */
function runIn(input: unknown): string | undefined {
  const run = typeof input === 'object' && input !== null ? (input as { run?: unknown }).run : undefined;
  return typeof run === 'string' && /^run-[0-9a-z]{1,40}$/.test(run) ? run : undefined;
}

function bind(contract: unknown, slots: unknown, handlers: unknown, path: string[]): AnyRouter {
  if (isContractProcedure(contract)) {
    if (typeof handlers !== 'function') throw new Error(`no handler for ${path.join('.')}`);
    return (slots as Slot).handler(({ input, signal }) => (handlers as Handle)(input, signal));
  }
  const branches = Object.keys(contract as object).map((key) => {
    const part = (of: unknown) => (of as Record<string, unknown> | undefined)?.[key];
    return [key, bind(part(contract), part(slots), part(handlers), [...path, key])] as const;
  });
  return Object.fromEntries(branches);
}

function isStream(value: unknown): value is AsyncIterator<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
