/** The one place that spawns git: bare environment, pinned directories, and every configured command switched off. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute } from 'node:path';
import { gitFailure, gitMissing, repositoryGone } from './git-failure.ts';
import { asEnvironment, guards } from './guards.ts';

export interface GitOptions {
  /** Only PATH (absolute entries) and, on Windows, SystemRoot are taken from it. */
  env: NodeJS.ProcessEnv;
  /** Longest time one git call may take, in milliseconds: a run can leave a pipe where git expects a file. */
  timeoutMs: number;
}

/** Where git works. Nothing is discovered from the current directory: what a run wrote there must not be believed. */
export interface GitPlace {
  gitDirectory: string;
  workTree?: string;
}

export interface GitCall {
  input?: string | Uint8Array;
  /** Index file instead of the place's own. */
  index?: string;
  /** Exit codes that are answers; others are thrown as `repo.git_failed`. Only 0 when left out. */
  accept?: readonly number[];
  /** Bytes of output after which git is stopped and the answer is marked as cut; without it too much is a fault. */
  cutAfter?: number;
}

export interface GitAnswer {
  code: number;
  out: Buffer;
  err: string;
  cut: boolean;
}

export type Git = (args: string[], call?: GitCall) => Promise<GitAnswer>;

/** Bytes; no list that Nightshift asks for is longer in a repository that it can work with. */
const mostOutput = 256_000_000;
const mostErrors = 64_000;

const identity = { name: 'Nightshift', email: 'nightshift@localhost' };

function environment(options: GitOptions): Record<string, string> {
  const path = (options.env.PATH ?? '/usr/local/bin:/usr/bin:/bin')
    .split(delimiter)
    .filter((entry) => isAbsolute(entry));
  return {
    PATH: path.join(delimiter),
    ...(options.env.SystemRoot ? { SystemRoot: options.env.SystemRoot } : {}),
    HOME: '/nonexistent',
    LANG: 'C',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    GIT_EDITOR: 'false',
    GIT_PAGER: 'cat',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    // Unlike protocol.allow, no protocol.<name>.allow of the repository's own can overrule it.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_REFLOG_ACTION: 'nightshift',
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
  };
}

/** git bound to one place, with the commands that the place's configuration defines switched off. */
export async function gitAt(options: GitOptions, place: GitPlace): Promise<Git> {
  const where = [`--git-dir=${place.gitDirectory}`, ...(place.workTree ? [`--work-tree=${place.workTree}`] : [])];
  const cwd = place.workTree ?? place.gitDirectory;
  const run = (config: string[]) => (args: string[], call?: GitCall) =>
    runGit(options, cwd, ['--no-pager', ...where, ...args], args[0] ?? '', guards(config), call);
  const listed = await run([])(['config', '--list', '-z', '--name-only']);
  return run(listed.out.toString().split('\0').filter(Boolean));
}

/** git for `cat-file` only, without asking first what the configuration holds: printing objects starts nothing. */
export function printingAt(options: GitOptions, { gitDirectory }: GitPlace): Git {
  return (args, call) =>
    runGit(options, gitDirectory, ['--no-pager', `--git-dir=${gitDirectory}`, ...args], 'cat-file', guards([]), call);
}

/** git in a folder about which nothing is known yet, for `rev-parse` only: it reads and starts nothing. */
export function discoverAt(options: GitOptions, folder: string, args: string[], call?: GitCall): Promise<GitAnswer> {
  return runGit(options, folder, ['rev-parse', ...args], 'rev-parse', guards([]), call);
}

function runGit(
  options: GitOptions,
  cwd: string,
  argv: string[],
  what: string,
  config: [string, string][],
  call: GitCall = {},
): Promise<GitAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<GitAnswer>();
  const env: Record<string, string> = { ...environment(options), ...asEnvironment(config) };
  if (call.index) env.GIT_INDEX_FILE = call.index;
  const ownGroup = process.platform !== 'win32';
  const child = spawn('git', argv, { cwd, env, detached: ownGroup, windowsHide: true, stdio: 'pipe' });
  // SIGTERM first: git then removes its lock files.
  const stop = (signal: NodeJS.Signals) => {
    try {
      if (ownGroup && child.pid) process.kill(-child.pid, signal);
      else child.kill(signal);
    } catch {
      // Already gone.
    }
  };
  let late = false;
  const timers = [
    setTimeout(() => {
      late = true;
      stop('SIGTERM');
    }, options.timeoutMs),
    setTimeout(() => stop('SIGKILL'), options.timeoutMs + 2000),
  ];
  const limit = call.cutAfter ?? mostOutput;
  const chunks: Buffer[] = [];
  let size = 0;
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (size > limit) return;
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) stop('SIGTERM');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err = (err + text).slice(-mostErrors);
  });
  child.stdin.on('error', () => {}); // git may end before it has read everything
  child.stdin.end(call.input ?? '');
  child.on('error', (error) => {
    for (const timer of timers) clearTimeout(timer);
    reject(existsSync(cwd) ? gitMissing(error) : repositoryGone(cwd));
  });
  child.on('close', (code, signal) => {
    for (const timer of timers) clearTimeout(timer);
    const cut = size > limit;
    if (cut && call.cutAfter !== undefined) {
      return resolve({ code: 0, out: Buffer.concat(chunks).subarray(0, limit), err, cut });
    }
    if (late) return reject(gitFailure(what, err, `not done after ${options.timeoutMs / 1000} s`));
    if (cut) return reject(gitFailure(what, err, `more than ${mostOutput / 1e6} MB of output`));
    if (code !== null && (call.accept ?? [0]).includes(code)) {
      return resolve({ code, out: Buffer.concat(chunks), err, cut });
    }
    return reject(gitFailure(what, err, code === null ? `ended by ${signal}` : `exit ${code}`));
  });
  return promise;
}
