/** Looks at this machine and says what of it a sandbox will show. */
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type LocalPort, probeHost, proxyPort, refusedHost } from '#contract/egress.ts';
import { resultLimit } from '#contract/hands.ts';
import type { SandboxFile } from '#core/instructions/port.ts';
import type { HandsSpec } from '#core/ports.ts';
import type { Egress } from '#host/egress/open.ts';
import { entry, productRoot } from '#host/self.ts';
import type { ReadSettings } from './git-settings.ts';
import { gitView, noGit } from './git-view.ts';
import { handsFile, provenHands } from './hands-bundle.ts';
import type { HostSockets } from './host-sockets-linux.ts';
import { kernelReport } from './kernel-script-linux.ts';
import { type LimitProbe, type Limits, limitProbes } from './limits.ts';
import { proxySocket, type Shown, type Supplied, type View } from './policy-linux.ts';
import { systemCallFilter } from './seccomp-linux.ts';

/** Never a directory with private keys in it: as root they would be readable. */
const etc = [
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/pki/ca-trust/extracted',
  '/etc/ca-certificates',
  '/etc/alternatives',
  '/etc/ld.so.cache',
  '/etc/localtime',
  '/etc/mime.types',
];

const home = '/opt/nightshift';
/** Below which files of skills are seen. */
export const filesAt = `${home}/skills`;

/** What the hands are told at their start; the child reads it from its only argument. */
export interface HandsOrders {
  resultLimit: number;
  outputLimit: number;
  access: 'write' | 'read';
  git: boolean;
  filter: boolean;
  limits: LimitProbe[];
  /** File in which the program that tries system calls reports. */
  kernelReport: string;
  /** The host's own namespaces by kind, as the kernel names them: the hands must be in others. */
  namespaces: Record<string, string>;
  /** What commands are told besides the hands' own environment. */
  environment: Record<string, string>;
  proxy: { socket: string; port: number; local: LocalPort[]; probes: { answered: string; refused: string } } | null;
}

/** `spec.gitDirectory` null: a trial without a repository. `root`: the host runs as user 0. */
export async function lookAround(
  spec: Omit<HandsSpec, 'gitDirectory'> & { gitDirectory: string | null },
  limits: Limits,
  root: boolean,
  opening: Promise<Egress | null>,
  settings: ReadSettings,
  sockets: Promise<HostSockets>,
): Promise<View> {
  const asked = Promise.all([
    spec.gitDirectory === null ? null : gitView(spec.worktree, spec.gitDirectory, settings),
    opening,
    sockets,
  ]);
  asked.catch(() => {});
  // While the disk answers: this is read and judged here and now.
  const program = ownProgram();
  const filter = systemCallFilter();
  const namespaces = ownNamespaces();
  const [repository, egress, { present }] = await asked;
  const git = repository ?? (spec.access === 'write' ? noGit : null);
  const orders: HandsOrders = {
    resultLimit,
    outputLimit: limits.callOutput,
    access: spec.access,
    git: repository !== null,
    filter: filter !== null,
    limits: limitProbes(limits, root),
    kernelReport,
    namespaces,
    environment: egress?.environment ?? {},
    proxy: egress && {
      socket: proxySocket,
      port: proxyPort,
      local: egress.local,
      probes: { answered: probeHost, refused: refusedHost },
    },
  };
  return {
    system: ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'].filter(existsSync).map((path) => ({
      path,
      link: lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null,
    })),
    etc: etc.filter(existsSync),
    program: program.shown,
    programFiles: [...program.supplied, ...(spec.files ?? []).map(suppliedFile)],
    command: [program.node, ...flags(egress !== null), program.main, JSON.stringify(orders)],
    environment: environment(),
    worktree: spec.worktree,
    access: spec.access,
    git,
    covers: present.map((path) => ({ target: join('/workspace', path), kind: 'file' })),
    network: egress,
    filter,
  };
}

function suppliedFile({ path, content, executable }: SandboxFile): Supplied {
  return { target: join(filesAt, path), content: Buffer.from(content), over: false, executable };
}

/**
 * A seed of its own for every hash table takes V8 a tenth of its start, and guards a server against strangers' keys: the
 * hands serve one run, and what a run does to them slows that run alone. With that flag, though, V8 takes none of the
 * compiled code that Node brings for its own modules: who needs those of the network at once waits longer than for seeds.
 */
function flags(online: boolean): string[] {
  const usual = ['--disable-warning=ExperimentalWarning'];
  return online || process.versions.electron ? usual : [...usual, '--no-rehash-snapshot'];
}

function ownNamespaces(): Record<string, string> {
  const kinds = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'];
  const known = kinds.filter((kind) => existsSync(`/proc/self/ns/${kind}`));
  return Object.fromEntries(known.map((kind) => [kind, readlinkSync(`/proc/self/ns/${kind}`)]));
}

/**
 * Our Node and the hands' code. A module needs the package.json that says so. In Electron, Node is a directory of files.
 * In a clone the hands' one file is taken while it is made of their sources as they are: it starts in half the time.
 */
function ownProgram(): { shown: Shown[]; supplied: Supplied[]; node: string; main: string } {
  const hands = entry('hands');
  const source = hands.endsWith('.ts');
  const node = `${home}/bin/${process.versions.electron ? basename(process.execPath) : 'node'}`;
  const runtime = process.versions.electron
    ? { source: dirname(process.execPath), target: `${home}/bin` }
    : { source: process.execPath, target: node };
  const content = source ? provenHands(productRoot) : null;
  if (content) {
    const main = `${home}/${basename(handsFile(productRoot))}`;
    return { shown: [runtime], supplied: [{ target: main, content, over: false }], node, main };
  }
  const target = source ? `${home}/child` : `${home}/${basename(hands)}`;
  return {
    shown: [
      runtime,
      { source: join(productRoot, 'package.json'), target: `${home}/package.json` },
      { source: source ? dirname(hands) : hands, target },
    ],
    supplied: [],
    node,
    main: source ? `${target}/${basename(hands)}` : target,
  };
}

/** The whole environment inside. The machine's own Node comes first; ours is there when it has none. */
function environment(): Record<string, string> {
  return {
    PATH: `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${home}/bin`,
    HOME: '/tmp/home',
    TMPDIR: '/tmp',
    USER: 'nightshift',
    LOGNAME: 'nightshift',
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    NO_COLOR: '1',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    // Files may belong to another user than the one inside; git would refuse to read them.
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
    ...(process.versions.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
  };
}
