/** Brings an index in line with the files of a worktree; what git will not take is left out by name, never the whole. */
import { lstat, readdir, realpath } from 'node:fs/promises';
import { isHalfWritten } from '#contract/half-written.ts';
import { stderrOf } from './git-failure.ts';
import type { Git } from './run-git.ts';

/** Files that git will not take (an impossible name, unreadable) are left out one by one, up to this many. */
const mostRefused = 20;
/** So often is git asked which files do not fit their encoding; what is not known then is left out, too. */
const mostTries = 1000;

/** @returns the paths that were left out; that of a folder ends with a slash. */
export async function stage(git: Git, index: string, directory: string): Promise<string[]> {
  const list = async (args: string[]) =>
    (await git(args, { index })).out.toString('latin1').split('\0').filter(Boolean);
  const sparse = ['-c', 'core.sparseCheckout=false'];
  const changed = await list([
    ...sparse,
    'diff-files',
    '-z',
    '--name-only',
    '--no-ext-diff',
    '--ignore-submodules=all',
  ]);
  const others = (await list([...sparse, 'ls-files', '-z', '--others', '--exclude-standard'])).filter(
    (path) => !isHalfWritten(path),
  );
  // A path with a slash at its end is a repository inside the worktree: adding it would make a submodule of it.
  const nested = others.filter((path) => path.endsWith('/'));
  const special = (
    await Promise.all(changed.map(async (path) => ((await isSpecial(directory, path)) ? path : '')))
  ).filter(Boolean);
  const links = (await list(['ls-files', '-z', '--stage'])).filter((entry) => entry.startsWith('160000 '));
  const hidden = await Promise.all(links.map((entry) => inSubmodule(directory, entry.slice(entry.indexOf('\t') + 1))));
  const paths = [...changed, ...others].filter((path) => !path.endsWith('/') && !special.includes(path));
  if (special.length > 0) await feed(git, index, ['--force-remove'], special);
  const encoded = await withEncoding(git, index, paths);
  const refused = await stagePaths(
    git,
    index,
    paths.filter((path) => !encoded.has(path)),
  );
  const unfit = await stageEncoded(git, index, [...encoded]);
  return [...nested, ...hidden.flat(), ...special, ...refused, ...unfit].map(readable);
}

async function stagePaths(git: Git, index: string, wanted: string[]): Promise<string[]> {
  const refused: string[] = [];
  let paths = wanted;
  while (paths.length > 0) {
    try {
      const said = await feed(git, index, ['--add', '--remove', '--replace'], paths);
      return [...refused, ...paths.filter((path) => said.has(`Ignoring path ${readable(path)}`))];
    } catch (error) {
      const named = /Unable to process path (.+)$/s.exec(stderrOf(error).trimEnd())?.[1];
      const culprit = named === undefined ? undefined : paths.find((path) => readable(path) === named);
      if (culprit === undefined || refused.length >= mostRefused) throw error;
      refused.push(culprit);
      paths = paths.filter((path) => path !== culprit);
    }
  }
  return refused;
}

/** Those of the paths that attributes, perhaps ones the run wrote, give an encoding of their own. */
async function withEncoding(git: Git, index: string, paths: string[]): Promise<Set<string>> {
  const input = Buffer.from(paths.join('\0'), 'latin1');
  const { out } = await git(['check-attr', '-z', '--stdin', 'working-tree-encoding'], { index, input });
  const fields = out.toString('latin1').split('\0');
  return new Set(paths.filter((_path, i) => fields[3 * i + 2] !== 'unspecified'));
}

/** One file that does not fit its encoding ends git, which takes none then: halves are tried until it stands alone. */
async function stageEncoded(git: Git, index: string, paths: string[]): Promise<string[]> {
  const refused: string[] = [];
  const batches = paths.length > 0 ? [paths] : [];
  let tries = 0;
  for (let batch = batches.pop(); batch; batch = batches.pop()) {
    try {
      if (++tries > mostTries) refused.push(...batch);
      else refused.push(...(await stagePaths(git, index, batch)));
    } catch (error) {
      if (!/if encoded as|failed to encode|working-tree-encoding/.test(stderrOf(error))) throw error;
      const middle = Math.floor(batch.length / 2);
      if (middle === 0) refused.push(...batch);
      else batches.push(batch.slice(middle), batch.slice(0, middle));
    }
  }
  return refused;
}

/** @returns the lines that git wrote about it. */
async function feed(git: Git, index: string, flags: string[], paths: string[]): Promise<Set<string>> {
  const input = Buffer.from(paths.join('\0'), 'latin1');
  const { err } = await git(['update-index', ...flags, '-z', '--stdin'], { index, input });
  return new Set(err.split('\n'));
}

/** A pipe, socket or device in the place of a file: git would refuse it, or wait for it for ever. */
async function isSpecial(directory: string, path: string): Promise<boolean> {
  const facts = await lstat(placeOf(directory, path)).catch(() => null);
  return facts !== null && !facts.isFile() && !facts.isSymbolicLink() && !facts.isDirectory();
}

/**
 * What lies at the place of a submodule, where git does not look: the entries of its folder, or itself when it is a
 * repository or no folder. A link on the way there leads out of the worktree: names from there are nobody's business.
 */
async function inSubmodule(directory: string, path: string): Promise<string[]> {
  const place = placeOf(directory, path);
  const parent = placeOf(directory, path.split('/').slice(0, -1).join('/')).toString('latin1').replace(/\/$/, '');
  const real = await realpath(Buffer.from(parent, 'latin1'), 'latin1').catch(() => null);
  const facts = real === parent ? await lstat(place).catch(() => null) : null;
  if (facts === null) return [];
  if (!facts.isDirectory()) return [path];
  const entries = await readdir(place, { withFileTypes: true, encoding: 'latin1' }).catch(() => []);
  if (entries.some((entry) => entry.name === '.git')) return [`${path}/`];
  return entries.map((entry) => `${path}/${entry.name}${entry.isDirectory() ? '/' : ''}`);
}

function placeOf(directory: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(path, 'latin1')]);
}

/** Paths are kept byte for byte as latin1, since file names need not be UTF-8. */
function readable(path: string): string {
  return Buffer.from(path, 'latin1').toString();
}
