/** Says a schedule as launchd calendar entries that fire at every due instant, and says whether at no others. */
import type { Exactness, Schedule } from '#contract/schedules.ts';
import type { Shape } from './cron-shape.ts';
import { type DayPart, roughly, shifted } from './day-parts.ts';
import { dueInstants } from './due-instants.ts';
import type { Horizon } from './horizon.ts';
import { type ShapeInZone, scheduleShape } from './schedule-shape.ts';

/** One entry of `StartCalendarInterval`; a key that is missing means "every". Weekday 0 is Sunday. */
export interface CalendarDict {
  Month?: number;
  Day?: number;
  Weekday?: number;
  Hour?: number;
  Minute: number;
}

export interface LaunchdPlan {
  kind: Exactness;
  dicts: CalendarDict[];
  /** launchd forgets what fell into a time without the person logged in, so every log-in asks what is due. */
  runAtLoad: true;
  /** Seconds between wake-ups beside the entries; only where launchd is known to lose entries. */
  startInterval?: number;
  notes: string[];
}

/** Far more entries make launchd slow to load the agent. */
const mostDicts = 500;
/** What a change of clocks takes from launchd is found at most this many seconds late. */
const sweepSeconds = 900;

interface Candidate {
  dicts: CalendarDict[];
  exact: boolean;
}

/**
 * `machineZone`: the only zone that launchd knows. Throws RangeError for an unknown zone. Avoided, because launchd
 * gets them wrong: `Month` beside `Weekday` (it ignores the month), an hour without a minute (it fires sixty times).
 */
export function launchdPlan(schedule: Schedule, zone: string, machineZone: string, horizon: Horizon): LaunchdPlan {
  const found = scheduleShape(schedule, zone, horizon.from);
  if (found === null) return { kind: 'exact', dicts: [], runAtLoad: true, notes: [] };
  const shifts = machineShifts(found.zone, machineZone, horizon);
  const changing = horizon.changes(machineZone).length > 0 || horizon.changes(found.zone).length > 0;
  const { shape: wider, dicts, exact } = fitting(found.shape, shifts);
  const everyHour = clocks(found.shape.times).every((clock) => clock.Hour === undefined);
  const hit = changing && touched(found, horizon, machineZone);
  const gaps = hit && !everyHour ? gapEnds(schedule, zone, machineZone, horizon) : [];
  const whole = exact && wider === found.shape && found.shape.whole;
  const kind = whole && shifts.length === 1 && !hit ? 'exact' : 'superset';
  // In a repeated hour launchd is silent, and after a skipped one an entry without an hour may be, until midnight.
  const losing = horizon.changes(machineZone).length > 0 && (hit || found.zone !== machineZone);
  return {
    kind,
    dicts: distinct([...dicts, ...gaps]),
    runAtLoad: true,
    ...(losing ? { startInterval: sweepSeconds } : {}),
    notes: [
      ...(kind === 'superset' ? ['launchd also fires at other times; Nightshift then finds nothing due.'] : []),
      ...(losing ? ['When clocks change, launchd may lose a time; a wake-up every quarter of an hour finds it.'] : []),
    ],
  };
}

/** Minutes to add to a local time of `zone` for the machine's local time, one for each pair of offsets that meet. */
function machineShifts(zone: string, machineZone: string, horizon: Horizon): number[] {
  if (zone === machineZone) return [0];
  const together = [...horizon.changes(zone), ...horizon.changes(machineZone)].map((change) => change.at);
  // Both zones' data change at once for zones that are the same but for their name.
  const moments = [horizon.from, ...together];
  return [...new Set(moments.map((moment) => horizon.offsetAt(machineZone, moment) - horizon.offsetAt(zone, moment)))];
}

const everyMinute: Shape = {
  ...{ times: Array.from({ length: 1440 }, (_, i) => i), second: 0, whole: false },
  parts: [{ kind: 'any', months: null }],
};

/** The shape itself, then ever wider ones that need fewer entries. */
function narrowing(shape: Shape): Shape[] {
  const anyDay: DayPart[] = [{ kind: 'any', months: null }];
  const anyMonth = shape.parts.map((part) => ({ ...part, months: null }));
  const minutes = new Set(shape.times.map((time) => time % 60));
  const anyHour = everyMinute.times.filter((time) => minutes.has(time % 60));
  return [
    shape,
    { ...shape, parts: anyMonth, whole: false },
    { ...shape, parts: anyDay, whole: false },
    { ...shape, times: anyHour, whole: false },
    { ...shape, times: anyHour, parts: anyMonth, whole: false },
    { ...shape, times: anyHour, parts: anyDay, whole: false },
  ];
}

/** The narrowest entries that are few enough. */
function fitting(shape: Shape, shifts: number[]): Candidate & { shape: Shape } {
  for (const wider of narrowing(shape)) {
    if (count(wider, shifts) > mostDicts) continue;
    const made = entries(wider, shifts);
    if (made.dicts.length <= mostDicts) return { shape: wider, ...made };
  }
  return { shape: everyMinute, ...entries(everyMinute, [0]) };
}

/** At least how many entries it takes, before any are made. */
function count(shape: Shape, shifts: number[]): number {
  const days = shape.parts.reduce((sum, part) => sum + dayKeys(part).keys.length, 0);
  return clocks(shape.times).length * Math.max(1, days) * shifts.length * (shape.second > 0 ? 2 : 1);
}

function entries(shape: Shape, shifts: number[]): Candidate {
  let exact = shape.second === 0;
  const dicts = shifts.flatMap((shift) => {
    // launchd knows minutes only: with seconds, both the minute and the one after it.
    const own = shape.second > 0 ? shape.times.flatMap((time) => [time, time + 1]) : shape.times;
    const byCarry = Map.groupBy(own, (time) => Math.floor((time + shift) / 1440));
    // A day's times spread over every hour and day mean the same whatever the shift.
    return [...byCarry].flatMap(([carry, times]) =>
      shape.parts.flatMap((part) => {
        const moved = shifted(part, carry);
        const days = dayKeys(moved.part);
        exact &&= moved.exact && days.exact;
        const there = times.map((time) => (((time + shift) % 1440) + 1440) % 1440).sort((a, b) => a - b);
        return clocks(there).flatMap((clock) => days.keys.map((key) => ({ ...key, ...clock })));
      }),
    );
  });
  return { dicts: distinct(joinHours(dicts)), exact };
}

/** A minute in all 24 hours needs no hour. */
function clocks(times: number[]): { Hour?: number; Minute: number }[] {
  return [...Map.groupBy(times, (time) => time % 60)].flatMap(([minute, list]) =>
    list.length === 24 ? [{ Minute: minute }] : list.map((time) => ({ Hour: Math.floor(time / 60), Minute: minute })),
  );
}

/** Entries of neighbouring days, put together again where they cover all hours. */
function joinHours(dicts: CalendarDict[]): CalendarDict[] {
  const daily = dicts.filter((dict) => Object.keys(dict).every((key) => key === 'Hour' || key === 'Minute'));
  const full = [...Map.groupBy(daily, (dict) => dict.Minute)].filter(
    ([, list]) => new Set(list.map((dict) => dict.Hour)).size === 24,
  );
  const minutes = new Set(full.map(([minute]) => minute));
  return [
    ...dicts.filter((dict) => !(daily.includes(dict) && minutes.has(dict.Minute))),
    ...[...minutes].map((Minute) => ({ Minute })),
  ];
}

function dayKeys(part: DayPart): { keys: Omit<CalendarDict, 'Minute'>[]; exact: boolean } {
  const { part: rough, exact } = roughly(part);
  const months = rough.months?.map((Month) => ({ Month })) ?? [{}];
  if (rough.kind === 'weekdays')
    return { keys: rough.weekdays.map((Weekday) => ({ Weekday })), exact: exact && rough.months === null };
  if (rough.kind !== 'dates') return { keys: months, exact };
  const keys = months.flatMap((month) => rough.dates.map((Day) => ({ ...month, Day })));
  // launchd has been seen to take the 31st of a shorter month for a day of the next.
  return { keys, exact: exact && rough.dates.every((date) => date <= 28) };
}

/** A time that clocks skip is due when the gap ends: an entry of its own, which comes back every year. */
function gapEnds(schedule: Schedule, zone: string, machineZone: string, horizon: Horizon): CalendarDict[] {
  const due = dueInstants(schedule, zone);
  const ends = horizon.changes(zone).filter(({ at, before, after }) => after > before && due.next(at - 1, 1)[0] === at);
  return ends.map(({ at }) => {
    const local = new Date(at + horizon.offsetAt(machineZone, at) * 60_000);
    const [Month, Day] = [local.getUTCMonth() + 1, local.getUTCDate()];
    return { Month, Day, Hour: local.getUTCHours(), Minute: local.getUTCMinutes() };
  });
}

/** Does any change of clocks fall on a wanted time of day, in the routine's zone or the machine's? */
function touched({ shape, zone }: ShapeInZone, horizon: Horizon, machineZone: string): boolean {
  if (clocks(shape.times).some((clock) => clock.Hour === undefined)) return true;
  return [...horizon.changes(zone), ...(zone === machineZone ? [] : horizon.changes(machineZone))].some(
    ({ at, before, after }) => near(shape, at, before, after),
  );
}

/** Does the local time that a change skips or repeats hold one of the times? */
function near(shape: Shape, at: number, before: number, after: number): boolean {
  const start = at / 60_000 + Math.min(before, after);
  const span = Math.abs(after - before);
  return shape.times.some((time) => (((time - start) % 1440) + 1440) % 1440 < span);
}

function distinct(dicts: CalendarDict[]): CalendarDict[] {
  return [...new Map(dicts.map((dict) => [JSON.stringify(dict, Object.keys(dict).sort()), dict])).values()];
}
