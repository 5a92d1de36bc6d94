/** What was missed, in one sentence. */
import type { Cause, Occurrence } from '#contract/ledger.ts';
import { count, spelled } from '#ui/words.ts';

/** Why nobody served a due time, to follow "was missed". */
const because: Partial<Record<Cause, string>> = {
  asleep: 'while the machine was asleep',
  machine_off: 'while the machine was off',
  logged_out: 'while you were logged out',
  host_down: 'while Nightshift was not running',
  clock_changed: 'when the system clock was changed',
  too_late: 'and came too late to be caught up',
  coalesced: 'and folded into a later one',
  blocked: 'because the routine could not begin',
  removed: 'because the routine was removed',
  internal: 'because of a bug',
};
const unknown = 'for a reason that nobody noted';

/** A row may stand for many due times. */
export const dueTimes = (rows: readonly Occurrence[]): number => rows.reduce((sum, { count: of }) => sum + of, 0);

/** `2 due times were missed while the machine was asleep.`, or each cause with its number. */
export function missedWords(rows: readonly Occurrence[]): string {
  const total = dueTimes(rows);
  const causes = [...Map.groupBy(rows, ({ cause }) => (cause && because[cause]) ?? unknown)];
  const first = total === 1 ? '1 due time was missed' : `${count(total)} due times were missed`;
  if (causes.length === 1) return `${first} ${causes[0]?.[0]}.`;
  const each = causes.map(([words, of]) => `${spelled(dueTimes(of))} ${words.replace(/^and /, '')}`);
  return `${first}: ${each.slice(0, -1).join(', ')} and ${each.at(-1)}.`;
}
