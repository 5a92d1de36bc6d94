/** Says a schedule as triggers of Windows Task Scheduler, at most 48, and says whether they fire at other times too. */
import type { Exactness, Schedule } from '#contract/schedules.ts';
import type { Shape } from './cron-shape.ts';
import { shifted } from './day-parts.ts';
import { type DueInstants, dueBetween, dueInstants } from './due-instants.ts';
import type { Horizon } from './horizon.ts';
import { type ShapeInZone, scheduleShape } from './schedule-shape.ts';
import { covering, mostTriggers, packed, repeatOf, type Series, type Trigger, triggerDays } from './task-triggers.ts';

export interface TriggerPlan {
  kind: Exactness;
  triggers: Trigger[];
  notes: string[];
  horizonEndMs?: number;
}

const minute = 60_000;
const day = 86_400_000;
/** Longest time between repetitions that Task Scheduler takes. */
const longestRepeat = 31 * day;
/** One-off triggers beside which there is room for others. */
const mostOneOffs = 36;
const elsewhere = 'Task Scheduler also fires at other times; Nightshift then finds nothing due.';

/** `machineZone`: what a start without `Z` means. Throws what the calculator throws, RangeError for an unknown zone. */
export function triggerPlan(schedule: Schedule, zone: string, machineZone: string, horizon: Horizon): TriggerPlan {
  const found = scheduleShape(schedule, zone, horizon.from);
  if (found === null) return { kind: 'exact', triggers: [], notes: [] };
  if (schedule.kind === 'once') return { kind: 'exact', triggers: oneOffs([Date.parse(schedule.at)]), notes: [] };
  if (schedule.kind === 'interval' && schedule.everyMs % 1000 === 0 && schedule.everyMs <= longestRepeat) {
    const start = iso(Math.ceil(Date.parse(schedule.anchor) / 1000) * 1000);
    const repeat = { every: schedule.everyMs / 1000, span: null };
    return { kind: 'exact', triggers: [{ start, days: { kind: 'once' }, repeat }], notes: [] };
  }
  const due = dueInstants(schedule, zone);
  const listed = () => {
    const instants = dueBetween(due, horizon.from, horizon.to, mostOneOffs);
    return instants && { kind: 'exact' as const, triggers: oneOffs(instants), notes: [], horizonEndMs: horizon.to };
  };
  const own = spaced(schedule) ?? assembled(found.shape, null, horizon);
  const local = zone === machineZone ? inLocalTime(own, zone, due, horizon) : null;
  const exact = [inUtc(found, horizon), local].find((plan) => plan?.kind === 'exact') ?? listed();
  return exact ?? local ?? underEachOffset(found, due, horizon);
}

/** Every n days or weeks, counted by Task Scheduler itself, in local time. */
function spaced(schedule: Schedule): TriggerPlan | null {
  if (schedule.kind !== 'calendar' || schedule.unit === 'month') return null;
  const { every, unit, at, anchor } = schedule;
  if (every > { day: 365, week: 52 }[unit]) return null;
  const weekdays = [new Date(`${anchor}T00:00:00Z`).getUTCDay()];
  const days = unit === 'day' ? { kind: 'daily' as const, every } : { kind: 'weekly' as const, every, weekdays };
  return { kind: 'exact', triggers: [{ start: `${anchor}T${at}:00`, days, repeat: null }], notes: [] };
}

/** Every hour of every day, at minutes that are the same under each offset; or a zone that never changes its clocks. */
function inUtc({ shape, zone }: ShapeInZone, horizon: Horizon): TriggerPlan | null {
  const offsets = horizon.offsets(zone);
  const moved = offsets.map((offset) => shape.times.map((time) => wrap(time - offset)).sort((a, b) => a - b));
  const same = moved.every((times) => times.join() === moved[0]?.join());
  const everyHour = shape.times.every((time) => shape.times.includes((time + 60) % 1440));
  const daily = shape.parts.every((part) => part.kind === 'any' && part.months === null);
  if (offsets.length > 1 && !(same && everyHour && daily)) return null;
  return assembled(shape, offsets.slice(0, 1), horizon);
}

/** In the machine's own time, and one-off triggers for what a change of clocks skips, repeats or moves. */
function inLocalTime(plan: TriggerPlan, zone: string, due: DueInstants, horizon: Horizon): TriggerPlan | null {
  const around = horizon.changes(zone).flatMap(({ at, before, after }) => {
    const shift = Math.abs(after - before) * minute;
    const local = at + before * minute;
    const midnight = Math.ceil((local + 1) / day) * day - after * minute;
    // A series that runs over the change may go by the clock or by real time: nobody says.
    const open = plan.triggers.some((trigger) => straddles(trigger, local, shift));
    const [from, to] = after > before ? [at, at + 1] : [at - shift, at + shift];
    return dueBetween(due, from, open ? midnight + shift : to, 1500) ?? [];
  });
  const triggers = [...plan.triggers, ...oneOffs(around)];
  if (triggers.length > mostTriggers) return null;
  const held = around.length > 0 ? { horizonEndMs: horizon.to } : {};
  const notes = around.length > 0 ? ['Triggers in UTC stand for times that a change of clocks skips or repeats.'] : [];
  return { ...plan, triggers, notes: [...plan.notes, ...notes], ...held };
}

/** `local`: the change as a local time before it, milliseconds. */
function straddles({ start, repeat }: Trigger, local: number, shift: number): boolean {
  if (repeat === null) return false;
  const first = (Date.parse(`${start}Z`) % day) / 1000;
  const change = (((local % day) + day) % day) / 1000;
  const [from, to] = [change - shift / 1000, change + shift / 1000];
  return first < to && first + (repeat.span ?? 86_400) > from;
}

/** In UTC, as if the zone always had one of its offsets, for each of them. */
function underEachOffset({ shape, zone }: ShapeInZone, due: DueInstants, horizon: Horizon): TriggerPlan {
  const plan = assembled(shape, horizon.offsets(zone), horizon);
  // A skipped time is due when the gap ends, which is no clock time of its own.
  const gaps = horizon.changes(zone).flatMap(({ at, before, after }) => {
    return after > before ? (dueBetween(due, at, at + 1, 1) ?? []) : [];
  });
  const triggers = [...plan.triggers, ...oneOffs(gaps)];
  const held = gaps.length > 0 ? { horizonEndMs: horizon.to } : {};
  return { kind: 'superset', triggers, notes: [elsewhere], ...held };
}

/** `offsets` null: local starts. As exact as 48 triggers allow. */
function assembled(shape: Shape, offsets: number[] | null, horizon: Horizon): TriggerPlan {
  const few: Pack = (times) => packed(times, room);
  const one: Pack = (times) => [covering(times)];
  const anyDay: Shape = { ...shape, parts: [{ kind: 'any', months: null }], whole: false };
  const build = (from: Shape, pack: Pack) => {
    const sets = (offsets ?? [null]).map((offset) => triggersUnder(from, offset, pack, horizon));
    const triggers = sets.flatMap((set) => set?.triggers ?? []);
    if (sets.includes(null) || triggers.length > room) return null;
    return { triggers, exact: sets.every((set) => set?.exact) };
  };
  const made = build(shape, few);
  if (made?.exact) return { kind: 'exact', triggers: made.triggers, notes: [] };
  const { triggers } = made ?? build(shape, one) ?? build(anyDay, few) ?? build(anyDay, one) ?? { triggers: [] };
  return { kind: 'superset', triggers, notes: [elsewhere] };
}

/** Times of the day as few series; null when they are too many. */
type Pack = (times: number[]) => Series[] | null;

/** `offset`: minutes east of UTC; null for local starts. */
function triggersUnder(shape: Shape, offset: number | null, pack: Pack, horizon: Horizon): Rough | null {
  // Where every day is like any other, it does not matter to which day a time belongs.
  const alike = shape.parts.every((part) => part.kind === 'any' && part.months === null);
  const away = offset ?? 0;
  const byCarry = Map.groupBy(shape.times, (time) => (alike ? 0 : Math.floor((time - away) / 1440)));
  const sets = [...byCarry].map(([carry, list]) => {
    const series = pack(list.map((time) => wrap(time - away)).sort((a, b) => a - b));
    const moved = shape.parts.map((part) => shifted(part, carry));
    const days = moved.flatMap(({ part, exact }) => triggerDays(part).map((rough) => ({ ...rough, moved: exact })));
    const triggers = days.flatMap((rough) =>
      (series ?? []).map((one) => ({
        start: startAt(horizon.from, one.first * 60 + shape.second, offset !== null),
        days: rough.days,
        repeat: repeatOf(one),
      })),
    );
    return series && { triggers, exact: days.every((rough) => rough.exact && rough.moved) };
  });
  if (sets.includes(null)) return null;
  const exact = shape.whole && sets.every((set) => set?.exact);
  return { triggers: sets.flatMap((set) => set?.triggers ?? []), exact };
}

interface Rough {
  triggers: Trigger[];
  /** False: they fire at other times too. */
  exact: boolean;
}

/** The rest of the 48 is for changes of clocks. */
const room = mostTriggers - 12;

/** Instants as one-off triggers, even rows of them as one; rounded up to the second. */
function oneOffs(instants: number[]): Trigger[] {
  const bySecond = Map.groupBy(new Set(instants.map((at) => Math.ceil(at / 1000))), (second) => second % 60);
  return [...bySecond].flatMap(([second, list]) => {
    const minutes = list.map((at) => Math.floor(at / 60)).sort((a, b) => a - b);
    const rows = chunksOfDays(minutes).flatMap((chunk) => packed(chunk, chunk.length) ?? []);
    return rows.map((row) => ({
      start: iso((row.first * 60 + second) * 1000),
      days: { kind: 'once' as const },
      repeat: repeatOf(row),
    }));
  });
}

/** A row never reaches over months, where nobody would recognise it. */
function chunksOfDays(minutes: number[]): number[][] {
  return [...Map.groupBy(minutes, (value) => Math.floor(value / (3 * 1440))).values()];
}

function startAt(from: number, second: number, utc: boolean): string {
  const text = iso(from + second * 1000);
  return utc ? text : text.slice(0, -1);
}

const iso = (instant: number) => `${new Date(instant).toISOString().slice(0, 19)}Z`;
const wrap = (time: number) => ((time % 1440) + 1440) % 1440;
