/** One trigger key, one run: every due instant of every routine is claimed once and ends in a recorded state with a reason. */
import type { ClaimedBy, Occurrence } from '#contract/ledger.ts';
import type { RoutineSpec } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import { readSchedule } from '#core/calendar/calendar.ts';
import type { Clock, Ids, Log } from '#core/ports.ts';
import type { RoutineEntry, Routines } from '#core/routines/routines.ts';
import type { Store, Writer } from '#core/store/event-log.ts';
import type { Account } from '#core/store/records.ts';

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
  begin(writer: Writer, routine: string, spec: RoutineSpec): void;
  /** Queues a run for a person. Throws nothing; the caller has checked that none is open. */
  queue(writer: Writer, routine: string, spec: RoutineSpec): string;
  /** Brings the occurrence of a run to its final state. No occurrence: nothing happens. */
  settle(writer: Writer, run: Run, state: 'running' | 'ran' | 'blocked' | 'lost', reason: string | null): void;
  openRun(routine: string): Run | undefined;
}

type UsableEntry = RoutineEntry & { spec: RoutineSpec };

interface Parts {
  store: Store;
  routines: Routines;
  clock: Clock;
  ids: Ids;
  log: Log;
}

export function createLedger({ store, routines, clock, ids, log }: Parts): Ledger {
  const openRun = (routine: string) =>
    store.read.runs({ state: 'open', limit: 1000 }).find((run) => run.routine === routine);

  function begin(writer: Writer, routine: string, spec: RoutineSpec): void {
    const now = clock.now();
    const last = writer.records.account(routine)?.to ?? 0;
    // An instant that was claimed a moment early stays accounted for.
    const to = last > now && last <= now + earlyBy ? last : now;
    writer.records.setAccount(routine, { to, plan: planOf(spec) });
  }

  function queueRun(writer: Writer, routine: string, spec: RoutineSpec, trigger: Run['trigger']): string {
    const run = ids.next('run');
    writer.records.saveSpec(run, spec);
    writer.append({ type: 'run.queued', run, routine, trigger });
    writer.outbox.add('run', run);
    return run;
  }

  /** The routine's account, begun anew where the old one cannot be believed: then nothing is due yet. */
  function accountOf(writer: Writer, entry: UsableEntry): Account | null {
    const account = writer.records.account(entry.id);
    const ahead = account !== undefined && account.to > clock.now() + earlyBy;
    if (ahead) log.info('the clock was set back', { routine: entry.id, was: account.to });
    // A folder that appeared or was edited by hand counts from now on; so does one after a clock that was once ahead.
    if (account && !ahead && account.plan === planOf(entry.spec)) return entry.spec.paused ? null : account;
    begin(writer, entry.id, entry.spec);
    return null;
  }

  function accountOne(writer: Writer, entry: UsableEntry, by: ClaimedBy): Occurrence[] {
    const now = clock.now();
    const account = accountOf(writer, entry);
    if (!account) return [];
    const due = dueInstants(writer, entry, account.to, now + earlyBy);
    const [newest, before] = due.instants;
    if (newest === undefined) return [];
    writer.records.setAccount(entry.id, { ...account, to: Math.max(newest, now) });
    const rows: Occurrence[] = [];
    const claim = (dueAt: number, rest: Pick<Occurrence, 'state' | 'reason' | 'run' | 'count'>) => {
      const occurrence: Occurrence = {
        ...{ routine: entry.id, dueAt: iso(dueAt), claimedAt: iso(now), claimedBy: by },
        ...rest,
      };
      writer.append({ type: 'occurrence.claimed', routine: entry.id, occurrence });
      rows.push(occurrence);
    };
    const isNew = (dueAt: number) => store.read.occurrence(entry.id, iso(dueAt)) === undefined;
    if (!isNew(newest)) return [];
    const missed = due.total - 1;
    if (before !== undefined && isNew(before))
      claim(before, { state: 'coalesced', reason: missedWords(missed), run: null, count: missed });
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
      const whole = entries.filter((entry): entry is UsableEntry => entry.spec !== null);
      if (whole.length === 0) return [];
      return store.commit((writer) => whole.flatMap((entry) => accountOne(writer, entry, by)));
    },
    begin,
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

/** What the due instants follow from. */
function planOf({ schedule, timeZone, paused }: RoutineSpec): string {
  return JSON.stringify([schedule, timeZone, paused]);
}

/** The two newest due instants in (since, to], newest first, and how many there are in all. */
function dueInstants(writer: Writer, entry: UsableEntry, since: number, to: number) {
  const calendar = readSchedule(entry.spec.schedule, entry.spec.timeZone);
  const planned = calendar.between(since, to, 2);
  const isPlanned = (at: number) => calendar.between(at - 1, at, 1).total > 0;
  const once = writer.records.oneOffs(entry.id, since).filter((at) => at <= to && !isPlanned(at));
  const instants = [...planned.newest, ...once].sort((a, b) => b - a).slice(0, 2);
  return { instants, total: planned.total + once.length };
}

function missedWords(count: number): string {
  if (count === 1) return 'This instant was missed; the newest one stands for it.';
  return `These ${count} instants were missed; the newest one stands for them.`;
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
