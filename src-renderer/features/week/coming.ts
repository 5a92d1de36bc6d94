/** What comes due in the coming seven days, and where more of it would run at once than may. */
import type { PauseAll } from '#contract/ledger.ts';
import type { Routine } from '#contract/routines.ts';
import type { Run } from '#contract/runs.ts';
import type { DueTime } from '#contract/schedules.ts';
import { inHours } from '#features/routines/active-hours.ts';

/** Runs at the same time; further ones wait. As the host admits them. */
export const atOnce = 4;
/** Of them in one repository. */
export const atOncePerRepository = 2;
/** What a run is taken for that never ran. Milliseconds. */
export const unknownLength = 10 * 60_000;
/** Between two collisions that are told as one. Milliseconds. */
const closely = 15 * 60_000;
/** Due times that are asked for per routine: enough for one a day, and the most that the host tells at a time. */
export const asked = { first: 24, most: 1000 };

/** The due times of a routine as the host foretells them. */
export interface Foretold {
  routine: Routine;
  next: readonly DueTime[];
}

/** One due time, in milliseconds since the epoch. */
export interface Coming {
  key: string;
  routine: string;
  name: string;
  repository: string;
  zone: string;
  start: number;
  /** When a run of usual length is over; no later than the routine's next due time unless its runs go side by side. */
  end: number;
  /** Usual length is the median of past runs. */
  known: boolean;
  /** Nothing starts then: all routines are paused, or the routine does not work at that hour. */
  held: boolean;
  crowded: boolean;
}

/** A time in which more would run than may. */
export interface Collision {
  from: number;
  to: number;
  /** Null: of all repositories together. */
  repository: string | null;
  names: string[];
  /** Runs at once at the worst moment, and how many may. */
  most: number;
  allowed: number;
}

/** Median length of a routine's ended runs in milliseconds; null when there is none. */
export function usualLength(runs: readonly Run[], routine: string): number | null {
  const lengths = runs
    .flatMap((run) =>
      run.routine === routine && run.startedAt && run.endedAt
        ? [Date.parse(run.endedAt) - Date.parse(run.startedAt)]
        : [],
    )
    .sort((a, b) => a - b);
  const middle = (lengths.length - 1) / 2;
  const [low, high] = [lengths[Math.floor(middle)], lengths[Math.ceil(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** @param from first and `to` last instant (exclusive) that is of interest */
export function comingOf(
  { routine, next }: Foretold,
  length: number | null,
  [from, to]: readonly [number, number],
  paused: PauseAll | null,
): Coming[] {
  const { spec, id } = routine;
  if (!spec) return [];
  const { activeHours, pausedUntil, overlap } = spec.policies;
  const notBefore = Math.max(from, Date.parse(pausedUntil ?? '1970-01-01'));
  // Single due times that somebody added are known to the routine only.
  const local = new Map(
    [...routine.next.map((at) => ({ at, local: '' })), ...next].map((due) => [Date.parse(due.at), due.local]),
  );
  const starts = [...local.keys()].filter((at) => at >= notBefore && at < to).sort((a, b) => a - b);
  return starts.map((start, index) => {
    const end = start + (length ?? unknownLength);
    const following = overlap === 'parallel' ? undefined : starts[index + 1];
    const hour = local.get(start)?.slice(11, 16);
    return {
      ...{
        key: `${id} ${start}`,
        routine: id,
        name: spec.name,
        repository: spec.repository,
        zone: spec.timeZone,
        start,
      },
      end: Math.min(end, following ?? end),
      known: length !== null,
      held: isPaused(paused, start) || (!!hour && !inHours(hour, activeHours)),
      crowded: false,
    };
  });
}

const isPaused = (paused: PauseAll | null, at: number) =>
  paused !== null && (paused.until === null || at < Date.parse(paused.until));

/** Marks in `coming` what is crowded. Collisions oldest first. */
export function collide(coming: readonly Coming[]): { coming: Coming[]; collisions: Collision[] } {
  const real = coming.filter((one) => !one.held);
  const repositories = Map.groupBy(real, (one) => one.repository);
  const collisions = [
    ...sweep(real, atOnce, null),
    ...[...repositories].flatMap(([repository, of]) => sweep(of, atOncePerRepository, repository)),
  ];
  const crowded = new Set(collisions.flatMap(({ keys }) => keys));
  return {
    coming: coming.map((one) => (crowded.has(one.key) ? { ...one, crowded: true } : one)),
    collisions: atATime(collisions.map(({ keys: _, ...rest }) => rest)),
  };
}

/** Collisions of one repository, or of all, that follow each other closely are one: it waits on the whole, not by the second. */
function atATime(collisions: readonly Collision[]): Collision[] {
  const found: Collision[] = [];
  for (const one of [...collisions].sort((a, b) => a.from - b.from || a.to - b.to)) {
    const before = found.findLast(({ repository }) => repository === one.repository);
    if (!before || one.from - before.to > closely) {
      found.push({ ...one });
      continue;
    }
    before.to = Math.max(before.to, one.to);
    before.most = Math.max(before.most, one.most);
    before.names = [...new Set([...before.names, ...one.names])];
  }
  return found;
}

/** Goes over all beginnings and ends in order; an end at the instant of a beginning comes first. */
function sweep(all: readonly Coming[], allowed: number, repository: string | null): (Collision & { keys: string[] })[] {
  const moments = all
    .flatMap((one) => [
      { at: one.start, one, begins: true },
      { at: one.end, one, begins: false },
    ])
    .sort((a, b) => a.at - b.at || Number(a.begins) - Number(b.begins));
  const open = new Set<Coming>();
  const found: (Collision & { keys: string[] })[] = [];
  let current: { from: number; members: Set<Coming>; most: number } | null = null;
  for (const { at, one, begins } of moments) {
    if (begins) open.add(one);
    else open.delete(one);
    if (open.size > allowed) {
      current ??= { from: at, members: new Set(), most: 0 };
      for (const member of open) current.members.add(member);
      current.most = Math.max(current.most, open.size);
    } else if (current) {
      const members = [...current.members];
      const names = [...new Set(members.map(({ name }) => name))];
      const keys = members.map(({ key }) => key);
      found.push({ from: current.from, to: at, repository, names, most: current.most, allowed, keys });
      current = null;
    }
  }
  return found;
}
