/** What becomes of due instants: a pure function from instants, policies and facts to the rows of the ledger. */
import type { Cause } from '#contract/ledger.ts';
import type { Policies } from '#contract/policies.ts';
import type { Conditions } from '#core/ports.ts';
import type { Pause } from '#core/store/time-records.ts';
import type { DueSource } from './due-source.ts';
import { localTime, startOfDay } from './local-time.ts';

/** Milliseconds after its due instant within which an occurrence is no catch-up: a host may have to start first. */
export const graceMs = 90_000;
/** The most occurrences that `each` makes up for at once; older ones are folded. */
export const eachAtMost = 50;
const minute = 60_000;

/** A run of the routine that is not over. `waiting`: it has not been given a slot. */
export interface OpenRun {
  run: string;
  waiting: boolean;
  queuedAt: string;
}

/** Why nobody was there, from `from` up to but without `to`. */
export interface Absence {
  from: number;
  to: number;
  cause: Cause;
}

/** All instants in milliseconds since the epoch. */
export interface Facts {
  /** What is due in (since, to] is decided. */
  since: number;
  to: number;
  now: number;
  timeZone: string;
  jitterMs: number;
  open: readonly OpenRun[];
  /** When the routine's last run started or was queued. */
  lastStart: number | null;
  pauses: readonly Pause[];
  absences: readonly Absence[];
  conditions: Conditions;
  /** The routine is being removed: nothing of it may run any more. */
  removing?: boolean;
}

/** One row to be. `from` null: a single instant. */
export interface Decision {
  dueAt: number;
  from: number | null;
  count: number;
  state: 'claimed' | 'coalesced' | 'skipped';
  cause: Cause | null;
  /** The open run that was in the way, for `overlapped`. */
  about: OpenRun | null;
  /** For `claimed`: due instants before it that were missed. */
  missed: number;
  /** For `claimed`: runs that go on no more, and waiting ones whose place it takes. */
  cancel: string[];
  replace: string[];
}

/** Rows oldest first; every due instant of (since, to] is in exactly one of them, and a missed range is one row. */
export function decide(due: DueSource, policies: Policies, facts: Facts): Decision[] {
  const rows: Decision[] = [];
  const chosen: number[] = [];
  for (const { after, to, cause } of stretches(policies, facts)) {
    if (cause) {
      rows.push(...range(due, after, to, cause === 'coalesced' ? 'coalesced' : 'skipped', cause));
      continue;
    }
    const kept = due.newest(after, to, policies.catchUp.mode === 'each' ? eachAtMost : 1);
    const oldest = kept.at(-1);
    if (oldest === undefined) continue;
    rows.push(...range(due, after, oldest - 1, 'coalesced', 'coalesced'));
    chosen.push(...kept);
  }
  chosen.sort((a, b) => a - b);
  const last = policies.catchUp.mode === 'each' ? chosen : chosen.slice(-1);
  // Of several stretches that could run, the newest one stands for all.
  for (const at of chosen) if (!last.includes(at)) rows.push(single(at, 'coalesced', 'coalesced'));
  const started = start(last, policies, facts);
  const wanted = rows.filter((row) => row.cause !== 'paused' && row.cause !== 'paused_all');
  const missed = wanted.reduce((sum, row) => sum + row.count, 0);
  const newest = started.findLast((row) => row.state === 'claimed');
  if (newest) newest.missed = missed;
  return folded([...rows, ...started].sort((a, b) => a.dueAt - b.dueAt));
}

interface Stretch {
  after: number;
  to: number;
  /** Null: its instants may run. */
  cause: Cause | null;
}

/** (since, to] cut where the answer can change; every instant of one stretch has the same fate. */
function stretches(policies: Policies, facts: Facts): Stretch[] {
  const { since, to, now, pauses, absences, timeZone } = facts;
  const { mode, within, sameDay } = policies.catchUp;
  const oldest = now - within * minute;
  const today = sameDay ? startOfDay(now, timeZone) : Number.NEGATIVE_INFINITY;
  const pausedUntil = policies.pausedUntil === null ? Number.NEGATIVE_INFINITY : Date.parse(policies.pausedUntil);
  const edges = [oldest, today, pausedUntil, now - graceMs];
  for (const pause of pauses) edges.push(pause.from, pause.to ?? Number.POSITIVE_INFINITY);
  for (const absence of absences) edges.push(absence.from, absence.to);
  // An edge is the first instant of what follows, and a stretch ends with its last one.
  const cuts = [...new Set(edges.map((edge) => edge - 1).filter((edge) => edge > since && edge < to)), to];
  cuts.sort((a, b) => a - b);
  const fate = (at: number): Cause | null => {
    if (at < pausedUntil) return 'paused';
    if (pauses.some((pause) => at >= pause.from && (pause.to === null || at < pause.to))) return 'paused_all';
    if (at < oldest || at < today) return 'too_late';
    if (facts.removing) return 'removed';
    if (mode !== 'skip' || at >= now - graceMs) return null;
    return absences.findLast((absence) => at >= absence.from && at < absence.to)?.cause ?? 'too_late';
  };
  const found: Stretch[] = [];
  let after = since;
  for (const cut of cuts) {
    const cause = fate(cut);
    const previous = found.at(-1);
    if (previous && previous.cause === cause) previous.to = cut;
    else found.push({ after, to: cut, cause });
    after = cut;
  }
  return found;
}

/** Whether the chosen instants, oldest first, may start now. */
function start(chosen: readonly number[], policies: Policies, facts: Facts): Decision[] {
  const { open } = facts;
  let lastStart = facts.lastStart;
  const queueing = policies.overlap === 'queue_one' && open.length > 0;
  return chosen.map((at, index): Decision => {
    const startAt = Math.max(facts.now, at + facts.jitterMs);
    const refusal = refused(startAt, lastStart, policies, facts);
    if (refusal) return single(at, 'skipped', refusal);
    // One place in the queue: the newest of several takes it.
    if (queueing && index < chosen.length - 1) return single(at, 'coalesced', 'coalesced');
    if (policies.overlap === 'skip' && open[0]) return { ...single(at, 'skipped', 'overlapped'), about: open[0] };
    lastStart = startAt;
    return {
      ...single(at, 'claimed', null),
      cancel: policies.overlap === 'cancel_old' && index === 0 ? open.map(({ run }) => run) : [],
      replace: queueing ? open.filter(({ waiting }) => waiting).map(({ run }) => run) : [],
    };
  });
}

function refused(startAt: number, lastStart: number | null, policies: Policies, facts: Facts): Cause | null {
  const { activeHours, onMains, unmetered, minimumDistance } = policies;
  if (activeHours && !inHours(localTime(startAt, facts.timeZone).time, activeHours)) return 'outside_hours';
  if (onMains && facts.conditions.onMains === false) return 'on_battery';
  if (unmetered && facts.conditions.unmetered === false) return 'metered';
  // A last start in the future comes from a clock that was wrong and holds nothing back.
  if (lastStart !== null && startAt >= lastStart && startAt - lastStart < minimumDistance * minute) return 'too_soon';
  return null;
}

/** `from` inclusive, `to` exclusive; equal ones mean the whole day. */
function inHours(time: string, { from, to }: { from: string; to: string }): boolean {
  if (from === to) return true;
  return from < to ? time >= from && time < to : time >= from || time < to;
}

function single(dueAt: number, state: Decision['state'], cause: Cause | null): Decision {
  return { dueAt, from: null, count: 1, state, cause, about: null, missed: 0, cancel: [], replace: [] };
}

/** The instants of (after, to] as one row; none when there are none. */
function range(due: DueSource, after: number, to: number, state: Decision['state'], cause: Cause): Decision[] {
  const [newest] = due.newest(after, to, 1);
  if (newest === undefined) return [];
  const first = due.first(after, newest) ?? newest;
  if (first === newest) return [single(newest, state, cause)];
  return [{ ...single(newest, state, cause), from: first, count: due.count(after, newest) }];
}

/** Neighbours that did not run, for the same reason, are one row. */
function folded(rows: Decision[]): Decision[] {
  const out: Decision[] = [];
  for (const row of rows) {
    const last = out.at(-1);
    const same = last && last.state !== 'claimed' && last.state === row.state && last.cause === row.cause;
    if (!same || last.about?.run !== row.about?.run) {
      out.push(row);
      continue;
    }
    out[out.length - 1] = { ...row, from: last.from ?? last.dueAt, count: last.count + row.count };
  }
  return out;
}
