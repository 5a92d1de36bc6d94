/** Instants, spans and money as a person reads them; always 24-hour, always with the zone the caller names. */

const clocks = new Map<string, Intl.DateTimeFormat>();
function format(zone: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone ?? ''} ${JSON.stringify(options)}`;
  const known = clocks.get(key) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, ...options });
  clocks.set(key, known);
  return known;
}

export const localZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** `03:00`. Without a zone: the local one. */
export const clock = (at: string | number, zone?: string): string =>
  format(zone, { hour: '2-digit', minute: '2-digit' }).format(new Date(at));

/** `03:00:07`. */
export const clockSeconds = (at: string | number): string =>
  format(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(at));

const dayKey = (at: string | number, zone?: string) =>
  format(zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(at));

/** `Today`, `Tomorrow`, `Yesterday` or `Sat 21 Nov`, seen from `now`. */
export function day(at: string | number, now: number, zone?: string): string {
  const key = dayKey(at, zone);
  const hours24 = 86_400_000;
  if (key === dayKey(now, zone)) return 'Today';
  if (key === dayKey(now + hours24, zone)) return 'Tomorrow';
  if (key === dayKey(now - hours24, zone)) return 'Yesterday';
  return format(zone, { weekday: 'short', day: 'numeric', month: 'short' }).format(new Date(at)).replace(',', '');
}

/** The same within a sentence: `today`, but `Sat 21 Nov`. */
export const dayWithin = (at: string | number, now: number, zone?: string): string =>
  day(at, now, zone).replace(/^(Today|Tomorrow|Yesterday)$/, (word) => word.toLowerCase());

/** `Next: Log triage, tomorrow at 03:00, in 4 h 12 min.` */
export const nextWords = (name: string, at: string, now: number): string =>
  `Next: ${name}, ${dayWithin(at, now)} at ${clock(at)}, ${relative(at, now)}.`;

/** `Sat 21 Nov 2026, 03:00:00 CET`: for hovering. */
export const exact = (at: string | number, zone?: string): string =>
  format(zone, { dateStyle: 'full', timeStyle: 'long' }).format(new Date(at));

/** `2 h 5 min`, `14 s`, `0.4 s`, `40 ms`: two units at most. */
export function span(milliseconds: number): string {
  if (milliseconds < 100) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, '')} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return two(minutes, 'min', Math.floor(seconds % 60), 's');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? two(hours, 'h', minutes % 60, 'min') : two(Math.floor(hours / 24), 'days', hours % 24, 'h');
}
const two = (a: number, unitA: string, b: number, unitB: string) =>
  b === 0 ? `${a} ${unitA}` : `${a} ${unitA} ${b} ${unitB}`;

/** `in 4 h 12 min`, `3 min ago`, `now`; whole minutes, for a clock that ticks once a minute. */
export function relative(at: string | number, now: number): string {
  const away = new Date(at).getTime() - now;
  const minutes = Math.round(Math.abs(away) / 60_000);
  if (minutes === 0) return 'now';
  const words = span(minutes * 60_000);
  return away > 0 ? `in ${words}` : `${words} ago`;
}

/** Millionths of a dollar as `$0.12`; below a cent with the digits that tell something. */
export function money(micros: number): string {
  const dollars = micros / 1_000_000;
  if (micros > 0 && dollars < 0.01) return `$${dollars.toFixed(4)}`;
  return `$${dollars.toFixed(2)}`;
}

/** `12,345`. */
export const count = (n: number): string => n.toLocaleString('en-GB');

/** `1 file`, `3 files`. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** `one`, `two` … `nine`, then digits: for sentences. */
export const spelled = (n: number): string =>
  ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'][n] ?? String(n);

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** With its full stop, so that another one can follow. No capital: it may begin with the name of a branch. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === '' || /[.!?:…]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}
