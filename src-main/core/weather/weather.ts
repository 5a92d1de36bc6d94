/** One gate for each model of each account, shared by all runs of this host; what accounts said last outlives it. */
import { z } from 'zod';
import { Fault } from '#contract/faults.ts';
import { type AccountLimits, RateKind } from '#contract/weather.ts';
import { FailedTry } from '#core/budget/failed-try.ts';
import type { Clock, HeardRate, Log, Models, ResolvedModel } from '#core/ports.ts';
import type { Store } from '#core/store/event-log.ts';
import { createGate, type Gate } from './gate.ts';

/** Milliseconds: a longer wait is not waited for with a sandbox open. Also where the host's own retries end. */
export const longestPause = 600_000;
/** Milliseconds: what was heard is written down this soon, not with each answer. */
const keepAfter = 5_000;
/** Gates that are remembered; keys come and go. */
const mostKept = 20;

const Instant = z.number().finite();
const Kept = z.array(
  z.object({
    account: z.string(),
    address: z.string(),
    model: z.string(),
    rates: z.array(z.object({ kind: RateKind, limit: z.number(), remaining: z.number(), resetAt: Instant })),
    seenAt: Instant,
    closedUntil: Instant,
    refusedAt: Instant,
    probe: z.boolean(),
  }),
);

export interface Weather {
  /** The same models, whose requests go through the gates and whose status tells what the account allows. */
  over(models: Models): Models;
  /** Writes down what is not yet. Never throws. */
  close(): void;
}

interface Known {
  account: string;
  address: string;
  model: string;
  gate: Gate;
}

export function createWeather({ store, clock, log }: { store: Store; clock: Clock; log: Log }): Weather {
  const known = new Map<string, Known>();
  const through = new WeakSet<ResolvedModel>();
  let unkeep: (() => void) | null = null;

  for (const { account, address, model, ...from } of readKept(store)) open(account, address, model, from);

  function open(account: string, address: string, model: string, from?: ReturnType<Gate['state']>): Gate {
    const name = `${account} ${model}`;
    const there = known.get(name);
    if (there) return there.gate;
    const closed = (untilMs: number) => closedFault(untilMs, clock.now());
    const gate = createGate({ clock, longest: longestPause, closed, ...(from ? { from } : {}) });
    known.set(name, { account, address, model, gate });
    return gate;
  }

  function keepSoon(): void {
    unkeep ??= clock.after(keepAfter, keep);
  }

  function keep(): void {
    unkeep?.();
    unkeep = null;
    const all = [...known.values()].map(({ gate, ...names }) => ({ ...names, ...gate.state() }));
    const newest = all.filter(({ seenAt }) => seenAt > 0).sort((a, b) => b.seenAt - a.seenAt);
    const text = JSON.stringify(newest.slice(0, mostKept));
    try {
      store.commit((writer) => writer.records.setFact('rate_limits', text));
    } catch (error) {
      // It is heard again with the next answer.
      log.error('keeping what the accounts allow', error);
    }
  }

  function watched(model: ResolvedModel): ResolvedModel {
    const { account } = model;
    if (!account || through.has(model)) return model;
    const gate = open(account.id, account.address, model.id);
    const own: ResolvedModel = {
      ...model,
      enter: (tokens, signal) => gate.enter(tokens, signal),
      async *stream(request, signal) {
        let first = true;
        const hear = (rates: readonly HeardRate[]) => {
          gate.hear(rates, first);
          first = false;
          if (rates.length > 0) keepSoon();
        };
        try {
          for await (const chunk of model.stream(request, signal)) {
            if (chunk.kind === 'limits') hear(chunk.rates);
            else {
              if (first) hear([]);
              yield chunk;
            }
          }
        } catch (error) {
          if (error instanceof FailedTry) fell(gate, error, first);
          throw error;
        }
      },
    };
    through.add(own);
    return own;
  }

  function fell(gate: Gate, { facts }: FailedTry, first: boolean): void {
    const { status, waitMs, liftsInMs, again, rates = [] } = facts;
    if (status === 429 && (again || liftsInMs !== undefined)) {
      gate.refused(rates, liftsInMs ?? waitMs, first);
      keepSoon();
      // A host that dies at once must not ask again before its time.
      if (liftsInMs !== undefined) keep();
    } else if (status !== null) gate.hear(rates, first);
  }

  function limits(account: string): AccountLimits[] {
    const iso = (at: number) => new Date(at).toISOString();
    return [...known.values()]
      .map(({ gate, ...names }) => ({ names, waiting: gate.waiting(), ...gate.state() }))
      .filter(({ names, seenAt }) => seenAt > 0 && names.account === account)
      .sort((a, b) => b.seenAt - a.seenAt)
      .map(({ names, waiting, rates, seenAt, closedUntil }) => ({
        ...names,
        ...{ waiting, seenAt: iso(seenAt), closedUntil: closedUntil > clock.now() ? iso(closedUntil) : null },
        rates: rates.map((rate) => ({ ...rate, resetAt: iso(rate.resetAt) })),
      }));
  }

  return {
    over: (models) => ({
      ...models,
      resolve: async (wish, recording) => watched(await models.resolve(wish, recording)),
      async second(own) {
        const other = await models.second(own);
        return other && watched(other);
      },
      async status() {
        const status = await models.status();
        return { ...status, limits: status.account ? limits(status.account) : [] };
      },
    }),
    close() {
      if (unkeep) keep();
    },
  };
}

/** What a request is told that is not even sent, because the account has said that it would be refused. */
function closedFault(untilMs: number, now: number): FailedTry {
  const said = `The account is limited until ${new Date(untilMs).toISOString()}.`;
  const fault = new Fault('model.rate_limited', said, { cure: 'Look at the limits of the API account.' });
  const no = { again: false, passes: true, waitMs: null, mayBeBilled: false };
  return new FailedTry(fault, { ...no, status: 429, said, liftsInMs: untilMs - now });
}

/** Nothing where another version has written what this one cannot read: it is heard again with the next answer. */
function readKept(store: Store): z.infer<typeof Kept> {
  try {
    return Kept.parse(JSON.parse(store.records.fact('rate_limits') ?? '[]'));
  } catch {
    return [];
  }
}
