/** Where a command works after `cd`. */
import type { Context } from './context.ts';
import { placeOf } from './places.ts';
import type { Segment } from './shell/read-shell.ts';
import { type Candidate, possibleTexts, startsWithTilde } from './shell/words.ts';

/** Null: it does not move. Empty: nobody can say where to. */
export function moveTo(
  { anchors }: Context,
  { words }: Segment,
  folders: readonly string[],
  known: ReadonlyMap<string, readonly Candidate[]>,
): string[] | null {
  const [name, ...args] = words;
  if (!name || !/^(cd|pushd|popd)$/.test(name.value)) return null;
  if (name.value !== 'cd') return [];
  const target = args.filter(({ value }) => !/^-[LPe@]+$|^--$/.test(value));
  if (target.length !== 1 || !target[0] || target[0].value === '-') return [];
  const texts = possibleTexts(target[0], known);
  if (texts?.length !== 1 || texts[0]?.glob) return [];
  const tilde = startsWithTilde(target[0]);
  // The first path is the written one, the last the one that links lead to.
  const reached = folders.flatMap(
    (folder) =>
      placeOf(texts[0]?.text ?? '', folder, { ...anchors, view: { ...anchors.view, caseInsensitive: false } }, tilde)
        .paths,
  );
  return [...new Set(reached)].slice(0, 8);
}
