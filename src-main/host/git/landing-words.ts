/** Words that every way of landing shares. */
import { Fault } from '#contract/faults.ts';

/** At most five, then a count. */
export function listed(names: string[]): string {
  const shown = names.slice(0, 5).map((name) => (/[\p{Cc}"]/u.test(name) ? JSON.stringify(name) : name));
  return names.length > 5 ? `${shown.join(', ')} and ${names.length - 5} more` : shown.join(', ');
}

export function movedMeanwhile(into: string): Fault {
  return new Fault('conflict', `The branch ${into} moved while the proposal was landing.`, { cure: 'Try again.' });
}
