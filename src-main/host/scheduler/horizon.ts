/** The span of time for which a plan holds: whole years, so that a plan's text changes only at a new year. */
import { type ZoneChange, zoneChanges, zoneOffset } from './zone-changes.ts';

export interface Horizon {
  /** Milliseconds since the epoch: from the start of this year in UTC to the end of the year after the next. */
  from: number;
  to: number;
  changes(zone: string): ZoneChange[];
  /** Every distance from UTC that the zone has in it, in minutes east. Throws RangeError for an unknown zone. */
  offsets(zone: string): number[];
  /** The zone's distance from UTC at an instant in it, in minutes east. */
  offsetAt(zone: string, instant: number): number;
}

/** `now`: milliseconds since the epoch. Looks each zone up once, however many plans ask. */
export function horizonOf(now: number): Horizon {
  const year = new Date(now).getUTCFullYear();
  const [from, to] = [Date.UTC(year, 0), Date.UTC(year + 3, 0)];
  const known = new Map<string, ZoneChange[]>();
  const changes = (zone: string) => {
    const found = known.get(zone) ?? zoneChanges(zone, from, to);
    known.set(zone, found);
    return found;
  };
  const starts = new Map<string, number>();
  const startOf = (zone: string) => {
    const start = starts.get(zone) ?? zoneOffset(zone, from);
    starts.set(zone, start);
    return start;
  };
  return {
    from,
    to,
    changes,
    offsets: (zone) => [...new Set([startOf(zone), ...changes(zone).map((change) => change.after)])],
    offsetAt: (zone, instant) => changes(zone).findLast((change) => change.at <= instant)?.after ?? startOf(zone),
  };
}
