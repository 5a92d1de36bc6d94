/** The part of a repository that is shown inside: enough for status, log, diff and blame; no address, token or hook. */
import { existsSync } from 'node:fs';
import { lstat, readFile, realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Fault } from '#contract/faults.ts';
import type { ReadSettings } from './git-settings.ts';
import type { GitView } from './policy-linux.ts';
import { sealSubmodules } from './submodules.ts';

const inside = '/repository.git';

/**
 * Directories are shown live. The files are shown as they are now: the host's git replaces them by renaming, and a
 * name that is not on these lists never appears: config with its remote addresses, hooks, submodules, other worktrees,
 * and the reflogs, which keep the address of every `git pull <address>` with the token in it.
 */
const directories = ['objects', 'refs', 'reftable', 'info'];
const files = ['HEAD', 'packed-refs', 'shallow'];
const ownNames = ['HEAD', 'index', 'commondir', 'gitdir', 'refs', 'reftable', 'info'];

/**
 * `worktree` and `gitDirectory` are host paths. Throws `sandbox.unavailable` when they do not belong together; so does
 * a text of the view when git cannot read the settings.
 */
export async function gitView(worktree: string, gitDirectory: string, read: ReadSettings): Promise<GitView> {
  const common = await realpath(gitDirectory).catch(() => refuse(`there is no git directory at ${gitDirectory}`));
  const link = await lstat(join(worktree, '.git')).catch(() => null);
  if (link?.isDirectory())
    return { ...(await plainCheckout(common, read)), sealed: await sealSubmodules(worktree, common) };
  if (!link?.isFile()) return refuse(`${worktree} is not a git worktree`);
  const admin = await administration(worktree, common);
  const name = basename(admin);
  const target = `${inside}/worktrees/${name}`;
  const [view, sealed] = await Promise.all([
    commonView(common, inside, false, files, read),
    sealSubmodules(worktree, admin),
  ]);
  view.shown.push(...shownOf(admin, target, ownNames));
  const own = join(admin, 'config.worktree');
  if (existsSync(own))
    view.supplied.push({ target: `${target}/config.worktree`, content: begun(read(own)), over: false });
  view.supplied.push({ target: '/workspace/.git', content: `gitdir: ${target}\n`, over: true });
  return { ...view, sealed };
}

/** A checkout that holds its git directory itself gets the same view, read-only, in that directory's place. */
async function plainCheckout(common: string, read: ReadSettings): Promise<GitView> {
  // It lies in the worktree, where somebody else may have written: a link would show what it leads to.
  for (const name of [...directories, ...files, 'index', 'config']) {
    const facts = await lstat(join(common, name)).catch(() => null);
    if (facts && !facts.isFile() && !facts.isDirectory()) refuse(`${join(common, name)} is not what git makes`);
  }
  return commonView(common, '/workspace/.git', true, [...files, 'index'], read);
}

async function commonView(
  common: string,
  base: string,
  covered: boolean,
  names: string[],
  read: ReadSettings,
): Promise<GitView> {
  const content = begun(read(join(common, 'config')));
  const shown = shownOf(common, base, [...directories, ...names]);
  const config = { target: `${base}/config`, content, over: false };
  return { base, covered, shown, supplied: [config], sealed: [] };
}

/** Under way; what comes of it is heard by whoever asks. */
function begun(text: Promise<string>): () => Promise<string> {
  text.catch(() => {});
  return () => text;
}

function shownOf(from: string, to: string, names: string[]): GitView['shown'] {
  return names
    .filter((name) => existsSync(join(from, name)))
    .map((name) => ({ source: join(from, name), target: `${to}/${name}` }));
}

/** Where a folder has no git directory, none can be made: a person's own git would believe it. */
export const noGit: GitView = { base: '/workspace/.git', covered: true, shown: [], supplied: [], sealed: [] };

/** The worktree's own directory below the common one. Both must name each other: the `.git` file alone is not believed. */
async function administration(worktree: string, common: string): Promise<string> {
  const link = (await readFile(join(worktree, '.git'), 'utf8')).match(/^gitdir: (.+?)\n?$/s)?.[1];
  const admin = link && (await realpath(resolve(worktree, link)).catch(() => null));
  if (!admin || resolve(admin, '..') !== join(common, 'worktrees')) {
    return refuse(`${worktree} is not a worktree of ${common}`);
  }
  const back = (await readFile(join(admin, 'gitdir'), 'utf8').catch(() => '')).replace(/\r?\n$/, '');
  const named = await realpath(resolve(admin, back)).catch(() => null);
  if (named !== (await realpath(join(worktree, '.git'))))
    refuse(`${worktree} is not the worktree that ${admin} belongs to`);
  return admin;
}

function refuse(problem: string, cure = 'Look at the repository with: git worktree list'): never {
  throw new Fault('sandbox.unavailable', `The sandbox cannot show the repository: ${problem}.`, { cure });
}
