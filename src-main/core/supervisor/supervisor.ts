/** Starts what the outbox says must run, within the slots there are, and goes on with what an earlier host left open. */
import { Fault } from '#contract/faults.ts';
import type { Log } from '#core/ports.ts';
import { type AttemptParts, attempt } from './attempt.ts';
import { endRun } from './end.ts';

/** Runs at the same time. They wait for the model most of the time, so this does not follow the number of cores. */
const slots = 4;

export interface Supervisor {
  /** Takes up runs that an earlier host left in the middle, then everything that waits. Call once, at the start. */
  recover(): void;
  /** Starts what waits, as far as there are slots. */
  kick(): void;
  /** Throws `not_found`, and `conflict` when the run is over. */
  stop(run: string): void;
  /** Runs that are queued or running. */
  open(): string[];
  busy(): boolean;
  /** Calls `fn` whenever the last open run has ended. The returned function ends it. */
  onIdle(fn: () => void): () => void;
  /** Leaves running runs to the next host. */
  close(): Promise<void>;
}

export function createSupervisor(parts: AttemptParts & { log: Log }): Supervisor {
  const { store, log } = parts;
  const working = new Map<string, { abort: AbortController; done: Promise<void> }>();
  const idle = new Set<() => void>();
  /** Runs whose end could not be written: left to the next host instead of being tried for ever. */
  const left = new Set<string>();
  let closing = false;

  function kick(): void {
    if (closing) return;
    for (const run of store.outbox.pending('run')) {
      if (working.size >= slots) return;
      if (!working.has(run) && !left.has(run)) start(run);
    }
  }

  function start(run: string): void {
    const abort = new AbortController();
    const done = attempt(parts, run, abort.signal)
      .catch((error: unknown) => giveUp(run, error))
      .finally(() => {
        working.delete(run);
        kick();
        if (working.size === 0) for (const fn of [...idle]) fn();
      });
    working.set(run, { abort, done });
  }

  /** A bug, or a disk that takes nothing more: the run must still end in a named state if that can be written at all. */
  function giveUp(run: string, error: unknown): void {
    if (error instanceof Fault && error.code === 'run.interrupted') return;
    log.error('a run broke off', error, { run });
    const fault =
      error instanceof Fault
        ? error
        : new Fault('internal', 'A bug in Nightshift ended the run; the log of the host has the details.');
    const { code, message, cure } = fault;
    const reason = { code, message, ...(cure ? { cure } : {}) };
    try {
      store.commit((writer) =>
        endRun(parts, writer, run, { outcome: 'failed', reason, proposal: null, ledger: 'lost' }),
      );
    } catch (again) {
      // Nothing can be written: the run stays open in the ledger and the next host goes on with it.
      left.add(run);
      log.error('the end of a run could not be recorded', again, { run });
    }
  }

  return {
    recover() {
      for (const run of store.read.runs({ state: 'open', limit: 10_000 }))
        if (run.state === 'running')
          store.commit((writer) => writer.append({ type: 'run.resumed', run: run.id, why: 'restart' }));
      kick();
    },
    kick,
    stop(run) {
      const known = store.read.run(run);
      if (!known)
        throw new Fault('not_found', `There is no run "${run}".`, {
          field: 'run',
          cure: 'See `nightshift runs list`.',
        });
      const active = working.get(run);
      if (active) return active.abort.abort('stop');
      if (known.state === 'ended') throw new Fault('conflict', `The run ${run} is over already.`, { field: 'run' });
      const what = known.proposal ? 'revision' : 'run';
      const reason = { code: 'run.stopped' as const, message: `A person stopped the ${what} before it began.` };
      store.commit((writer) => endRun(parts, writer, run, { outcome: 'stopped', reason, proposal: null }));
    },
    open: () => store.outbox.pending('run'),
    busy: () => working.size > 0 || (!closing && store.outbox.pending('run').some((run) => !left.has(run))),
    onIdle(fn) {
      idle.add(fn);
      return () => void idle.delete(fn);
    },
    async close() {
      closing = true;
      for (const { abort } of working.values()) abort.abort('shutdown');
      await Promise.all([...working.values()].map(({ done }) => done));
    },
  };
}
