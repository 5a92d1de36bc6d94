/** Finds every process of one sandbox from outside: whoever loses a parent in there comes to its first process. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Deeper trees are not made by people; a run that makes one meets its other limits. */
const deepest = 64;

/** Ids on this side of `first` and of all below it, as they are now. */
export async function descendants(first: number, depth = 0): Promise<number[]> {
  if (depth > deepest) return [first];
  const listed = await readFile(children(first), 'utf8').catch(() => '');
  const below = numbers(listed);
  return [first, ...(await Promise.all(below.map((child) => descendants(child, depth + 1)))).flat()];
}

/** The same at once, for a handful of processes that somebody waits for. */
export function descendantsNow(first: number, depth = 0): number[] {
  if (depth > deepest) return [first];
  try {
    const below = numbers(readFileSync(children(first), 'utf8'));
    return [first, ...below.flatMap((child) => descendantsNow(child, depth + 1))];
  } catch {
    return [first];
  }
}

const children = (pid: number): string => `/proc/${pid}/task/${pid}/children`;
const numbers = (listed: string): number[] => listed.split(' ').filter(Boolean).map(Number);
