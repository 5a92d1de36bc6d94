/** Instants and lengths of time as they are typed → the contract's. */
import { Fault } from '#contract/faults.ts';

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `10s`, `5m`, `2h`, `1d` → milliseconds; NaN for anything else. */
export function lengthFrom(text: string): number {
  const found = /^(\d{1,6})([smhd])$/.exec(text);
  return found ? Number(found[1]) * (units[found[2] ?? ''] ?? Number.NaN) : Number.NaN;
}

/**
 * `+10s`, `+5m`, `+2h`, `+1d` from `now` (milliseconds), or an ISO date with time zone → the contract's instant. A
 * date stays as it was given; a time from now goes up to a whole second, which is how finely the schedulers count.
 */
export function instantFrom(text: string, now: number, field = 'at'): string {
  const from = Math.ceil(now / 1000) * 1000;
  const at = text.startsWith('+') ? from + lengthFrom(text.slice(1)) : absolute(text);
  const cure = 'Write +10s, +5m, +2h or +1d, or a date with time and zone such as 2026-11-21T03:00:00Z.';
  return checked(text, at, field, cure);
}

/** An instant that has been or will be: `12h` before `now`, `+12h` after it, or an ISO date with time zone. */
export function instantAround(text: string, now: number): string {
  const cure = 'Write a date with time and zone such as 2026-11-21T03:00:00Z, 12h for twelve hours ago, or +12h.';
  const moved = text.startsWith('+') ? now + lengthFrom(text.slice(1)) : now - lengthFrom(text);
  return checked(text, Number.isFinite(moved) ? moved : absolute(text), 'at', cure);
}

/** `12h`, `7d` before `now`, or an ISO date with time zone. */
export function instantBack(text: string, now: number): string {
  const ago = now - lengthFrom(text);
  const cure = 'Write 90m, 12h or 7d, or a date with time and zone such as 2026-11-21T03:00:00Z.';
  return checked(text, Number.isFinite(ago) ? ago : absolute(text), '--since', cure);
}

function checked(text: string, at: number, field: string, cure: string): string {
  if (Number.isFinite(at)) return new Date(at).toISOString();
  throw new Fault('input', `'${text}' is no instant.`, { field, cure });
}

/** A date without a zone would mean something else on another machine, so it is refused. */
function absolute(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
}
