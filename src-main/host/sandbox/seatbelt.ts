/**
 * The whole policy of the macOS sandbox as a Seatbelt profile; a pure function, so that a test can hold every word. No
 * path is ever part of the profile's text: paths travel beside it as parameters, so none can be read as a rule.
 */
import { posix } from 'node:path';
import { Fault } from '#contract/faults.ts';

/** Every path absolute, links resolved: Seatbelt judges what a path turns out to be. */
export interface SeatbeltView {
  worktree: string;
  access: 'write' | 'read';
  /** Of the run's own: its temporary files and its home. Writable. */
  scratch: string;
  /** Of the person: nothing below it is seen, except what is named here. */
  home: string;
  /** Shown read-only: compilers, Node, package managers; our own program. */
  shown: string[];
  /** Of the repository, shown read-only: what git needs to tell status, log and diff. */
  git: string[];
  /** Folders of submodules: nothing may be put there; `writable`: it leads to one and may not be moved or removed. */
  sealed: { path: string; writable: boolean }[];
  /** The only port that can be reached, on loopback. Null: no network at all. */
  port: number | null;
}

export interface Seatbelt {
  profile: string;
  /** By the names that the profile uses. */
  parameters: Record<string, string>;
}

/** Of the system itself; nothing of a person lives there. */
const system = [
  ...['/bin', '/sbin', '/usr', '/System/Library', '/System/Cryptexes', '/System/Volumes/Preboot/Cryptexes'],
  ...['/Library/Apple', '/Library/Frameworks', '/Library/Developer/CommandLineTools', '/Library/Java'],
  ...['/Applications/Xcode.app/Contents/Developer', '/opt/homebrew', '/opt/local'],
  ...['/private/var/db/dyld', '/private/var/db/timezone', '/private/var/select', '/private/etc/ssl'],
];
const files = [
  ...['/private/etc/group', '/private/etc/hosts', '/private/etc/localtime', '/private/etc/passwd'],
  ...['/private/etc/protocols', '/private/etc/services', '/private/etc/shells'],
  ...['/dev/fd', '/dev/null', '/dev/random', '/dev/stderr', '/dev/stdin', '/dev/stdout', '/dev/urandom', '/dev/zero'],
];
/** Data of programs that are installed beside the system: databases, mail, a second name for every home directory. */
const kept = ['/opt/homebrew/var', '/opt/local/var', '/usr/local/var', '/System/Volumes/Data'];
/** Who a user id is, where temporary files go, and the log. No keychain, no certificates, no names of hosts, no pasteboard. */
const services = ['com.apple.system.opendirectoryd.libinfo', 'com.apple.bsd.dirhelper', 'com.apple.system.logger'];

/** Throws `sandbox.unavailable` for a path that no profile could hold to its letter. */
export function seatbelt(view: SeatbeltView): Seatbelt {
  const parameters: Record<string, string> = {};
  const at = (name: string, path: string): string => {
    parameters[name] = checked(path);
    return `(param "${name}")`;
  };
  const each = (name: string, paths: string[]): string =>
    paths.map((path, index) => ` (subpath ${at(`${name}_${index}`, path)})`).join('');
  const worktree = at('WORKTREE', view.worktree);
  const scratch = at('SCRATCH', view.scratch);
  const home = at('HOME', view.home);
  for (const path of [view.scratch, ...view.shown]) refuseOver(path, [view.home, view.worktree]);
  refuseOver(view.worktree, [view.home, view.scratch]);
  const above = [...new Set([view.worktree, view.scratch, ...view.shown, ...view.git].flatMap(ancestors))].sort();
  const quoted = (kind: string, all: string[]) => all.map((path) => ` (${kind} "${path}")`).join('');
  const lines = [
    '(version 1)',
    '; Later rules win over earlier ones; what no rule names is denied.',
    '(deny default)',
    '(allow process-exec process-fork)',
    '(allow process-info* (target same-sandbox))',
    '(allow signal (target same-sandbox))',
    '(allow sysctl-read)',
    '(allow ipc-posix-sem ipc-posix-shm*)',
    `(allow mach-lookup${services.map((name) => ` (global-name "${name}")`).join('')})`,
    `(allow file-read* (literal "/")${quoted('subpath', system)}${quoted('literal', files)})`,
    '(allow file-write-data (literal "/dev/null") (literal "/dev/zero"))',
    `(deny file-read* file-write*${quoted('subpath', kept)} (subpath ${home}))`,
    `(allow file-read-metadata${above.map((path, index) => ` (literal ${at(`ABOVE_${index}`, path)})`).join('')})`,
    ...(view.shown.length > 0 ? [`(allow file-read*${each('SHOWN', view.shown)})`] : []),
    ...(view.git.length > 0 ? [`(allow file-read*${each('GIT', view.git)})`] : []),
    `(allow file-read* (subpath ${worktree}) (subpath ${scratch}))`,
    `(allow file-write* (subpath ${scratch})${view.access === 'write' ? ` (subpath ${worktree})` : ''})`,
    '; Moved elsewhere, the folders would be under no rule of their own any more.',
    `(deny file-write-unlink (literal ${worktree}) (literal ${scratch}))`,
    '; git is shown its directory elsewhere, without addresses and hooks.',
    `(deny file-read-data file-write* (subpath ${at('GIT_LINK', posix.join(view.worktree, '.git'))}))`,
    ...seals(view.sealed, at),
    ...(view.port === null ? [] : [`(allow network-outbound (remote ip "localhost:${port(view.port)}"))`]),
    '; Programs that run with more rights than their caller, other applications, and what speaks to them.',
    '(deny process-exec (file-mode #o4000))',
    '(deny process-exec (file-mode #o2000))',
    '(deny appleevent-send)',
    '(deny lsopen)',
  ];
  return { profile: `${lines.join('\n')}\n`, parameters };
}

/** Nothing is put into a submodule's folder, and no other folder into its place or that of one above it. */
function seals(sealed: SeatbeltView['sealed'], at: (name: string, path: string) => string): string[] {
  const folders = sealed.filter(({ writable }) => !writable);
  const leading = sealed.filter(({ writable }) => writable);
  const each = (kind: string, name: string, all: typeof sealed) =>
    all.map(({ path }, index) => ` (${kind} ${at(`${name}_${index}`, path)})`).join('');
  return [
    ...(sealed.length > 0
      ? ["; A git directory in a submodule's folder would be believed by a person's own git."]
      : []),
    ...(folders.length > 0 ? [`(deny file-write*${each('subpath', 'SEALED', folders)})`] : []),
    ...(leading.length > 0 ? [`(deny file-write-unlink${each('literal', 'LEADING', leading)})`] : []),
  ];
}

/** Arguments of `/usr/bin/sandbox-exec` that run the command under the profile. */
export function sandboxExecArguments({ profile, parameters }: Seatbelt, command: string[]): string[] {
  const given = Object.entries(parameters).flatMap(([name, path]) => ['-D', `${name}=${path}`]);
  return ['-p', profile, ...given, '--', ...command];
}

/** Folders above the path, without the root itself. */
function ancestors(path: string): string[] {
  const up = posix.dirname(path);
  return up === '/' || up === path ? [] : [...ancestors(up), up];
}

function checked(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what it is about
  const plain = !/[\x00-\x1f\x7f]/.test(path) && path.isWellFormed();
  if (plain && path.startsWith('/') && path !== '/' && posix.normalize(path) === path && !path.endsWith('/'))
    return path;
  throw refusal(`${JSON.stringify(path)} is no path that it could be told`);
}

function refuseOver(path: string, places: string[]): void {
  const covered = places.find((place) => place === path || place.startsWith(`${path}/`));
  if (covered) throw refusal(`${path} lies above ${covered}, which it would open`);
}

function port(value: number): number {
  if (Number.isInteger(value) && value > 0 && value < 65_536) return value;
  throw refusal(`${value} is no port`);
}

function refusal(why: string): Fault {
  return new Fault('sandbox.unavailable', `The sandbox cannot be described: ${why}.`, {
    cure: 'Put the repository and the data directory into folders with plain names.',
  });
}
