/** One trigger key, one run: every due instant of every routine is claimed once and ends in a recorded state with a reason. */
import type { ClaimedBy, Occurrence } from '#contract/ledger.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import type { Clock, Ids } from '#core/ports.ts';
import type { RoutineEntry, Routines } from '#core/routines/routines.ts';
import type { Store, Writer } from '#core/store/event-log.ts';

/** Started later than this after its due instant, an occurrence ran late. One minute is the resolution of cron. */
const lateAfter = 60_000;
/** An OS timer may fire a moment early by its own clock; an instant this near counts as due (scheduling.md §7.4). */
const earlyBy = 2_000;

export interface Ledger {
  /**
   * Claims everything that is due and queues a run for the newest instant of each routine; older ones that were missed
   * are folded into one `coalesced` row. While a run of the routine is open, the instant is `skipped` with the reason.
   * Safe to call from many processes and as often as anyone likes. `routine` limits it to one.
   */
  account(by: ClaimedBy, routine?: string): Occurrence[];
  /** From now on the routine's instants count; none of the past is ever filled in. */
  begin(writer: Writer, routine: string): void;
  /** Queues a run for a person. Throws nothing; the caller has checked that none is open. */
  queue(writer: Writer, routine: string, spec: RoutineSpec): string;
  /** Brings the occurrence of a run to its final state. No occurrence: nothing happens. */
  settle(writer: Writer, run: Run, state: 'running' | 'ran' | 'blocked' | 'lost', reason: string | null): void;
  openRun(routine: string): Run | undefined;
}

interface Parts {
  store: Store;
  routines: Routines;
  clock: Clock;
  ids: Ids;
}

export function createLedger({ store, routines, clock, ids }: Parts): Ledger {
  const openRun = (routine: string) =>
    store.read.runs({ state: 'open', limit: 1000 }).find((run) => run.routine === routine);

  function queueRun(writer: Writer, routine: string, spec: RoutineSpec, trigger: Run['trigger']): string {
    const run = ids.next('run');
    writer.records.saveSpec(run, spec);
    writer.append({ type: 'run.queued', run, routine, trigger });
    writer.outbox.add('run', run);
    return run;
  }

  function accountOne(writer: Writer, entry: RoutineEntry & { spec: RoutineSpec }, by: ClaimedBy): Occurrence[] {
    const now = clock.now();
    const since = writer.records.accountedTo(entry.id);
    if (since === undefined) {
      // A folder that appeared by hand: it counts from now on.
      writer.records.setAccountedTo(entry.id, now);
      return [];
    }
    const due = dueInstants(writer, entry, since, now + earlyBy);
    if (due.instants.length === 0) return [];
    const newest = due.instants[0] as number;
    writer.records.setAccountedTo(entry.id, Math.max(newest, now));
    const rows: Occurrence[] = [];
    const claim = (dueAt: number, rest: Pick<Occurrence, 'state' | 'reason' | 'run' | 'count'>) => {
      const occurrence: Occurrence = {
        routine: entry.id,
        dueAt: iso(dueAt),
        claimedAt: iso(now),
        claimedBy: by,
        ...rest,
      };
      writer.append({ type: 'occurrence.claimed', routine: entry.id, occurrence });
      rows.push(occurrence);
    };
    const missed = due.total - 1;
    if (missed > 0)
      claim(due.instants[1] as number, {
        state: 'coalesced',
        reason: `${missed === 1 ? 'This instant was' : `These ${missed} instants were`} missed; the newest one stands for ${missed === 1 ? 'it' : 'them'}.`,
        run: null,
        count: missed,
      });
    const open = openRun(entry.id);
    if (open) {
      const reason = `The run ${open.id}, queued at ${open.queuedAt}, was still open.`;
      claim(newest, { state: 'skipped', reason, run: null, count: 1 });
    } else {
      const run = queueRun(writer, entry.id, entry.spec, { kind: 'schedule', dueAt: iso(newest) });
      claim(newest, { state: 'claimed', reason: null, run, count: 1 });
    }
    return rows;
  }

  return {
    account(by, only) {
      const entries = routines.list().filter((entry) => !only || entry.id === only);
      const active = entries.filter((entry): entry is RoutineEntry & { spec: RoutineSpec } => usable(entry));
      if (active.length === 0) return [];
      return store.commit((writer) => active.flatMap((entry) => accountOne(writer, entry, by)));
    },
    begin(writer, routine) {
      writer.records.setAccountedTo(routine, clock.now());
    },
    queue: (writer, routine, spec) => queueRun(writer, routine, spec, { kind: 'person' }),
    settle(writer, run, wanted, reason) {
      if (run.trigger.kind !== 'schedule') return;
      const row = store.read.occurrence(run.routine, run.trigger.dueAt);
      if (!row || row.run !== run.id || (row.state !== 'claimed' && row.state !== 'running')) return;
      const late = Date.parse(run.startedAt ?? row.claimedAt) - Date.parse(row.dueAt);
      const state = wanted === 'ran' && late > lateAfter ? 'ran_late' : wanted;
      const lateness = state === 'ran_late' ? `Started ${words(late)} after it was due.` : null;
      if (state === row.state) return;
      writer.append({
        type: 'occurrence.settled',
        routine: row.routine,
        dueAt: row.dueAt,
        state,
        reason: [lateness, reason].filter(Boolean).join(' ') || null,
      });
    },
    openRun,
  };
}

function usable(entry: RoutineEntry): boolean {
  return entry.spec !== null && !entry.spec.paused;
}

/** The two newest due instants in (since, to], newest first, and how many there are in all. */
function dueInstants(writer: Writer, entry: RoutineEntry & { spec: RoutineSpec }, since: number, to: number) {
  const planned = readSchedule(entry.spec.schedule, entry.spec.timeZone).between(since, to, 2);
  const once = writer.records.oneOffs(entry.id, since).filter((at) => at <= to && !planned.newest.includes(at));
  const instants = [...planned.newest, ...once].sort((a, b) => b - a).slice(0, 2);
  return { instants, total: planned.total + once.length };
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}

function words(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
