/** Says in words why a row of the ledger is in its state. */
import type { Cause } from '#contract/ledger.ts';
import type { Policies } from '#contract/policies.ts';
import { localTime, spanWords } from './local-time.ts';
import type { Decision } from './policies.ts';

/** What the machine was doing, to follow "at the time". */
const absent: Partial<Record<Cause, string>> = {
  machine_off: 'the machine was off, or it was switched off after Nightshift had ended',
  asleep: 'the machine was asleep',
  logged_out: 'you were not logged in',
  host_down: 'no host ran and no OS timer started one',
  clock_changed: 'the system clock was set over it',
};

export function absenceWords(cause: Cause): string | undefined {
  return absent[cause];
}

interface Setting {
  policies: Policies;
  now: number;
  timeZone: string;
  /** Why nobody was there at the newest instant of the row. */
  absence: Cause | null;
}

/** Null for a row that was simply claimed. */
export function reasonOf(row: Decision, { policies, now, timeZone, absence }: Setting): string | null {
  const { cause, count } = row;
  if (cause === null) return null;
  const many = count > 1;
  const These = many ? `These ${count} instants` : 'This instant';
  const were = many ? 'were' : 'was';
  const because = absence && absent[absence] ? ` When ${many ? 'the newest' : 'it'} was due, ${absent[absence]}.` : '';
  const late = spanWords(now - row.dueAt);
  switch (cause) {
    case 'coalesced':
      return `${These} ${were} missed; the newest one stands for ${many ? 'them' : 'it'}.${because}`;
    case 'too_late':
      return `${These} ${were} noticed ${late}${many ? ' or more' : ''} late, and the routine is ${limitWords(policies)}.${because}`;
    case 'machine_off':
    case 'asleep':
    case 'logged_out':
    case 'host_down':
    case 'clock_changed':
      return `${These} ${were} missed and the routine makes up for nothing. When ${many ? 'the newest' : 'it'} was due, ${absent[cause]}.`;
    case 'overlapped':
      return `The run ${row.about?.run}, queued at ${row.about?.queuedAt}, was still open.`;
    case 'paused':
      return `${These} fell into a pause of the routine that lasted until ${policies.pausedUntil}.`;
    case 'paused_all':
      return `${These} fell into a pause of all routines.`;
    case 'outside_hours': {
      const { from, to } = policies.activeHours ?? { from: '', to: '' };
      const time = localTime(Math.max(now, row.dueAt), timeZone).time;
      return `It could have started at ${time}, outside the routine's active hours from ${from} to ${to}.`;
    }
    case 'too_soon':
      return `It was due less than ${spanWords(policies.minimumDistance * 60_000)} after the last start.`;
    case 'removed':
      return `The routine was removed when nobody had looked at ${many ? `these ${count} instants` : 'this instant'} yet.${because}`;
    case 'on_battery':
      return 'The machine ran on battery, and the routine asks for mains power.';
    case 'metered':
      return 'The network was metered, and the routine asks for one that is not.';
    default:
      return `It did not run (${cause}).`;
  }
}

function limitWords({ catchUp }: Policies): string {
  if (catchUp.mode === 'skip') return 'not made up for later';
  const within = `made up for within ${spanWords(catchUp.within * 60_000)}`;
  return catchUp.sameDay ? `${within} and on the same day only` : `${within} only`;
}
