/** Patterns of `Read(…)` and `Edit(…)`: where they are anchored, what they match, and whether a wildcard could reach them. */
import picomatch from 'picomatch';
import { type FileSystemView, isInside, type System, spell, tidy } from './places.ts';

export interface PathPattern {
  anchor: 'absolute' | 'home' | 'root' | 'cwd';
  /** Below the anchor; a bare name is put behind a `**`, so that it is found at any depth. */
  glob: string;
  /** The name alone matches; a folder's name stands for all that is in it, unless it ends in a wildcard. */
  literalEnd: boolean;
}

/** Null: the pattern can never match anything. */
export function readPathPattern(written: string, os: System): PathPattern | null {
  const text =
    os === 'windows' ? written.replaceAll('\\', '/').replace(/^([A-Za-z]):/, (_, drive) => `//${drive}`) : written;
  if (text === '' || text.startsWith('!') || /[\0\n]/.test(text) || text.length > 2000) return null;
  if (text.startsWith('//')) return made('absolute', text.slice(2));
  if (text === '~' || text.startsWith('~/')) return made('home', text.slice(2));
  if (text.startsWith('~')) return null;
  if (text.startsWith('/')) return made('root', text.slice(1));
  if (text.startsWith('./')) return made('cwd', text.slice(2));
  // As in a .gitignore: a bare name is found at any depth.
  return made('cwd', /.\/./.test(text) ? text : `**/${text}`);
}

function made(anchor: PathPattern['anchor'], glob: string): PathPattern | null {
  const names = glob.split('/').filter((name) => name !== '' && name !== '.');
  // A pattern that climbs is no longer below its anchor.
  if (names.includes('..')) return null;
  return { anchor, glob: names.join('/') || '**', literalEnd: !/[*?[{]/.test(names.at(-1) ?? '*') };
}

export interface Anchors {
  root: string;
  cwd: string;
  home: string;
  view: FileSystemView;
  os: System;
}

function anchorOf({ anchor }: PathPattern, anchors: Anchors): string {
  const at = { absolute: '/', home: anchors.home, root: anchors.root, cwd: anchors.cwd }[anchor];
  return spell(tidy(at), anchors);
}

const options = { dot: true, noextglob: true, nonegate: true, strictBrackets: false } as const;

export type Matcher = (path: string) => boolean;

/** `wide`: also everything below what matches, as a deny rule wants it. Spelled like the paths it is given. */
export function compilePathPattern(pattern: PathPattern, anchors: Anchors, wide: boolean): Matcher {
  const base = anchorOf(pattern, anchors);
  const glob = spell(pattern.glob, anchors);
  const exact = picomatch(glob, options);
  const below = wide || pattern.literalEnd ? picomatch(`${glob}/**`, options) : null;
  const all = glob === '**';
  return (path) => {
    if (!isInside(path, base)) return false;
    const rest = path.slice(base === '/' ? 1 : base.length + 1);
    if (all) return true;
    return rest !== '' && (exact(rest) || (below?.(rest) ?? false));
  };
}

/** Could one of the files that `glob` (absolute, with wildcards) stands for, or that lie below it, be meant? */
export function mayReach(pattern: PathPattern, anchors: Anchors, glob: string, below: boolean): boolean {
  const base = anchorOf(pattern, anchors);
  const target = [...names(base), ...names(spell(pattern.glob, anchors))];
  return mayMeet(target, below ? [...names(glob), '**'] : names(glob));
}

const names = (path: string) => path.split('/').filter((name) => name !== '');

/** Is there a path that both lists of names, with wildcards, stand for? What lies below a match is matched, too. */
export function mayMeet(left: readonly string[], right: readonly string[]): boolean {
  const seen = new Map<number, boolean>();
  const meet = (i: number, j: number): boolean => {
    const key = i * 10_000 + j;
    const known = seen.get(key);
    if (known !== undefined) return known;
    const [a, b] = [left[i], right[j]];
    let found: boolean;
    // The pattern names a folder, and the other side goes on below it.
    if (a === undefined) found = true;
    else if (a === '**') found = meet(i + 1, j) || (b !== undefined && meet(i, j + 1));
    else if (b === undefined) found = false;
    else if (b === '**') found = meet(i, j + 1) || meet(i + 1, j);
    else found = namesMeet(a, b) && meet(i + 1, j + 1);
    seen.set(key, found);
    return found;
  };
  return meet(0, 0);
}

/** Two names with `*` and `?`; anything in brackets or braces counts as `*`. */
export function namesMeet(left: string, right: string): boolean {
  const [a, b] = [left, right].map((name) => name.replace(/\[[^\]]*\]|\{[^}]*\}|[@!+?]\([^)]*\)/g, '*')) as [
    string,
    string,
  ];
  const row = new Map<number, boolean>();
  const meet = (i: number, j: number): boolean => {
    const key = i * 10_000 + j;
    const seen = row.get(key);
    if (seen !== undefined) return seen;
    let found: boolean;
    if (i === a.length && j === b.length) found = true;
    else if (a[i] === '*') found = meet(i + 1, j) || (j < b.length && meet(i, j + 1));
    else if (b[j] === '*') found = meet(i, j + 1) || (i < a.length && meet(i + 1, j));
    else found = i < a.length && j < b.length && (a[i] === b[j] || a[i] === '?' || b[j] === '?') && meet(i + 1, j + 1);
    row.set(key, found);
    return found;
  };
  return meet(0, 0);
}
