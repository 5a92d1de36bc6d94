/** The part of a repository that is shown inside: enough for status, log, diff and blame; no address, token or hook. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, readFile, realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '#contract/faults.ts';
import type { GitView } from './policy-linux.ts';
import { sealSubmodules } from './submodules.ts';

const run = promisify(execFile);
const inside = '/repository.git';

/**
 * Directories are shown live. The files are shown as they are now: the host's git replaces them by renaming, and a
 * name that is not on these lists never appears: config with its remote addresses, hooks, submodules, other worktrees,
 * and the reflogs, which keep the address of every `git pull <address>` with the token in it.
 */
const directories = ['objects', 'refs', 'reftable', 'info'];
const files = ['HEAD', 'packed-refs', 'shallow'];
const ownNames = ['HEAD', 'index', 'commondir', 'gitdir', 'refs', 'reftable', 'info'];

/** Settings that decide what git sees in the files, and can neither name a program nor hold a secret. */
const harmless =
  /^(core\.(repositoryformatversion|bare|filemode|ignorecase|symlinks|autocrlf|eol|safecrlf|sparsecheckout|sparsecheckoutcone|precomposeunicode)|extensions\.[a-z]+)$/;

/**
 * `worktree` and `gitDirectory` are host paths. Throws `sandbox.unavailable` when they do not belong together; so does
 * a text of the view when git cannot read the settings.
 */
export async function gitView(worktree: string, gitDirectory: string): Promise<GitView> {
  const common = await realpath(gitDirectory).catch(() => refuse(`there is no git directory at ${gitDirectory}`));
  const link = await lstat(join(worktree, '.git')).catch(() => null);
  if (link?.isDirectory()) return { ...(await plainCheckout(common)), sealed: await sealSubmodules(worktree, common) };
  if (!link?.isFile()) return refuse(`${worktree} is not a git worktree`);
  const admin = await administration(worktree, common);
  const name = basename(admin);
  const target = `${inside}/worktrees/${name}`;
  const [view, sealed] = await Promise.all([commonView(common, inside, false, files), sealSubmodules(worktree, admin)]);
  view.shown.push(...shownOf(admin, target, ownNames));
  const own = join(admin, 'config.worktree');
  if (existsSync(own))
    view.supplied.push({ target: `${target}/config.worktree`, content: () => settings(own), over: false });
  view.supplied.push({ target: '/workspace/.git', content: `gitdir: ${target}\n`, over: true });
  return { ...view, sealed };
}

/** A checkout that holds its git directory itself gets the same view, read-only, in that directory's place. */
async function plainCheckout(common: string): Promise<GitView> {
  // It lies in the worktree, where somebody else may have written: a link would show what it leads to.
  for (const name of [...directories, ...files, 'index', 'config']) {
    const facts = await lstat(join(common, name)).catch(() => null);
    if (facts && !facts.isFile() && !facts.isDirectory()) refuse(`${join(common, name)} is not what git makes`);
  }
  return commonView(common, '/workspace/.git', true, [...files, 'index']);
}

async function commonView(common: string, base: string, covered: boolean, names: string[]): Promise<GitView> {
  const shown = shownOf(common, base, [...directories, ...names]);
  const config = { target: `${base}/config`, content: () => settings(join(common, 'config')), over: false };
  return { base, covered, shown, supplied: [config], sealed: [] };
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

/** The harmless settings of one configuration file, written anew. git's own reader: nothing in the file is executed. */
async function settings(file: string): Promise<string> {
  if (!(await lstat(file).catch(() => null))?.isFile()) return refuse(`there is no configuration at ${file}`);
  const options = { env: { PATH: '/usr/local/bin:/usr/bin:/bin' }, maxBuffer: 16 * 1024 ** 2, timeout: 10_000 };
  const listing = await run('git', ['config', '--file', file, '--no-includes', '--list', '--null'], options).catch(
    (error) =>
      error.code === 'ENOENT'
        ? refuse('git is not installed', 'Install git, for example: sudo apt install git')
        : refuse(`git cannot read ${file}`, `Look at: git config --file ${file} --list`),
  );
  const lines = listing.stdout.split('\0').flatMap((entry) => {
    const end = entry.indexOf('\n');
    const key = end < 0 ? entry : entry.slice(0, end);
    if (!harmless.test(key)) return [];
    const [section = '', name = ''] = key.split('.');
    const value = end < 0 ? 'true' : entry.slice(end + 1);
    return [`[${section}]\n\t${name} = "${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"\n`];
  });
  return lines.join('');
}

function refuse(problem: string, cure = 'Look at the repository with: git worktree list'): never {
  throw new Fault('sandbox.unavailable', `The sandbox cannot show the repository: ${problem}.`, { cure });
}
