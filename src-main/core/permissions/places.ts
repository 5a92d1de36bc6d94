/** Where a written path really points: made absolute, links followed, spelled the way the file system compares names. */

/** What the file system below can tell; the real one is in host/, fixtures simulate one. */
export interface FileSystemView {
  /** What the link at this absolute path points to, as stored; null when there is no link. Never throws. */
  readlink(path: string): string | null;
  /** Names that differ in case only are one file. */
  caseInsensitive: boolean;
  /** Names that differ in Unicode composition only are one file. */
  normalising: boolean;
}

/** A view without links, comparing names as they are. */
export const plainView: FileSystemView = { readlink: () => null, caseInsensitive: false, normalising: false };

export type System = 'posix' | 'windows';

export interface Place {
  /** Every absolute path that stands for it, first as written; spelled for comparison. */
  paths: string[];
  /** More spellings, by which it can be forbidden and not allowed. */
  also: string[];
  /** A link stands on the way. */
  linked: boolean;
  /** Why it cannot be approved although it can be compared. Null: nothing odd. */
  odd: string | null;
}

export interface PlaceRules {
  view: FileSystemView;
  home: string;
  os: System;
}

const longest = 4096;
const mostLinks = 40;

/** `cwd` is absolute. `tilde`: a leading `~` means home. */
export function placeOf(written: string, cwd: string, rules: PlaceRules, tilde = true): Place {
  let odd = oddness(written, rules.os);
  let text = written.slice(0, longest + 1);
  const alternatives: string[] = [];
  if (rules.os === 'windows') {
    const drive = /^(?:[\\/]{2}[?.][\\/])?([A-Za-z]):/.exec(text);
    text = text.replace(/^[\\/]{2}[?.][\\/]/, '').replaceAll('\\', '/');
    if (drive?.[1]) {
      text = text.replace(/^[A-Za-z]:/, '');
      const letter = drive[1].toLowerCase();
      if (!text.startsWith('/')) odd ??= 'a path relative to a drive';
      if (letter === 'c' && !/^\/[a-z]\//i.test(cwd)) alternatives.push(`/c${text}`);
      else text = `/${letter}${text}`;
    }
  }
  if (tilde && (text === '~' || text.startsWith('~/'))) text = rules.home + text.slice(1);
  else if (tilde && text.startsWith('~')) odd ??= "another person's home directory";
  const absolute = text.startsWith('/') ? text : `${cwd}/${text}`;
  const magic = throughProc(absolute, cwd);
  if (magic !== null) odd ??= 'a path through /proc';
  const lexical = tidy(absolute);
  const followed = [followLinks(absolute, rules.view), followLinks(lexical, rules.view)];
  if (magic !== null) alternatives.push(tidy(magic));
  if (followed.includes(null)) odd ??= 'its links lead in a circle';
  const real = followed.filter((path) => path !== null);
  const spelled = (all: string[]) => [...new Set(all.map((path) => spell(path, rules)))];
  const [paths, also] = [spelled([lexical, ...real]), spelled(alternatives.map(tidy))];
  return { paths, also, linked: real.some((path) => path !== lexical), odd };
}

/** As the file system compares names. Patterns are spelled the same way. */
export function spell(path: string, { view, os }: Pick<PlaceRules, 'view' | 'os'>): string {
  let text = path.normalize('NFC');
  if (os === 'windows')
    text = text
      .split('/')
      .map((name) =>
        /^\.+$/.test(name)
          ? name
          : name
              .replace(/::?\$DATA$/i, '')
              .replace(/[. ]+$/, '')
              .replace(/:[^/]*$/, ''),
      )
      .join('/');
  if (view.normalising) text = text.normalize('NFKC').replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g, '');
  return view.caseInsensitive || os === 'windows' ? text.toUpperCase().toLowerCase() : text;
}

function oddness(text: string, os: System): string | null {
  if (text.length > longest) return 'a path longer than 4096 characters';
  if (/\p{Cc}/u.test(text)) return 'a control character in a path';
  if (!text.isWellFormed()) return 'broken Unicode in a path';
  if (/\p{Cf}|\p{Zl}|\p{Zp}/u.test(text)) return 'an invisible character in a path';
  if (os !== 'windows') return null;
  if (/^[\\/]{2}/.test(text)) return 'a network or device path';
  if (/~\d/.test(text)) return 'a short name of Windows';
  if (text.replace(/^[A-Za-z]:/, '').includes(':')) return 'an alternate data stream';
  if (text.split(/[\\/]/).some((name) => /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i.test(name)))
    return 'a device of Windows';
  return text.split(/[\\/]/).some((name) => /[. ]$/.test(name) && !/^\.+$/.test(name))
    ? 'a name ending in a dot or space'
    : null;
}

/** `/proc/self/root/x` is `/x`, `/proc/self/cwd/x` is below the current folder. */
function throughProc(path: string, cwd: string): string | null {
  const found = /^\/+proc\/+(?:self|thread-self|\d+)(?:\/+task\/+\d+)?\/+(root|cwd|fd\/+\d+)(\/.*|$)/.exec(
    path.replaceAll('/./', '/'),
  );
  if (!found) return /^\/+(proc|dev\/+fd)\/+/.test(path) && !/^\/+proc\/+[a-z]+$/.test(path) ? path : null;
  return found[1] === 'root' ? found[2] || '/' : `${cwd}${found[2]}`;
}

/** Without `.`, `..`, doubled and trailing slashes; `..` taken by its letters. */
export function tidy(path: string): string {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}

/** As the kernel walks: each link is replaced where it stands, and `..` leaves the folder that was really entered. */
function followLinks(path: string, view: FileSystemView): string | null {
  const todo = path.split('/').reverse();
  let at = '';
  for (let links = 0; todo.length > 0; ) {
    const name = todo.pop() as string;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      at = at.slice(0, at.lastIndexOf('/'));
      continue;
    }
    const target = view.readlink(`${at}/${name}`);
    if (target === null) {
      at += `/${name}`;
      continue;
    }
    if (++links > mostLinks) return null;
    if (target.startsWith('/')) at = '';
    todo.push(...target.split('/').reverse());
  }
  return at || '/';
}

export function isInside(path: string, root: string): boolean {
  return root === '/' || path === root || path.startsWith(`${root}/`);
}
