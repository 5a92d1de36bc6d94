/** Where each entry is drawn: its day, its place along the day, and a line of its own where others are in the way. */
import type { Entry } from './entries.ts';

const hours24 = 86_400_000;
/** A mark is at least this wide, and this far from the next one in its line. Pixels. */
const least = 7;
const gap = 2;
/** A letter of a name, about. Pixels. */
const letter = 6.5;
/** More often on one day, a routine's name would only repeat itself. */
const namedUpTo = 3;
/** Lines of one day; what finds no place in them is counted. */
const lines = 10;

export interface Placed {
  entry: Entry;
  left: number;
  width: number;
  line: number;
  /** There is room for its name behind it. */
  named: boolean;
}
export interface Lane {
  from: number;
  to: number;
  placed: Placed[];
  /** Lines used, at least 1. */
  lines: number;
  /** Due times that found no line. */
  more: number;
}

/** Part of its local day at which an instant is, by the clock on the wall: 0.5 is noon also when clocks change. */
export function partOfDay(at: number): number {
  const wall = new Date(at);
  return ((wall.getHours() * 60 + wall.getMinutes()) * 60_000 + wall.getSeconds() * 1000) / hours24;
}

/** @param days one list a day @param midnights between which they lie @param width of a day, in pixels */
export function layLanes(days: readonly Entry[][], midnights: readonly number[], width: number): Lane[] {
  return days.map((entries, index) => {
    const times = Map.groupBy(entries, ({ first }) => first.routine);
    const ends: number[] = [];
    const placed: Placed[] = [];
    let more = 0;
    for (const entry of entries) {
      const { first, last } = entry;
      const left = Math.round(Math.min(partOfDay(first.start) * width, width - least));
      const reach = last.start - first.start + (last.end - last.start);
      const length = Math.min(Math.max(least, Math.round((reach / hours24) * width)), width - left);
      const name = entry.name.length * letter + 2 * least;
      const often = (times.get(first.routine)?.length ?? 0) > namedUpTo;
      const named = entry.times === 1 && !often && left + length + name <= width;
      const free = ends.findIndex((end) => end + gap <= left);
      const line = free < 0 ? ends.length : free;
      if (line >= lines) {
        more += entry.times;
        continue;
      }
      ends[line] = left + length + (named ? name : 0);
      placed.push({ entry, left, width: length, line, named });
    }
    const [from = 0, to = 0] = [midnights[index], midnights[index + 1]];
    return { from, to, placed, lines: Math.max(1, ends.length), more };
  });
}

export type Step = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown' | 'Home' | 'End';
export const isStep = (key: string): key is Step => /^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(key);

/** The entry an arrow leads to: the one before or after, or the nearest on the next day up or down that has any. */
export function stepFrom(lanes: readonly Lane[], key: string | null, step: Step): Entry | undefined {
  const all = lanes.flatMap(({ placed }) => placed.map(({ entry }) => entry));
  const at = all.findIndex((one) => one.key === key);
  const here = all[at];
  if (!here || step === 'Home') return all[0];
  if (step === 'End') return all.at(-1);
  if (step === 'ArrowLeft') return all[at - 1] ?? here;
  if (step === 'ArrowRight') return all[at + 1] ?? here;
  const down = step === 'ArrowDown';
  const { start } = here.first;
  const day = lanes.findIndex(({ from, to }) => start >= from && start < to);
  const others = down ? lanes.slice(day + 1) : lanes.slice(0, day).reverse();
  const lane = others.find(({ placed }) => placed.length > 0);
  const away = ({ first }: Entry) => Math.abs(partOfDay(first.start) - partOfDay(start));
  return lane?.placed.map(({ entry }) => entry).sort((a, b) => away(a) - away(b))[0] ?? here;
}
