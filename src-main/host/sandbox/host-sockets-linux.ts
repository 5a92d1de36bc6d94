/**
 * Sockets of programs of this machine that lie in a worktree: by its path a run could speak to whoever listens there.
 * Those that are there at the start are covered; the kernel has no way to refuse later ones, so they end the run.
 */
import { execFile } from 'node:child_process';
import { lstat, readFile, realpath } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Milliseconds between two looks. */
const interval = 250;

/** The kernel's list of the sockets of this network namespace; tests put a file here. */
const listing = '/proc/net/unix';

/** Address, uses, protocol, flags, type, state, number, path. */
const entry = /^\S+ \S+ \S+ (\S+) (\S+) \S+ +(\d+) (.+)$/;
const [datagram, accepting] = ['0002', 0x10000];

export interface HostSockets {
  /** Paths, within the worktree, of sockets with a listener that a run would see. */
  present: string[];
  /** Looks through the whole worktree: settles with a path that was overlooked so far, or null. Asked once. */
  lookThrough(): Promise<string | null>;
  /** Calls `appeared` once, with the path, when one comes later. Returns what ends the watch. */
  watch(appeared: (path: string) => void): () => void;
}

/** What is below the worktree's `.git` is never shown, and not looked at. Never rejects. */
export async function findHostSockets(folder: string, list = listing): Promise<HostSockets> {
  const worktree = await realpath(folder).catch(() => folder);
  const readable = await entries(list);
  const first = readable ?? new Map<string, string>();
  const listed = await within(worktree, first);
  const vague = readable === null || isVague(first);
  const walked = vague ? await walk(worktree, listed) : null;
  const present = walked ? [...new Set([...listed, ...walked])] : listed;
  return {
    present: present.map((path) => relative(worktree, path)),
    lookThrough: async () => (walked ?? (await walk(worktree, listed))).find((path) => !present.includes(path)) ?? null,
    watch: (appeared) => watch(worktree, list, { known: first, present }, appeared),
  };
}

function watch(
  worktree: string,
  list: string,
  { known, present }: { known: Map<string, string>; present: string[] },
  appeared: (path: string) => void,
): () => void {
  let before = known;
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const now = (await entries(list)) ?? before;
      const fresh = new Map([...now].filter(([key]) => !before.has(key)));
      before = now;
      if (fresh.size === 0) return;
      const overlooked = async () => (await walk(worktree, present)).find((path) => !present.includes(path));
      const found = (await within(worktree, fresh))[0] ?? (isVague(fresh) ? await overlooked() : undefined);
      if (found === undefined) return;
      clearInterval(timer);
      appeared(found);
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), interval);
  return () => clearInterval(timer);
}

/** Paths that listeners of this machine are bound to, by the socket's own number and the path. Null: no such list. */
async function entries(list: string): Promise<Map<string, string> | null> {
  const text = await readFile(list, 'latin1').catch(() => null);
  const bound = text?.split('\n').flatMap((row): [string, string][] => {
    const [, flags = '', type = '', number = '', name = ''] = entry.exec(row) ?? [];
    // An abstract name belongs to the network namespace, of which a run has one of its own.
    if (name === '' || name.startsWith('@')) return [];
    // An accepted connection carries its listener's path and is none itself.
    if (type !== datagram && (Number.parseInt(flags, 16) & accepting) === 0) return [];
    return [[`${number} ${name}`, Buffer.from(name, 'latin1').toString('utf8')]];
  });
  return bound ? new Map(bound) : null;
}

/** Where a path without a beginning lies, only who was in that folder at that moment knows. */
function isVague(bound: Map<string, string>): boolean {
  return [...bound.values()].some((path) => !isAbsolute(path));
}

async function within(worktree: string, bound: Map<string, string>): Promise<string[]> {
  const folders = new Map<string, Promise<string | null>>();
  const real = (folder: string): Promise<string | null> => {
    const known = folders.get(folder) ?? realpath(folder).catch(() => null);
    folders.set(folder, known);
    return known;
  };
  const found = [...bound.values()].filter(isAbsolute).map(async (path) => {
    const folder = await real(dirname(path));
    const place = folder === null ? null : join(folder, basename(path));
    return place !== null && shown(worktree, place) && (await isSocket(place)) ? place : null;
  });
  return [...new Set((await Promise.all(found)).filter((path) => path !== null))];
}

function shown(worktree: string, path: string): boolean {
  return path.startsWith(`${worktree}/`) && !path.startsWith(`${worktree}/.git/`);
}

async function isSocket(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isSocket() ?? false;
}

/** Sockets in the tree that anybody listens at, also from another network namespace; the known ones are not asked. */
async function walk(worktree: string, known: string[]): Promise<string[]> {
  const args = [worktree, '-path', join(worktree, '.git'), '-prune', '-o', '-type', 's', '-print0'];
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };
  const { stdout } = await run('find', args, { env, maxBuffer: 16 * 1024 ** 2 }).catch(
    (error: { stdout?: string }) => ({
      stdout: error.stdout ?? '',
    }),
  );
  const all = stdout.split('\0').filter(Boolean);
  const live = await Promise.all(
    all.map(async (path) => (known.includes(path) || (await answers(path)) ? path : null)),
  );
  return live.filter((path) => path !== null);
}

/** What is left of a listener that is gone refuses everybody for ever. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const end = (live: boolean): void => {
      socket.destroy();
      resolve(live);
    };
    socket.once('connect', () => end(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => end(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
