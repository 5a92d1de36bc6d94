/** Says a schedule as systemd calendar lines that fire at every due instant, and says whether at no others. */
import type { Exactness, Schedule } from '#contract/schedules.ts';
import { clockTexts, dayTexts, instantLines } from './calendar-text.ts';
import type { Shape } from './cron-shape.ts';
import type { DayPart } from './day-parts.ts';
import { type DueInstants, dueBetween, dueInstants } from './due-instants.ts';
import type { Horizon } from './horizon.ts';
import { type ShapeInZone, scheduleShape } from './schedule-shape.ts';
import type { ZoneChange } from './zone-changes.ts';

export interface SystemdPlan {
  kind: Exactness;
  onCalendar: string[];
  notes: string[];
  /** Set where lines name years: from then on the plan must be made anew. Milliseconds since the epoch. */
  horizonEndMs?: number;
}

/** More would make each reload of the manager slow. */
const mostLines = 400;
/** Three years of twice a day: the most instants worth listing one by one. */
const mostInstants = 2200;
const day = 86_400_000;
const minute = 60_000;
const hour = 3_600_000;

/**
 * `systemZone`: the name under which this machine's systemd knows the zone, with the same offsets as the runtime;
 * null when it has none. Throws what the calculator throws, and RangeError for an unknown zone.
 *
 * No line holds an open step (`0/7`): systemd 252 to 258 leave out the first slot of most of them.
 */
export function systemdPlan(
  schedule: Schedule,
  zone: string,
  systemZone: string | null,
  horizon: Horizon,
): SystemdPlan {
  const found = scheduleShape(schedule, zone, horizon.from);
  if (found === null) return { kind: 'exact', onCalendar: [], notes: [] };
  if (schedule.kind === 'once')
    return { kind: 'exact', onCalendar: instantLines([Date.parse(schedule.at)]), notes: [] };
  const due = dueInstants(schedule, zone);
  const usable = stumbles(found, horizon) ? null : systemZone;
  const regular =
    schedule.kind === 'interval'
      ? interval(schedule.everyMs, Date.parse(schedule.anchor), horizon)
      : (inUtc(found, horizon) ?? inZone(found, usable, due, horizon));
  return regular ?? listed(due, horizon) ?? superset(found, usable, due, horizon);
}

/**
 * Where clocks jump within an hour (Chatham, 2:45 to 3:45), systemd gives a line up for good that names a skipped time
 * of that very hour ("Resource deadlock avoided", measured on 252): such a schedule is said without the zone's name.
 */
function stumbles({ shape, zone }: ShapeInZone, horizon: Horizon): boolean {
  return horizon.changes(zone).some(({ at, before, after }) => {
    const jump = modulo(at / 1000 + before * 60) / 60;
    const sameHour = Math.min(jump + after - before, Math.ceil(jump / 60) * 60);
    return shape.times.some((time) => time >= jump && time < sameHour);
  });
}

/** Exact when the interval divides a day, or is a week. */
function interval(every: number, anchor: number, horizon: Horizon): SystemdPlan | null {
  // Before its anchor an interval is not due.
  if (anchor > horizon.from || every % 1000 !== 0) return null;
  const first = Math.ceil(anchor / 1000);
  const step = every / 1000;
  const start = ((first % step) + step) % step;
  if (86_400 % step === 0) {
    const seconds = Array.from({ length: 86_400 / step }, (_, i) => start + i * step);
    const lines = clockTexts(seconds).map((time) => `*-*-* ${time} UTC`);
    return lines.length <= mostLines ? { kind: 'exact', onCalendar: lines, notes: [] } : null;
  }
  if (every !== 7 * day) return null;
  const weekday = new Date(anchor).toUTCString().slice(0, 3);
  const time = clockTexts([((first % 86_400) + 86_400) % 86_400])[0];
  return { kind: 'exact', onCalendar: [`${weekday} *-*-* ${time} UTC`], notes: [] };
}

/** Every hour of every day, at minutes that mean the same under each offset of the zone: real time, whatever clocks do. */
function inUtc({ shape, zone }: ShapeInZone, horizon: Horizon): SystemdPlan | null {
  if (!shape.whole || shape.parts.some((part) => part.kind !== 'any' || part.months !== null)) return null;
  const own = shape.times.map((time) => (time * 60 + shape.second) % 86_400);
  const texts = horizon.offsets(zone).map((offset) => clockTexts(own.map((time) => modulo(time - offset * 60))).sort());
  const [first, ...others] = texts;
  const everyHour = shape.times.every((time) => shape.times.includes((time + 60) % 1440));
  if (!first || others.some((text) => text.join() !== first.join())) return null;
  // A clock time that stays the same in UTC is so by the zone having one offset only.
  if (!everyHour && others.length > 0) return null;
  return { kind: 'exact', onCalendar: first.map((time) => `*-*-* ${time} UTC`), notes: [] };
}

/** Lines in the routine's own zone, and more for the instants that systemd passes over when clocks change. */
function inZone(
  { shape, zone }: ShapeInZone,
  systemZone: string | null,
  due: DueInstants,
  horizon: Horizon,
): SystemdPlan | null {
  const repeating = repeatingMonths(shape, horizon.changes(zone));
  const days = shape.parts.map((part) => dayTexts(part, repeating));
  if (!shape.whole || systemZone === null || days.includes(null)) return null;
  const regular = zoned(
    days.flatMap((texts) => texts ?? []),
    shape,
    systemZone,
  );
  const around = corrections(shape, due, horizon.changes(zone));
  const lines = [...regular, ...instantLines(around)];
  if (lines.length > mostLines) return null;
  const held = horizon.changes(zone).length > 0 ? { horizonEndMs: horizon.to } : {};
  const notes = around.length > 0 ? ['Lines in UTC stand for times that a change of clocks skips or repeats.'] : [];
  return { kind: 'exact', onCalendar: lines, notes, ...held };
}

/** Local months, 1 to 12, in which clocks are set back over one of the times. */
function repeatingMonths({ times }: Shape, changes: ZoneChange[]): number[] {
  const months = changes.flatMap(({ at, before, after }) => {
    const [start, end] = [at / minute + after, at / minute + before];
    if (!times.some((time) => modulo((time - start) * 60) < (end - start) * 60)) return [];
    return [start, end - 1].map((local) => new Date(local * minute).getUTCMonth() + 1);
  });
  return [...new Set(months)].sort((a, b) => a - b);
}

/**
 * What systemd leaves out: a time that clocks skip (due when the gap ends), and all of an hour they repeat. Over a line
 * that names a skipped time it may go on to the next day (Dublin and Casablanca, whose winter time is the exception in
 * zone files), and it takes such a time for one as much later (Troll, two hours); after a gap that ends within an hour
 * (Chatham, Lord Howe) it passes over the rest of that hour.
 */
function corrections({ times }: Shape, due: DueInstants, changes: ZoneChange[]): number[] {
  return changes.flatMap(({ at, before, after }) => {
    const shift = (after - before) * minute;
    if (shift < 0) return dueBetween(due, at, at - shift, mostInstants) ?? [];
    const start = at / minute + before;
    const skipped = times.some((time) => modulo((time - start) * 60) < shift / 1000);
    const midnight = Math.floor((at + after * minute) / day + 1) * day - after * minute;
    const within = at % hour !== 0 || shift % hour !== 0 || (after * minute) % hour !== 0;
    return dueBetween(due, at, skipped ? midnight : at + (within ? hour : 1), mostInstants) ?? [];
  });
}

/** Every instant up to the horizon by name; null when they are too many. */
function listed(due: DueInstants, horizon: Horizon): SystemdPlan | null {
  const instants = dueBetween(due, horizon.from, horizon.to, mostInstants);
  if (instants === null) return null;
  const lines = instantLines(instants);
  if (lines.length > mostLines) return null;
  const notes = [
    'Listed one by one: systemd has no words for the schedule, or changes the clocks of its zone in another way.',
  ];
  return { kind: 'exact', onCalendar: lines, notes, horizonEndMs: horizon.to };
}

function superset({ shape, zone }: ShapeInZone, systemZone: string | null, due: DueInstants, horizon: Horizon) {
  const notes = ['systemd also fires at other times; Nightshift then finds nothing due.'];
  if (zone === 'UTC' || systemZone !== null) {
    const anyDay: DayPart[] = [{ kind: 'any', months: null }];
    const repeating = zone === 'UTC' ? [] : repeatingMonths(shape, horizon.changes(zone));
    const own = shape.parts.map((part) => dayTexts(part, repeating));
    const texts = (own.includes(null) ? anyDay.map((part) => dayTexts(part)) : own).flatMap((each) => each ?? []);
    const around = zone === 'UTC' ? [] : corrections(shape, due, horizon.changes(zone));
    const lines = [...zoned(texts, shape, zone === 'UTC' ? 'UTC' : `${systemZone}`), ...instantLines(around)];
    const held = around.length > 0 ? { horizonEndMs: horizon.to } : {};
    if (lines.length <= mostLines) return { kind: 'superset' as const, onCalendar: lines, notes, ...held };
    return { kind: 'superset' as const, onCalendar: ['*-*-* *:*:00 UTC'], notes };
  }
  const seconds = horizon
    .offsets(zone)
    .flatMap((offset) => shape.times.map((time) => modulo((time - offset) * 60 + shape.second)));
  // In UTC nothing is skipped or repeated; only the end of a gap is no clock time of its own.
  const gaps = horizon.changes(zone).filter(({ before, after }) => after > before);
  const around = gaps.flatMap(({ at }) => dueBetween(due, at, at + 1, 1) ?? []);
  const lines = [...clockTexts(seconds).map((time) => `*-*-* ${time} UTC`), ...instantLines(around)];
  return {
    kind: 'superset' as const,
    onCalendar: lines,
    notes,
    ...(around.length > 0 ? { horizonEndMs: horizon.to } : {}),
  };
}

function zoned(days: string[], shape: Shape, zone: string): string[] {
  const times = clockTexts(shape.times.map((time) => time * 60 + shape.second));
  return days.flatMap((date) => times.map((time) => `${date} ${time} ${zone}`));
}

const modulo = (seconds: number) => ((seconds % 86_400) + 86_400) % 86_400;
