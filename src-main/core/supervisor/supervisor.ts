/** Starts what the outbox says must run, within the slots there are, and goes on with what an earlier host left open. */
import { Fault } from '#contract/faults.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import type { Log } from '#core/ports.ts';
import { withdrawQuestions } from '#core/questions/questions.ts';
import { fullAllowance, planStarts, type Waiting } from './admission.ts';
import { type AttemptParts, attempt } from './attempt.ts';
import { endRun } from './end.ts';

/** Milliseconds in which a run that got a slot has to begin. */
const beginWithin = 60_000;

interface Work {
  routine: string;
  repository: string;
  abort: AbortController;
  done: Promise<void>;
}

export interface Supervisor {
  /**
   * Takes up runs that an earlier host left in the middle, then everything that waits. Call once, at the start.
   * `powerWent`: it was not the host alone that died.
   */
  recover(powerWent?: boolean): void;
  /** Starts what waits, as far as there are slots. */
  kick(): void;
  /** Throws `not_found`, and `conflict` when the run is over. */
  stop(run: string): void;
  /** Takes a run out of the hands of its attempt for as long as `work` takes, then lets it go on if it is to. */
  aside<T>(run: string, work: () => Promise<T>): Promise<T>;
  /** Runs that are queued or running. */
  open(): string[];
  busy(): boolean;
  /** Calls `fn` whenever the last open run has ended. The returned function ends it. */
  onIdle(fn: () => void): () => void;
  /** Leaves running runs to the next host. */
  close(): Promise<void>;
}

export function createSupervisor(parts: AttemptParts & { log: Log }): Supervisor {
  const { store, log, clock, ledger } = parts;
  const working = new Map<string, Work>();
  const idle = new Set<() => void>();
  /** Runs whose end could not be written: left to the next host instead of being tried for ever. */
  const left = new Set<string>();
  /** Runs that somebody is changing. */
  const asides = new Set<string>();
  let allowance = fullAllowance;
  let unlook = () => {};
  let closing = false;
  // Later, not while the rest is being told: a start commits events of its own.
  const deaf = store.listen((item) => {
    if (item.kind === 'event' && item.event.type === 'run.waiting') queueMicrotask(kick);
  });

  /** What a run works on is settled when it is queued, so it is read once. */
  const known = new Map<string, Waiting>();
  function waitingOf(id: string): Waiting | undefined {
    if (working.has(id) || left.has(id) || asides.has(id)) return undefined;
    const run = known.has(id) ? undefined : store.read.run(id);
    const spec = run && readable(() => store.records.spec(id));
    if (run && spec !== undefined) known.set(id, waitingRun(run, spec, spec ? ledger.jitter(run.routine, spec) : 0));
    return known.get(id);
  }

  function kick(): void {
    if (closing) return;
    for (const run of store.outbox.pending('cancel')) cancel(run);
    const waiting = store.outbox.pending('run').flatMap((run) => waitingOf(run) ?? []);
    const now = clock.now();
    const active = [...working].map(([id, work]) => ({
      ...{ routine: work.routine, repository: work.repository },
      resting: typeof store.read.run(id)?.waitingUntil === 'string',
    }));
    const plan = planStarts(waiting, active, now, allowance);
    allowance = plan.allowance;
    unlook();
    unlook = plan.lookAt === null ? () => {} : clock.after(Math.max(1, plan.lookAt - now), kick);
    for (const id of plan.start) {
      const chosen = waiting.find(({ run }) => run === id);
      if (chosen) start(chosen, 1);
    }
  }

  function start(
    { run, routine, repository }: Pick<Waiting, 'run' | 'routine' | 'repository'>,
    count: number,
    only?: 'overlapped',
  ): void {
    store.commit((writer) => writer.append({ type: 'run.dispatched', run, attempt: count }));
    known.delete(run);
    const abort = new AbortController();
    if (only) abort.abort(only);
    const unwatch = clock.after(beginWithin, () => overdue(run, count));
    const work: Work = { routine, repository, abort, done: Promise.resolve() };
    work.done = attempt(parts, run, abort.signal)
      .catch((error: unknown) => giveUp(run, error))
      .finally(() => {
        unwatch();
        // A second attempt may have taken the place of this one.
        if (working.get(run) !== work) return;
        working.delete(run);
        kick();
        if (working.size === 0) for (const fn of [...idle]) fn();
      });
    working.set(run, work);
  }

  /** Dispatched is not running: what has not begun in time is tried once more, and then a person is told. */
  function overdue(run: string, count: number): void {
    const work = working.get(run);
    const known = store.read.run(run);
    if (!work || closing || known?.state !== 'queued') return;
    if (count === 1) {
      log.info('a run did not begin in time, trying again', { run });
      work.abort.abort('retry');
      start({ ...work, run }, 2);
      return;
    }
    const text = `The run ${run} of ${known.routine} was started twice and has not begun for ${(2 * beginWithin) / 1000} s. See the host's log; \`nightshift runs stop ${run}\` gives its slot to others.`;
    log.error('a run does not begin', new Error(text), { run });
    store.commit((writer) => writer.append({ type: 'alert.raised', about: run, routine: known.routine, text }));
  }

  /** A parked or held run is taken up once more, to keep what it did and to end as stopped; also by another host, if this one dies. It needs no slot. */
  function unpark({ id, held }: Run): void {
    store.commit((writer) => {
      withdrawQuestions(store, writer, id);
      writer.append({ type: 'run.resumed', run: id, why: held ? 'stopped' : 'answered' });
      writer.outbox.add('run', id);
    });
    const waiting = waitingOf(id);
    if (waiting) start(waiting, 1);
  }

  /** The next occurrence of its routine takes the place of this run. */
  function cancel(run: string): void {
    const active = working.get(run);
    if (active) {
      active.abort.abort('overlapped');
      return;
    }
    const known = store.read.run(run);
    if (known && known.state !== 'ended' && known.startedAt) {
      if (left.has(run)) return;
      // An earlier host died over it: taken up once more, to keep what it did and to bring all of it to an end.
      start({ run, routine: known.routine, repository: known.repository ?? '' }, 1, 'overlapped');
      return;
    }
    store.commit((writer) => {
      if (!known || known.state === 'ended') return writer.outbox.done('cancel', run);
      const reason = { code: 'run.stopped' as const, message: 'The next occurrence of the routine took its place.' };
      writer.outbox.done('cancel', run);
      writer.append({ type: 'run.ended', run, outcome: 'stopped', reason, proposal: known.proposal });
      writer.outbox.done('run', run);
      ledger.settle(writer, known, 'coalesced', reason.message, 'overlapped');
    });
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
    recover(powerWent = false) {
      const open = store.read.runs({ state: 'open', limit: 10_000 });
      const atWork = open.filter((run) => run.state === 'running' && run.parkedOn === null && !run.held);
      parts.purse.recover(powerWent ? atWork.map(({ id }) => id) : []);
      for (const run of atWork)
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
      if (known.parkedOn || known.held) return unpark(known);
      const what = known.proposal ? 'revision' : 'run';
      const reason = { code: 'run.stopped' as const, message: `A person stopped the ${what} before it began.` };
      store.commit((writer) => endRun(parts, writer, run, { outcome: 'stopped', reason, proposal: null }));
    },
    async aside(run, work) {
      if (asides.has(run))
        throw new Fault('conflict', `The run ${run} is being changed just now.`, { field: 'run', cure: 'Try again.' });
      asides.add(run);
      try {
        const active = working.get(run);
        active?.abort.abort('paused');
        await active?.done;
        return await work();
      } finally {
        asides.delete(run);
        kick();
      }
    },
    open: () => store.outbox.pending('run'),
    busy: () => working.size > 0 || (!closing && store.outbox.pending('run').some((run) => !left.has(run))),
    onIdle(fn) {
      idle.add(fn);
      return () => void idle.delete(fn);
    },
    async close() {
      closing = true;
      deaf();
      unlook();
      for (const { abort } of working.values()) abort.abort('shutdown');
      await Promise.all([...working.values()].map(({ done }) => done));
    },
  };
}

/** Null: there is one that this version cannot read. Its run is started like any other, to end with that reason. */
function readable(read: () => RoutineSpec | undefined): RoutineSpec | null | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

function waitingRun(run: Run, spec: RoutineSpec | null, jitterMs: number): Waiting {
  const { trigger } = run;
  const queuedAt = Date.parse(run.queuedAt);
  const dueAt = trigger.kind === 'schedule' ? Date.parse(trigger.dueAt) : null;
  return {
    run: run.id,
    routine: run.routine,
    // A link to the same repository is another name for it; then the limit is per name.
    repository: run.repository ?? spec?.repository ?? '',
    ...{ dueAt, queuedAt, startAt: dueAt === null ? queuedAt : dueAt + jitterMs },
    priority: spec?.policies.priority ?? 0,
    parallel: spec?.policies.overlap === 'parallel',
    begun: run.startedAt !== null,
  };
}
