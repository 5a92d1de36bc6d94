/** The week in words: its first sentence, a due time, a collision. */
import { capital, clock, count, day, localZone, plural, span, spelled } from '#ui/words.ts';
import type { Collision, Coming } from './coming.ts';
import type { Entry } from './entries.ts';
import type { WeekOf } from './use-week.ts';

export function sentenceOf({ coming, collisions, cutOff }: WeekOf): string {
  const held = coming.filter((one) => one.held).length;
  if (coming.length === 0) return 'Nothing is due in the coming seven days.';
  if (held === coming.length) return 'Nothing will start in the coming seven days.';
  const due = `${cutOff.length > 0 ? 'At least ' : ''}${plural(coming.length - held, 'run')} in the coming seven days`;
  if (collisions.length === 0) return `${due}, none in another's way.`;
  return `${due}, ${spelled(collisions.length)} ${collisions.length === 1 ? 'collision' : 'collisions'}.`;
}

/** `Flaky test hunt, Mon 23 Nov 01:30 (02:30 in Europe/Berlin), about 3 min`; of many, from when to when and how often. */
export function entryWords({ name, first: one, last, times, routines, held, crowded }: Entry, now: number): string {
  const there = clock(one.start, one.zone);
  const elsewhere = one.zone !== localZone() && there !== clock(one.start) ? ` (${there} in ${one.zone})` : '';
  const state = held ? ', will be skipped' : crowded ? ', collides' : '';
  const when = `${day(one.start, now)} ${clock(one.start)}`;
  const each = routines > 1 ? '' : `, ${lengthWords(one)} each`;
  if (times > 1) return `${name}, ${when} to ${clock(last.start)}, ${count(times)} times${each}${state}`;
  return `${name}, ${when}${elsewhere}, ${lengthWords(one)}${state}`;
}

export const lengthWords = (one: Coming): string =>
  `${one.known ? 'about' : 'length unknown, taken as'} ${span(Math.max(1000, Math.round((one.end - one.start) / 1000) * 1000))}`;

/** `3 runs at once in orders, where 2 may: Log triage, Docs drift, Risk review. 1 waits.` */
export function collisionWords({ most, allowed, repository, names }: Collision): string {
  const where = repository === null ? '' : ` in ${repository.split('/').at(-1)}`;
  const shown = names.length > 6 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
  const waiting = most - allowed;
  return `${most} runs at once${where}, where ${allowed} may: ${shown}. ${capital(spelled(waiting))} ${waiting === 1 ? 'waits' : 'wait'}.`;
}

const hoursOf = ({ from, to }: Collision) =>
  clock(from) === clock(to) ? clock(from) : `${clock(from)} to ${clock(to)}`;

export interface Crowd {
  key: string;
  title: string;
  about: string;
}

/** Collisions as rows; those that come again at the same time of other days in one. */
export function crowdsOf(collisions: readonly Collision[], now: number): Crowd[] {
  const alike = Map.groupBy(collisions, (one) => `${hoursOf(one)}|${collisionWords(one)}`);
  return [...alike].map(([key, of]) => {
    const [hours = '', about = ''] = key.split('|');
    const days = of.map(({ from }) => day(from, now));
    if (days.length === 1) return { key, title: `${days[0]} ${hours}`, about };
    return { key, title: `${hours} on ${spelled(days.length)} days`, about: `${about} ${days.join(', ')}.` };
  });
}
