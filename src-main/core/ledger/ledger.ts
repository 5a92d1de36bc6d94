/** One trigger key, one run: every due instant of every routine is claimed once and ends in a recorded state with a reason. */
import { createHash } from 'node:crypto';
import type { Cause, ClaimedBy, Occurrence } from '#contract/ledger.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import type { Origin } from '#contract/session-events.ts';
import { taskRoutine } from '#contract/tasks.ts';
import type { Clock, Conditions, Ids } from '#core/ports.ts';
import type { Routines } from '#core/routines/routines.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import { createAccountant, earliestNow, earlyBy, type Look } from './account.ts';
import { spanWords } from './local-time.ts';
import { absenceWords } from './reasons.ts';

/** Started later than this after its due instant, an occurrence ran late. One minute is the resolution of cron. */
const lateAfter = 60_000;
const unknown: Conditions = { onMains: null, unmetered: null };

export interface Ledger {
  /**
   * Claims everything that is due and queues runs as each routine's policies say; what does not run gets a row with its
   * reason, a missed range one row. Safe to call from many processes and as often as anyone likes. `routine` limits it
   * to one. A routine whose folder is gone gets a last row, `skipped` and `removed`, for what was due until now. A system
   * clock before 2020 claims nothing.
   */
  account(by: ClaimedBy, routine?: string, conditions?: Conditions): Occurrence[];
  /** From now on the routine's instants count, by its files as they are; none of the past is ever filled in. */
  begin(writer: Writer, routine: string): void;
  /**
   * Changes a routine in one transaction: what was due until now is accounted for by the routine as it was – claimed and
   * run with its old prompt, schedule and policies – then `work` changes the files, and what they say counts from now on.
   * What `work` throws undoes all of it but the files. Throws `not_found`.
   */
  change(routine: string, work: (writer: Writer) => void, conditions?: Conditions): Occurrence[];
  /**
   * Removes a routine in one transaction: what was due until now and nobody had looked at is `skipped`, cause `removed`
   * (or what its policies say of it otherwise: paused, too late), and nothing runs; then `work` takes the files away.
   * Rows and runs stay. Throws `not_found`.
   */
  remove(routine: string, work: (writer: Writer) => void): Occurrence[];
  /** Queues a run for a person; with `origin`, one that goes on from another. Throws nothing; the caller has checked that none is open. */
  queue(writer: Writer, routine: string, spec: RoutineSpec, by?: { key?: string | undefined; origin?: Origin }): string;
  /** Brings the occurrence of a run to its final state. No occurrence: nothing happens. */
  settle(
    writer: Writer,
    run: Run,
    state: 'running' | 'ran' | 'blocked' | 'lost' | 'coalesced',
    reason: string | null,
    cause?: Cause | null,
  ): void;
  /** One that is at work or waits for a slot, or else one that waits for a person. */
  openRun(routine: string): Run | undefined;
  /** Milliseconds by which a start of the routine is put off: the same on every day of this installation. */
  jitter(routine: string, spec: RoutineSpec): number;
}

interface Parts {
  store: Store;
  routines: Routines;
  clock: Clock;
  ids: Ids;
}

export function createLedger({ store, routines, clock, ids }: Parts): Ledger {
  function installId(): string {
    const known = store.records.fact('install_id');
    if (known) return known;
    return store.commit((writer) => {
      const id = writer.records.fact('install_id') ?? ids.next('run');
      writer.records.setFact('install_id', id);
      return id;
    });
  }

  function jitter(routine: string, spec: RoutineSpec): number {
    if (spec.policies.jitter === 0) return 0;
    const hash = createHash('sha256').update(`${installId()}/${routine}`).digest();
    return hash.readUIntBE(0, 6) % (spec.policies.jitter * 60_000);
  }

  function queueRun(
    writer: Writer,
    routine: string,
    spec: RoutineSpec,
    trigger: Run['trigger'],
    origin?: Origin,
  ): string {
    const run = ids.next('run');
    writer.records.saveSpec(run, spec);
    const named = routine === taskRoutine ? { name: spec.name } : {};
    writer.append({ type: 'run.queued', run, routine, trigger, ...(origin ? { origin } : {}), ...named });
    writer.outbox.add('run', run);
    return run;
  }

  function settle(...[writer, run, wanted, reason, cause]: Parameters<Ledger['settle']>): void {
    if (run.trigger.kind !== 'schedule') return;
    const row = store.read.occurrence(run.routine, run.trigger.dueAt);
    if (!row || row.run !== run.id || (row.state !== 'claimed' && row.state !== 'running')) return;
    const late = Date.parse(run.startedAt ?? row.claimedAt) - Date.parse(row.dueAt);
    const state = wanted === 'ran' && late > lateAfter ? 'ran_late' : wanted;
    if (state === row.state) return;
    const words = [state === 'ran_late' ? lateWords(row, late) : null, reason].filter(Boolean).join(' ');
    // Why it was late is known since the claim, and stays the cause of a run that simply came late.
    const kept = state === 'running' || state === 'ran_late' ? row.cause : null;
    const { routine, dueAt } = row;
    writer.append({
      type: 'occurrence.settled',
      ...{ routine, dueAt, state, reason: words || null, cause: cause ?? kept },
    });
  }

  const accountant = createAccountant({ store, clock, queueRun, settle, jitter });

  function beginAt(writer: Writer, routine: string, now: number): void {
    writer.records.setAccountedTo(routine, now);
    const { spec } = routines.get(routine);
    if (!spec) return;
    const { paused, schedule, timeZone } = spec;
    writer.records.addSpan(routine, { from: now, state: paused ? 'paused' : 'active', schedule, timeZone });
  }

  /** Up to one instant the routine was what it is now; from that same instant on it is what `then` makes of it. */
  function upTo(
    routine: string,
    how: Pick<Look, 'conditions' | 'changing' | 'removing'>,
    then: (writer: Writer, now: number) => void,
  ): Occurrence[] {
    const before = routines.get(routine);
    if (before.spec?.policies.jitter) installId();
    return store.commit((writer) => {
      const now = clock.now();
      const rows = now < earliestNow ? [] : accountant.accountOne(writer, before, { ...how, by: 'host', now });
      then(writer, now);
      return rows;
    });
  }

  return {
    account(by, only, conditions = unknown) {
      const now = clock.now();
      if (now < earliestNow) return [];
      // A timer asks about its own routine: the others' folders need not be read for that.
      const entries = routines.list(only);
      const there = new Set(entries.map(({ id }) => id));
      const standings = store.records.standings(now, now + earlyBy, only);
      const pressing = entries.filter((entry) => accountant.hasWork(entry, standings.get(entry.id), now));
      const gone = [...standings.keys()].filter((id) => !there.has(id)).sort();
      if (pressing.length === 0 && gone.length === 0) return [];
      if (pressing.some((entry) => entry.spec?.policies.jitter)) installId();
      const look = { by, conditions, now };
      return store.commit((writer) => [
        ...pressing.flatMap((entry) => accountant.accountOne(writer, entry, look)),
        ...gone.flatMap((id) => accountant.bury(writer, id, look)),
      ]);
    },
    begin: (writer, routine) => beginAt(writer, routine, clock.now()),
    change: (routine, work, conditions = unknown) =>
      upTo(routine, { conditions, changing: true }, (writer, now) => {
        work(writer);
        beginAt(writer, routine, now);
      }),
    remove: (routine, work) =>
      upTo(routine, { conditions: unknown, changing: true, removing: true }, (writer, now) => {
        work(writer);
        accountant.end(writer, routine, now);
      }),
    queue: (writer, routine, spec, { key, origin } = {}) =>
      queueRun(writer, routine, spec, { kind: 'person', ...(key === undefined ? {} : { key }) }, origin),
    settle,
    openRun(routine) {
      const open = store.read.runs({ routine, state: 'open', limit: 1000 });
      return open.find(({ parkedOn }) => parkedOn === null) ?? open[0];
    },
    jitter,
  };
}

function lateWords(row: Occurrence, late: number): string {
  const absence = row.cause ? absenceWords(row.cause) : undefined;
  return `Started ${spanWords(late)} after it was due${absence ? `; when it was due, ${absence}` : ''}.`;
}
