/** The whole policy of the Linux sandbox as bubblewrap arguments; a pure function, so that a test can hold every word. */
import { tryKernel, unshareCall } from './kernel-script-linux.ts';
import type { Limits } from './limits.ts';

/** A host path shown read-only at another place inside. */
export interface Shown {
  source: string;
  target: string;
}

/** A function is called once the sandbox is being set up, which waits for its text in its own time. */
type Content = string | Buffer | (() => Promise<string>);

/** A file whose text comes from us. `over`: it covers an existing file of a mount instead of lying in our own root. */
export interface Supplied {
  target: string;
  content: Content;
  over: boolean;
  /** It may be run as a program. */
  executable?: boolean;
}

export interface View {
  /** /bin, /lib …: `link` is the link's text, or null for a real directory. Only those the host has. */
  system: { path: string; link: string | null }[];
  /** Harmless entries of /etc that the host has. */
  etc: string[];
  /** Our own program below /opt/nightshift. */
  program: Shown[];
  /** Of it what was read and judged before, instead of being shown as it may have become. */
  programFiles: Supplied[];
  /** What runs inside: an absolute path and its arguments. */
  command: string[];
  environment: Record<string, string>;
  worktree: string;
  access: 'write' | 'read';
  git: GitView | null;
  /** What lies in a mount all the same and must not be reached. */
  covers: Cover[];
  /** The way out: the proxy's socket on the host, and files for programs that use it. Null: there is none. */
  network: { socket: string; files: { target: string; content: string }[] } | null;
  /** System call filter as the kernel takes it; null: none for this processor. */
  filter: Buffer | null;
}

/** Something empty over what lies at the path inside. */
export interface Cover {
  target: string;
  kind: 'folder' | 'file';
}

export interface GitView {
  /** Directory inside that stands for the git directory: an empty one is put there first. */
  base: string;
  /** True: `base` lies in a mount, so the empty directory must be a file system of its own. */
  covered: boolean;
  shown: Shown[];
  supplied: Supplied[];
  /** Folders of submodules: a git directory that a run made there would be believed by a person's own git. */
  sealed: Sealed[];
}

/** `writable`: it only leads to one, and is a mount of its own so that it cannot be moved out of the way. */
export interface Sealed extends Shown {
  writable: boolean;
}

export interface Policy {
  /** Ends with `--` and the command. */
  args: string[];
  /** What runs inside, from our confining shell on. */
  command: string[];
  /** What bubblewrap reads, in order, from descriptor `firstFileDescriptor` on. */
  files: Content[];
}

/** 0 to 2 are the hands' own; bubblewrap reports its inner process on this one. */
export const infoDescriptor = 3;
export const firstFileDescriptor = 4;
/** Where the hands find the proxy. A socket can be used whether its mount is read-only or not. */
export const proxySocket = '/run/nightshift/proxy';

const ownEtc: Record<string, string> = {
  passwd: 'nightshift:x:1000:1000:Nightshift:/tmp/home:/bin/bash\nnobody:x:65534:65534::/:/usr/sbin/nologin\n',
  group: 'nightshift:x:1000:\nnogroup:x:65534:\n',
  hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
};

/**
 * Runs first inside: sets the limits that only count from within the new user namespace, and closes every descriptor
 * above 2, whoever left it open. A limit that cannot be set is already lower, or the probes will notice.
 */
const confine = [
  'ulimit -c 0 || :; ulimit -u "$1" 2>/dev/null || :; ulimit -d "$2" 2>/dev/null || :',
  'ulimit -f "$3" 2>/dev/null || :; ulimit -n "$4" 2>/dev/null || :; shift 4',
  `${tryKernel}; shift`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
  'for fd in /proc/self/fd/*; do fd=${fd##*/}; if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi; done',
  'exec "$@"',
].join('\n');

/** Order matters: later mounts lie over earlier ones, and what is made read-only must be complete by then. */
export function policy(view: View, limits: Limits): Policy {
  const files: Content[] = [];
  const descriptorFor = (content: Content): string => String(firstFileDescriptor + files.push(content) - 1);
  const supply = ({ over, content, target, executable }: Supplied): string[] => {
    return [
      '--perms',
      executable ? '0555' : '0444',
      over ? '--ro-bind-data' : '--file',
      descriptorFor(content),
      target,
    ];
  };
  const show = ({ source, target }: Shown): string[] => ['--ro-bind', source, target];
  const args = [
    ...['--unshare-user', '--unshare-all', '--disable-userns', '--new-session', '--die-with-parent', '--clearenv'],
    ...['--cap-drop', 'ALL', '--hostname', 'sandbox', '--uid', '1000', '--gid', '1000'],
    ...['--info-fd', String(infoDescriptor)],
    ...Object.entries(view.environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...show({ source: '/usr', target: '/usr' }),
    ...view.system.flatMap(({ path, link }) =>
      link === null ? show({ source: path, target: path }) : ['--symlink', link, path],
    ),
    ...['--dir', '/etc'],
    ...Object.entries(ownEtc).flatMap(([name, content]) => supply({ target: `/etc/${name}`, content, over: false })),
    ...view.etc.flatMap((path) => show({ source: path, target: path })),
    ...['--proc', '/proc', '--dev', '/dev', '--size', String(limits.sharedMemory), '--tmpfs', '/dev/shm'],
    ...['--remount-ro', '/dev', '--size', String(limits.scratch), '--tmpfs', '/tmp', '--dir', '/tmp/home'],
    ...[...view.program.flatMap(show), ...view.programFiles.flatMap(supply)],
    ...[view.access === 'write' ? '--bind' : '--ro-bind', view.worktree, '/workspace'],
    ...(view.git ? git(view.git, show, supply) : []),
    ...(view.git?.sealed ?? []).flatMap(({ source, target, writable }) => [
      ...[writable && view.access === 'write' ? '--bind' : '--ro-bind', source, target],
    ]),
    ...view.covers.flatMap(({ target, kind }) =>
      kind === 'folder' ? ['--tmpfs', target] : show({ source: '/dev/null', target }),
    ),
    ...(view.network ? show({ source: view.network.socket, target: proxySocket }) : []),
    ...(view.network?.files ?? []).flatMap((file) => supply({ ...file, over: false })),
    // For a host of user 0 the kernel's own settings would be its files, to be written by whoever is that user inside.
    ...['--remount-ro', '/proc', '--remount-ro', '/', '--chdir', '/workspace'],
    ...(view.filter ? ['--seccomp', descriptorFor(view.filter)] : []),
  ];
  const command = [
    ...['/bin/bash', '--noprofile', '--norc', '-c', confine, 'confine'],
    ...[
      limits.processes,
      kibibytes(limits.processMemory),
      kibibytes(limits.fileSize),
      limits.openFiles,
      unshareCall,
    ].map(String),
    ...view.command,
  ];
  return { args: [...args, '--', ...command], command, files };
}

function git(view: GitView, show: (shown: Shown) => string[], supply: (file: Supplied) => string[]): string[] {
  return [
    ...[view.covered ? '--tmpfs' : '--dir', view.base],
    ...view.shown.flatMap(show),
    ...view.supplied.flatMap(supply),
    ...(view.covered ? ['--remount-ro', view.base] : []),
  ];
}

const kibibytes = (bytes: number): number => Math.floor(bytes / 1024);
