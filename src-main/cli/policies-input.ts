/** A routine's policies as they are typed → the contract's fields. */
import { Fault } from '#contract/faults.ts';
import type { PoliciesChange } from '#contract/policies.ts';
import { instantFrom, lengthFrom } from './instant-input.ts';
import { named } from './named.ts';

export interface PolicyFlags {
  catchUp?: NonNullable<PoliciesChange['catchUp']>['mode'];
  catchUpWithin?: string;
  sameDay?: boolean;
  overlap?: PoliciesChange['overlap'];
  jitter?: number;
  minDistance?: number;
  activeHours?: string;
  onMains?: boolean;
  unmetered?: boolean;
  wake?: boolean;
  keepAwake?: boolean;
  pauseUntil?: string;
  priority?: number;
}

/** Only what was named. `now`: milliseconds since the epoch. Throws `input` naming the flag. */
export function policiesFrom(flags: PolicyFlags, now: number): PoliciesChange {
  const within = flags.catchUpWithin === undefined ? undefined : minutesFrom(flags.catchUpWithin, '--catch-up-within');
  const catchUp = named({ mode: flags.catchUp, within, sameDay: flags.sameDay });
  return named({
    catchUp: Object.keys(catchUp).length > 0 ? catchUp : undefined,
    overlap: flags.overlap,
    jitter: flags.jitter,
    minimumDistance: flags.minDistance,
    activeHours: flags.activeHours === undefined ? undefined : hoursFrom(flags.activeHours),
    onMains: flags.onMains,
    unmetered: flags.unmetered,
    wake: flags.wake,
    keepAwake: flags.keepAwake,
    pausedUntil: flags.pauseUntil === undefined ? undefined : pauseFrom(flags.pauseUntil, now),
    priority: flags.priority,
  });
}

/** `field`: the flag it was typed after. */
export function minutesFrom(text: string, field: string): number {
  const minutes = /^\d{1,6}$/.test(text) ? Number(text) : lengthFrom(text) / 60_000;
  if (Number.isInteger(minutes)) return minutes;
  throw new Fault('input', `'${text}' is no length of time in whole minutes.`, {
    field,
    cure: 'Write minutes such as 90, or 12h, or 7d.',
  });
}

function hoursFrom(text: string): PoliciesChange['activeHours'] {
  if (text === 'off') return null;
  const [, from, to] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? [];
  if (from !== undefined && to !== undefined) return { from, to };
  throw new Fault('input', `'${text}' are no hours of the day.`, {
    field: '--active-hours',
    cure: 'Write from and to such as 22:00-06:00, or off.',
  });
}

const pauseFrom = (text: string, now: number) => (text === 'off' ? null : instantFrom(text, now, '--pause-until'));
