/** A routine's policies in words; what is as it always is stays short. */
import type { Policies } from '#contract/policies.ts';
import { when } from './words.ts';

/** One line for each rule that says something. `zone`: that of the schedule. */
export function policyLines(policies: Policies, zone: string): string[] {
  const { jitter, minimumDistance, activeHours, pausedUntil, priority } = policies;
  const only = [
    ...(activeHours ? [`between ${activeHours.from} and ${activeHours.to}`] : []),
    ...(policies.onMains ? ['on mains power'] : []),
    ...(policies.unmetered ? ['on an unmetered network'] : []),
  ];
  return [
    catchUpWords(policies.catchUp),
    overlapWords[policies.overlap],
    ...(pausedUntil ? [`paused until ${when(pausedUntil, zone)}`] : []),
    ...(only.length > 0 ? [`starts only ${only.join(', ')}`] : []),
    ...(jitter > 0 ? [`starts up to ${span(jitter)} later, always by as much`] : []),
    ...(minimumDistance > 0 ? [`at least ${span(minimumDistance)} between two starts`] : []),
    ...(policies.wake ? ['is to wake the sleeping machine: the line "alarm" says whether this system can'] : []),
    policies.keepAwake ? 'no going to sleep while it runs' : 'the machine may go to sleep while it runs',
    ...(priority !== 0 ? [`priority ${priority}`] : []),
  ];
}

const modes = {
  skip: 'missed: not run later',
  latest: 'missed: the newest one is run, once',
  each: 'missed: each one is run, oldest first',
};

function catchUpWords({ mode, within, sameDay }: Policies['catchUp']): string {
  if (mode === 'skip') return modes.skip;
  return `${modes[mode]}, up to ${span(within)} late${sameDay ? ' and only on the same day' : ''}`;
}

const overlapWords: Record<Policies['overlap'], string> = {
  skip: 'due while it still runs: skipped',
  queue_one: 'due while it still runs: one waits',
  queue_all: 'due while it still runs: all wait',
  cancel_old: 'due while it still runs: the old run is stopped',
  parallel: 'due while it still runs: runs beside it',
};

/** `7 days`, `90 minutes`: the largest unit that says it exactly. */
function span(minutes: number): string {
  const [count, unit] =
    minutes % 1440 === 0 ? [minutes / 1440, 'day'] : minutes % 60 === 0 ? [minutes / 60, 'hour'] : [minutes, 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
