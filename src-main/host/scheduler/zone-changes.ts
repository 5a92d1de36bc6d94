/** When a time zone's distance from UTC changes, asked of the runtime's own zone data. */

export interface ZoneChange {
  /** First instant with the new offset, milliseconds since the epoch, exact to the minute. */
  at: number;
  /** Minutes east of UTC before and from `at` on. */
  before: number;
  after: number;
}

const minute = 60_000;
/** No zone changes twice within a week (Morocco's pair around Ramadan, the closest, is about a month apart). */
const step = 7 * 24 * 60 * minute;

/** Changes in `[from, to)`, milliseconds since the epoch, oldest first. Throws RangeError for a zone that does not exist. */
export function zoneChanges(timeZone: string, from: number, to: number): ZoneChange[] {
  const offsetAt = offsetsOf(timeZone);
  const changes: ZoneChange[] = [];
  let before = offsetAt(from);
  for (let low = from; low < to; low += step) {
    const high = Math.min(low + step, to);
    const after = offsetAt(high);
    if (after === before) continue;
    changes.push({ at: firstWith(after, offsetAt, low, high), before, after });
    before = after;
  }
  return changes;
}

/** Minutes east of UTC at `instant`. Throws RangeError for a zone that does not exist. */
export function zoneOffset(timeZone: string, instant: number): number {
  return offsetsOf(timeZone)(instant);
}

function offsetsOf(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (instant) => {
    const name = format.formatToParts(instant).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
    const match = /([+-])(\d{2}):(\d{2})/.exec(name);
    if (!match) return 0;
    const minutes = Number(match[2]) * 60 + Number(match[3]);
    return match[1] === '-' ? -minutes : minutes;
  };
}

function firstWith(offset: number, offsetAt: (instant: number) => number, from: number, to: number): number {
  let [low, high] = [Math.floor(from / minute), Math.ceil(to / minute)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * minute) === offset) high = middle;
    else low = middle;
  }
  return high * minute;
}
