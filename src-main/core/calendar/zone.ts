/** Instants and local clocks of one time zone, from the runtime's own zone data; every kind of schedule asks here. */
import { Fault } from '#contract/faults.ts';

export const minuteMs = 60_000;
export const dayMs = 86_400_000;

/** A stretch of time with one distance from UTC, all in milliseconds; `from` belongs to it, `to` does not. */
export interface Span {
  from: number;
  to: number;
  /** Local clock minus UTC. */
  offset: number;
}

/** Local clocks are written as milliseconds too: what UTC would show them at. */
export interface Zone {
  /** Local clock minus UTC at `instant`. */
  offset(instant: number): number;
  /** Local clock minus UTC all through [from, to), or null when it changes in between: quicker than the spans. */
  steady(from: number, to: number): number | null;
  /** The spans that cover [from, to), oldest first; the first begins and the last ends somewhere outside. */
  spans(from: number, to: number): Span[];
  /** The instants at which the local clock shows `local`, soonest first: none in a gap, two in a fold. */
  instants(local: number): number[];
  /** The first instant at which the local clock shows `local`; for a time in a gap, the first instant after the gap. */
  first(local: number): number;
}

/** More than any zone has ever been away from UTC (Alaska and the Philippines, before 1868, by just under 16 hours). */
const farthest = 16 * 3_600_000;
/** Width of the stretches whose two ends are probed: shorter than any two changes of one zone have ever lain apart. */
const stretch = 2 ** 29;
/** Stretches remembered per zone, and zones remembered; both far above what a night needs. */
const mostStretches = 20_000;
const mostZones = 1_000;

/** A pure memory: making a zone's formatter costs more than a due check. */
const known = new Map<string, Zone>();

/** Any spelling of an IANA name that the runtime knows. Throws `input` naming `timeZone` for all others. */
export function openZone(timeZone: string): Zone {
  const found = known.get(timeZone);
  if (found) return found;
  const zone = createZone(formatter(timeZone));
  if (known.size >= mostZones) known.clear();
  known.set(timeZone, zone);
  return zone;
}

/** `2026-11-20T03:00:00+01:00`; seconds of an offset, which no zone has had since 1972, are left out. */
export function localTime(zone: Zone, instant: number): string {
  const offset = zone.offset(instant);
  const away = Math.abs(Math.trunc(offset / minuteMs));
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = new Date(instant + offset).toISOString().slice(0, 19);
  return `${clock}${offset < 0 ? '-' : '+'}${two(Math.floor(away / 60))}:${two(away % 60)}`;
}

function formatter(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, hourCycle: 'h23', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  } catch {
    throw new Fault('input', `There is no time zone called "${timeZone}".`, {
      field: 'timeZone',
      cure: 'Use an IANA name such as Europe/London or America/New_York, or UTC.',
    });
  }
}

function createZone(format: Intl.DateTimeFormat): Zone {
  const stretches = new Map<number, Span[]>();
  const starts = new Map<number, number>();

  /** Day of the month and clock are enough: the two sides are never two days apart. */
  function probe(instant: number): number {
    // `20, 01:00:00`: taken apart by position, for this is where the time goes.
    const text = format.format(instant);
    const part = (from: number) => Number(text.slice(from, from + 2 || undefined));
    const [day, hour, minute, second] = [Number.parseInt(text, 10), part(-8), part(-5), part(-2)];
    const utc = new Date(instant);
    const days = day - utc.getUTCDate();
    const carry = days > 1 ? -1 : days < -1 ? 1 : days;
    const clock = (hour * 60 + minute) * 60 + second;
    const utcClock = (utc.getUTCHours() * 60 + utc.getUTCMinutes()) * 60 + utc.getUTCSeconds();
    return (carry * 86_400 + clock - utcClock) * 1000;
  }

  function steady(from: number, to: number): number | null {
    let offset: number | null = null;
    for (let index = Math.floor(from / stretch); index * stretch < to; index++) {
      const [only, more] = stretchSpans(index);
      if (!only || more || (offset !== null && offset !== only.offset)) return null;
      offset = only.offset;
    }
    return offset;
  }

  /** What the clocks show at the beginning of a stretch; two neighbours share one look. */
  function startOf(index: number): number {
    const found = starts.get(index) ?? probe(index * stretch);
    if (starts.size >= mostStretches) starts.clear();
    starts.set(index, found);
    return found;
  }

  function stretchSpans(index: number): Span[] {
    const found = stretches.get(index);
    if (found) return found;
    const [from, to] = [index * stretch, (index + 1) * stretch];
    const spans: Span[] = [];
    const last = startOf(index + 1);
    for (let at = from, offset = startOf(index); at < to; ) {
      const end = last === offset ? to : firstOther(offset, at, to);
      spans.push({ from: at, to: end, offset });
      at = end;
      offset = at < to ? probe(at) : offset;
    }
    if (stretches.size >= mostStretches) stretches.clear();
    stretches.set(index, spans);
    return spans;
  }

  /** The first instant after `low` with another offset than at `low`, to the second; at `high` it is another. */
  function firstOther(offset: number, low: number, high: number): number {
    let [same, other] = [Math.floor(low / 1000), Math.ceil(high / 1000)];
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2);
      if (probe(middle * 1000) === offset) same = middle;
      else other = middle;
    }
    return other * 1000;
  }

  function spans(from: number, to: number): Span[] {
    const all: Span[] = [];
    for (let index = Math.floor(from / stretch); index * stretch < to; index++)
      for (const span of stretchSpans(index)) {
        const before = all.at(-1);
        if (before?.offset === span.offset) before.to = span.to;
        else all.push({ ...span });
      }
    return all.filter((span) => span.to > from && span.from < to);
  }

  const around = (local: number) => spans(local - farthest, local + farthest);
  const within = (all: Span[], local: number) =>
    all.filter((span) => span.from <= local - span.offset && local - span.offset < span.to);
  return {
    offset: (instant) => steady(instant, instant + 1) ?? spans(instant, instant + 1)[0]?.offset ?? 0,
    steady,
    spans,
    instants: (local) => within(around(local), local).map((span) => local - span.offset),
    first(local) {
      const all = around(local);
      const [hit] = within(all, local);
      if (hit) return local - hit.offset;
      return all.find((span) => local < span.from + span.offset)?.from ?? local;
    },
  };
}
