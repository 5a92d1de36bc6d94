/** Finds every process of one sandbox from outside: whoever loses a parent in there comes to its first process. */
import { readFile } from 'node:fs/promises';

/** Deeper trees are not made by people; a run that makes one meets its other limits. */
const deepest = 64;

/** Ids on this side of `first` and of all below it, as they are now. */
export async function descendants(first: number, depth = 0): Promise<number[]> {
  if (depth > deepest) return [first];
  const listed = await readFile(`/proc/${first}/task/${first}/children`, 'utf8').catch(() => '');
  const below = listed.split(' ').filter(Boolean).map(Number);
  return [first, ...(await Promise.all(below.map((child) => descendants(child, depth + 1)))).flat()];
}
