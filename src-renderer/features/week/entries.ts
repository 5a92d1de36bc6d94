/** What a day of the week shows: each due time, or one entry for what is due so often that its marks would blur. */
import type { Coming } from './coming.ts';

/** Of one routine on one day; more are one entry. */
const apart = 12;
/** Routines that are due more often than that, each with an entry of its own; more of them share one. */
const often = 4;

export interface Entry {
  key: string;
  name: string;
  /** Where it leads. */
  href: string;
  first: Coming;
  last: Coming;
  /** Due times it stands for. */
  times: number;
  /** Routines it stands for. */
  routines: number;
  /** Some of them do. */
  crowded: boolean;
  /** All of them are. */
  held: boolean;
}

/** @param midnights of days in a row, the last one ends the last day. One list a day, oldest first. */
export function entriesOf(coming: readonly Coming[], midnights: readonly number[]): Entry[][] {
  return midnights.slice(0, -1).map((from, index) => {
    const to = midnights[index + 1] ?? from;
    const due = coming.filter(({ start }) => start >= from && start < to);
    const groups = [...Map.groupBy(due, ({ routine }) => routine).values()];
    const seldom = groups.filter((of) => of.length <= apart).flatMap((of) => of.map((one) => [one]));
    const bands = groups.filter((of) => of.length > apart);
    const all =
      bands.length > often ? [bands.flat().sort((a, b) => a.start - b.start), ...seldom] : [...bands, ...seldom];
    return all
      .map(entry)
      .sort((a, b) => a.first.start - b.first.start || b.times - a.times || (a.name < b.name ? -1 : 1));
  });
}

function entry(of: readonly Coming[]): Entry {
  const [first, last] = [of[0], of.at(-1)] as [Coming, Coming];
  const [crowded, held] = [of.some((one) => one.crowded), of.every((one) => one.held)];
  const routines = new Set(of.map(({ routine }) => routine)).size;
  const [name, href] =
    routines > 1 ? [`${routines} routines`, '/routines'] : [first.name, `/routines/${first.routine}`];
  return { key: `${routines} ${first.key}`, name, href, first, last, times: of.length, routines, crowded, held };
}
