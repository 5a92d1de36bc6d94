/** Money is reserved before it is spent: every call at its worst, in one transaction, against the caps of run, routine and day. */
import type { Clock } from '#core/ports.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import { readPaidBy } from './paid-by.ts';
import { createSurprises, type Surprises } from './surprises.ts';

/** Tokens of one answer at most; more is rarely useful in one turn and makes the reserve needlessly large. */
export const longestAnswer = 32_000;
/** Below this an answer is too short to do anything with, so the run stops at this clean point instead. */
export const shortestAnswer = 1_024;

/** Millionths of a US dollar that all routines may spend in one day until a person says otherwise: $20. */
export const usualDayCap = 20_000_000;

/** Purpose of a reserve that is no part of what its call can cost. */
const keptAside = 'aside';

export type Scope = 'run' | 'routine_day' | 'all_day';

/** Millionths of a US dollar. */
export interface Account {
  scope: Scope;
  cap: number;
  spent: number;
  reserved: number;
}

export interface Payer {
  run: string;
  routine: string;
  /** Cap of the run with what a person added, and of its routine for a day. */
  runCap: number;
  routineDayCap: number;
}

export interface Reservation {
  /** Call in the commit that records what came of it. What was not used is free again. */
  settle(writer: Writer, micros: number): void;
}

export interface Purse {
  surprises: Surprises;
  /** The three accounts that a call of this run has to fit, the run's first. */
  accounts(payer: Payer): Account[];
  /**
   * `worst`: what the call can cost at most; the caller has seen that it fits, and commits it in the same breath.
   * `aside`: kept from others beside that; should this host die, it is free again instead of spent.
   */
  reserve(writer: Writer, payer: Payer, purpose: string, worst: number, aside?: number): Reservation;
  /** Resolves when something that was reserved is free again. Rejects with the reason of `signal`. */
  freed(signal: AbortSignal): Promise<void>;
  /**
   * What a host that died had reserved counts as spent. Call once, before anything runs. `atWork`: runs that were at work
   * when the power went. A power cut forgets what was committed within about the last second, and with it perhaps a
   * reservation: of those that have none, one more request counts, as dear as the dearest that the run has made.
   */
  recover(atWork?: readonly string[]): void;
  dayCap(): number;
  setDayCap(micros: number): void;
  /** What a person added to a day's cap holds for the rest of that day. */
  allow(writer: Writer, routine: string | null, micros: number): void;
  /** Spent and reserved since midnight, of one routine or of all. */
  today(routine?: string): { spent: number; reserved: number; added: number };
}

/** `startOfDay`: milliseconds since the epoch → the midnight before it, in this machine's time zone. */
export function createPurse(parts: { store: Store; clock: Clock; startOfDay(at: number): number }): Purse {
  const { store, clock, startOfDay } = parts;
  const { records } = store;
  const waiting = new Set<() => void>();

  const dayCap = () => Number(records.fact('day_cap') ?? usualDayCap);
  /** Asked several times before every call; a day begins with a minute, so within one the answer stays. */
  let known = { minute: Number.NaN, midnight: 0 };
  function midnight(): number {
    const now = clock.now();
    const minute = Math.floor(now / 60_000);
    if (known.minute !== minute) known = { minute, midnight: startOfDay(now) };
    return known.midnight;
  }

  function today(routine?: string) {
    return {
      spent: records.spentMicros(midnight(), routine),
      reserved: records.reservedMicros(routine === undefined ? {} : { routine }),
      added: records.allowedMicros(midnight(), routine ?? null),
    };
  }

  return {
    surprises: createSurprises(store, midnight),
    accounts({ run, routine, runCap, routineDayCap }) {
      const { reserved, spent, allowed } = records.standing({ run, routine }, midnight());
      const paid = store.read.run(run)?.costMicros ?? 0;
      return [
        { scope: 'run', cap: runCap, spent: paid, reserved: reserved.run },
        {
          ...{ scope: 'routine_day', cap: routineDayCap + allowed.routine },
          ...{ spent: spent.routine, reserved: reserved.routine },
        },
        { scope: 'all_day', cap: dayCap() + allowed.all, spent: spent.all, reserved: reserved.all },
      ];
    },
    reserve(writer, { run, routine }, purpose, worst, aside = 0) {
      const id = worst > 0 ? writer.records.reserve({ run, routine, micros: worst, purpose }) : null;
      const beside = aside > 0 ? writer.records.reserve({ run, routine, micros: aside, purpose: keptAside }) : null;
      return {
        settle(inside, micros) {
          if (id !== null) inside.records.release(id);
          if (beside !== null) inside.records.release(beside);
          const paid = { purpose: readPaidBy(purpose).purpose };
          if (micros > 0) inside.records.addSpending({ at: clock.now(), run, routine, micros, ...paid });
          // After the commit, so that whoever waits sees it.
          queueMicrotask(() => {
            for (const wake of [...waiting]) wake();
          });
        },
      };
    },
    freed: (signal) =>
      new Promise((resolve, reject) => {
        const leave = (then: () => void) => {
          waiting.delete(wake);
          signal.removeEventListener('abort', stop);
          then();
        };
        const wake = () => leave(resolve);
        const stop = () => leave(() => reject(signal.reason));
        if (signal.aborted) return reject(signal.reason);
        waiting.add(wake);
        signal.addEventListener('abort', stop, { once: true });
      }),
    recover(atWork = []) {
      const open = records.reserved();
      const forgotten = atWork.filter((run) => !open.some((one) => one.run === run));
      if (open.length + forgotten.length === 0) return;
      store.commit((writer) => {
        for (const run of forgotten) {
          const micros = dearestOf(store, run);
          if (micros === 0) continue;
          const routine = store.read.run(run)?.routine ?? '';
          writer.records.addSpending({ at: clock.now(), run, routine, micros, purpose: 'session' });
          writer.append({ type: 'cost.presumed', run, purpose: 'session', costMicros: micros });
        }
        // Nobody knows how far the request came, so all that was reserved for it counts, but for what was kept aside. Less is
        // no bound: an address adds words of its own to a question, which its bytes do not show, and bills an answer that
        // nobody heard up to the length that it was allowed. Nothing is recorded either when a request is handed to the
        // network, so of none that was reserved is it certain that it was never sent.
        for (const { id, run, routine, micros, purpose: reserved } of open) {
          const { purpose, agent } = readPaidBy(reserved);
          writer.records.release(id);
          if (purpose === keptAside) continue;
          writer.records.addSpending({ at: clock.now(), run, routine, micros, purpose });
          writer.append({ type: 'cost.presumed', run, purpose, costMicros: micros, ...(agent ? { agent } : {}) });
        }
      });
    },
    dayCap,
    setDayCap(micros) {
      store.commit((writer) => writer.records.setFact('day_cap', String(micros)));
    },
    allow: (writer, routine, micros) => writer.records.addAllowance({ at: clock.now(), routine, micros }),
    today,
  };
}

/** Millionths of a US dollar of the dearest single answer in the run's own conversation; 0 before the first. */
function dearestOf(store: Store, run: string): number {
  const events = store.events({ after: 0, run, limit: Number.MAX_SAFE_INTEGER });
  return Math.max(0, ...events.map((event) => (event.type === 'message.finished' ? event.costMicros : 0)));
}
