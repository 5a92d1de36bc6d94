/** What a day of the week shows: each due time, or one entry for a routine that is due so often that they would blur. */
import type { Coming } from './coming.ts';

/** More on one day are one entry. */
const apart = 12;

export interface Entry {
  key: string;
  first: Coming;
  last: Coming;
  /** Due times it stands for. */
  times: number;
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
    const each = [...Map.groupBy(due, ({ routine }) => routine).values()].flatMap((of) =>
      of.length > apart ? [entry(of)] : of.map((one) => entry([one])),
    );
    return each.sort((a, b) => a.first.start - b.first.start || a.first.name.localeCompare(b.first.name));
  });
}

function entry(of: readonly Coming[]): Entry {
  const [first, last] = [of[0], of.at(-1)] as [Coming, Coming];
  const [crowded, held] = [of.some((one) => one.crowded), of.every((one) => one.held)];
  return { key: first.key, first, last, times: of.length, crowded, held };
}
