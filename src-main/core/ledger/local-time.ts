/** What the clock on the wall says in a zone. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-20 07:30` in the zone. `at` in milliseconds since the epoch. */
export function localTime(at: number, timeZone: string): { date: string; time: string } {
  let format = formats.get(timeZone);
  if (!format) {
    // Swedish writes dates as ISO 8601 does.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
    formats.set(timeZone, format);
  }
  const [date = '', time = ''] = format.format(at).split(' ');
  return { date, time };
}

/** The first instant of the local day that `at` lies in. */
export function startOfDay(at: number, timeZone: string): number {
  const { date } = localTime(at, timeZone);
  // A day with a change of clocks has up to 26 hours; before that it was another day.
  let [before, within] = [at - 26 * 3_600_000, at];
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (localTime(middle, timeZone).date === date) within = middle;
    else before = middle;
  }
  return within;
}

/** Milliseconds as a person says them: `31 min`, `2 h`, `3 days`. */
export function spanWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return `${Math.round(ms / 1000)} s`;
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
