/** Turns local days with clock times into instants, through every change of clocks, forwards and backwards. */
import { dayMs, minuteMs, type Span, type Zone } from './zone.ts';

/** Local days, counted like days since the epoch, each with the same clock times. */
export interface DayRule {
  /** Days from `start` on, in order; `step` 1 goes into the future, -1 into the past. */
  days(start: number, step: 1 | -1): Iterable<number>;
  /** Minutes of the day, sorted, no two alike. */
  times: number[];
  /** Clock times that a person named: kept through a gap, once in a fold. Else real time counts. */
  fixed: boolean;
}

/** How far around a local day its instants can lie; no zone is farther from UTC (see zone.ts). */
const reach = 16 * 3_600_000;

/** Lists of due instants after (step 1) or before (step -1) `instant`: in order from list to list and in each list. */
export function* occurrences(rule: DayRule, zone: Zone, instant: number, step: 1 | -1): Generator<number[]> {
  let held: number[] = [];
  for (const list of lists(rule, zone, instant, step)) {
    const [first, last] = step === 1 ? [list[0], held.at(-1)] : [list.at(-1), held[0]];
    if (last === undefined || ((first ?? 0) - last) * step > 0) {
      if (held.length > 0) yield step === 1 ? held : held.toReversed();
      held = list;
    } else held = ordered([...held, ...list]); // Clocks set back over midnight: two days are interwoven.
  }
  if (held.length > 0) yield step === 1 ? held : held.toReversed();
}

/** One list for each local day that has any, soonest instant first, in the order of the days. */
function* lists(rule: DayRule, zone: Zone, instant: number, step: 1 | -1): Generator<number[]> {
  const today = Math.floor((instant + zone.offset(instant)) / dayMs);
  // Begun a day off: a gap at midnight moves a time into the next day.
  for (const day of rule.days(today - step, step)) {
    const list = ofDay(rule, zone, day);
    const nearest = step === 1 ? list[0] : list.at(-1);
    if (nearest === undefined) continue;
    // Only the first days reach over the instant.
    const within = (nearest - instant) * step > 0 ? list : list.filter((at) => (at - instant) * step > 0);
    if (within.length > 0) yield within;
  }
}

function ofDay({ times, fixed }: DayRule, zone: Zone, day: number): number[] {
  const start = day * dayMs;
  const offset = zone.steady(start - reach, start + dayMs + reach);
  if (offset !== null) return times.map((time) => start + time * minuteMs - offset);
  if (fixed && isLost(zone.spans(start - reach, start + dayMs + reach), start)) return [];
  const locals = times.map((time) => start + time * minuteMs);
  return ordered(locals.flatMap((local) => (fixed ? zone.first(local) : zone.instants(local))));
}

/** A change over the date line that leaves out the whole day, as in Samoa on 30 December 2011. */
function isLost(spans: Span[], start: number): boolean {
  return spans.some((span, index) => {
    const before = spans[index - 1];
    return before && span.from + before.offset <= start && span.from + span.offset >= start + dayMs;
  });
}

function ordered(instants: number[]): number[] {
  return [...new Set(instants)].sort((a, b) => a - b);
}
