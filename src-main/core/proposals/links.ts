/** By which other names a file is reached through the links of its tree. */
import { posix } from 'node:path';

export interface Link {
  /** Relative to the root of the repository, with slashes. */
  path: string;
  /** As stored: relative to the folder of the link, or absolute. */
  target: string;
}

/** More names of one file than a person's tools would ever take; a loop of links stops here, too. */
const mostNames = 200;

/**
 * For a path every other path that leads to it: through a link to the file, to a folder above it, and through links to
 * such links. `root`: where the repository lies, for links that name it outright. Names are compared without case.
 */
export function aliasesIn(links: readonly Link[], root: string): (path: string) => string[] {
  const byTarget = Map.groupBy(
    links.flatMap(({ path, target }) => {
      const inside = target.startsWith(`${root}/`) ? target.slice(root.length + 1) : target;
      const folder = target === inside ? posix.dirname(path) : '.';
      const full = posix.normalize(posix.join(folder, inside === root ? '.' : inside)).replace(/\/$/, '');
      return posix.isAbsolute(inside) || full.startsWith('..') ? [] : [{ path, full: folded(full) }];
    }),
    ({ full }) => full,
  );
  return (path) => {
    if (byTarget.size === 0) return [];
    const names = [path];
    const seen = new Set(names);
    for (let at = 0; at < names.length && names.length < mostNames; at++)
      for (const name of through(byTarget, names[at] as string))
        if (!seen.has(name)) {
          seen.add(name);
          names.push(name);
        }
    return names.slice(1, mostNames);
  };
}

/** One link further. */
function through(byTarget: ReadonlyMap<string, { path: string }[]>, name: string): string[] {
  const parts = name.split('/');
  return parts
    .flatMap((_, index) => {
      const above = index === 0 ? '.' : folded(parts.slice(0, index).join('/'));
      const below = parts.slice(index).join('/');
      // What lies below the link itself is not reached by going through it once more.
      return (byTarget.get(above) ?? []).flatMap(({ path }) =>
        name === path || name.startsWith(`${path}/`) ? [] : [`${path}/${below}`],
      );
    })
    .concat((byTarget.get(folded(name)) ?? []).map(({ path }) => path));
}

const folded = (path: string) => path.normalize('NFC').toLowerCase();
