/** Looks at this Mac, lays out a run's own folder, and says what its sandbox will show. */
import { cp, mkdir, mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { resultLimit } from '#contract/hands.ts';
import { entry, productRoot } from '#host/self.ts';
import { rememberSettings } from './git-settings.ts';
import { gitView } from './git-view.ts';
import type { Limits } from './limits.ts';
import type { GitView, Supplied } from './policy-linux.ts';
import type { SeatbeltView } from './seatbelt.ts';
import type { WallSpec } from './wall.ts';

export interface DarwinView {
  seatbelt: SeatbeltView;
  /** Folder with the file `kept` that no run may reach. */
  outside: string;
  environment: Record<string, string>;
  /** Removes what was laid out. Never rejects. */
  clear(): Promise<void>;
}

/** Throws `sandbox.unavailable` when worktree and git directory do not belong together. */
export async function lookAroundDarwin(spec: WallSpec): Promise<DarwinView> {
  const [worktree, home] = await Promise.all([realpath(spec.worktree), realpath(homedir())]);
  const git = spec.gitDirectory === null ? null : await gitView(worktree, spec.gitDirectory, rememberSettings());
  const place = await realpath(await mkdtemp(join(tmpdir(), 'nightshift-run-')));
  const clear = () => rm(place, { recursive: true, force: true }).catch(() => {});
  try {
    const [scratch, outside, repository] = ['inside', 'outside', 'repository'].map((name) => join(place, name)) as [
      string,
      string,
      string,
    ];
    for (const folder of [join(scratch, 'home'), outside, repository]) await mkdir(folder, { recursive: true });
    await writeFile(join(outside, 'kept'), 'not for a run\n');
    const laid = git ? await layGit(git, repository) : { directory: null, shown: [] };
    const hands = entry('hands');
    return {
      seatbelt: {
        ...{ worktree, access: spec.access, scratch, home, port: null },
        shown: await reals([
          process.execPath,
          join(productRoot, 'package.json'),
          hands.endsWith('.ts') ? dirname(hands) : hands,
        ]),
        git: [repository, ...(await reals(laid.shown))],
        sealed: (git?.sealed ?? []).map(({ source, writable }) => ({ path: source, writable })),
      },
      outside,
      environment: environment(scratch, worktree, laid.directory),
      clear,
    };
  } catch (error) {
    await clear();
    throw error;
  }
}

/** What the Linux sandbox shows at other places is laid out here: folders as links, files as they are now. */
async function layGit(view: GitView, repository: string): Promise<{ directory: string; shown: string[] }> {
  const inside = (target: string) => join(repository, target.slice(view.base.length));
  const own = (target: string) => target.startsWith(`${view.base}/`);
  const shown: string[] = [];
  for (const { source, target } of view.shown.filter((each) => own(each.target))) {
    await mkdir(dirname(inside(target)), { recursive: true });
    const real = await realpath(source);
    if ((await stat(real)).isDirectory()) {
      await symlink(real, inside(target));
      shown.push(real);
    } else await cp(real, inside(target));
  }
  for (const { target, content } of view.supplied.filter((each) => own(each.target))) {
    await mkdir(dirname(inside(target)), { recursive: true });
    await writeFile(inside(target), await contentOf(content));
  }
  const link = view.supplied.find(({ target }) => target === '/workspace/.git')?.content ?? '';
  const administration = /^gitdir: (.+)\n$/.exec(String(await contentOf(link)))?.[1];
  return { directory: administration ? inside(administration) : repository, shown };
}

function contentOf(content: Supplied['content']): Promise<string | Buffer> | string | Buffer {
  return typeof content === 'function' ? content() : content;
}

async function reals(paths: string[]): Promise<string[]> {
  return Promise.all(paths.map((path) => realpath(path)));
}

/** The whole environment inside. */
function environment(scratch: string, worktree: string, gitDirectory: string | null): Record<string, string> {
  return {
    PATH: `/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:${dirname(process.execPath)}`,
    HOME: join(scratch, 'home'),
    TMPDIR: scratch,
    ...{ USER: 'nightshift', LOGNAME: 'nightshift', SHELL: '/bin/bash', LANG: 'C.UTF-8', TERM: 'dumb' },
    ...{ NO_COLOR: '1', PAGER: 'cat', GIT_PAGER: 'cat', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
    ...{ GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' },
    ...(gitDirectory === null ? {} : { GIT_DIR: gitDirectory, GIT_WORK_TREE: worktree }),
    ...(process.versions.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
  };
}

/** What the hands are told, besides where things are. */
export function darwinOrders(spec: WallSpec, view: DarwinView, limits: Limits, listener: number): string {
  const { worktree, scratch, home } = view.seatbelt;
  return JSON.stringify({
    ...{ resultLimit, outputLimit: limits.callOutput, access: spec.access, filter: false, limits: [] },
    ...{ kernelReport: '', namespaces: {}, environment: {}, proxy: null },
    git: spec.gitDirectory !== null,
    ground: {
      ...{ worktree, scratch, home, outside: view.outside, port: listener, process: process.pid },
      git: spec.gitDirectory !== null,
    },
  });
}
