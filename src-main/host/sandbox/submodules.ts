/** The folders of a worktree's submodules, shown so that no run can put a git directory there: any `git status` outside would believe it. */
import { execFile } from 'node:child_process';
import { lstat, mkdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Fault } from '#contract/faults.ts';
import type { Sealed } from './policy-linux.ts';

const run = promisify(execFile);

/**
 * Each folder that the index names as a submodule read-only, behind the folders that lead to it: as mounts they cannot
 * be renamed, and nothing else be put in their place. `admin`: the git directory of this worktree; both are host paths.
 * Throws `sandbox.unavailable` when the index cannot be read.
 */
export async function sealSubmodules(worktree: string, admin: string): Promise<Sealed[]> {
  const root = await realpath(worktree);
  const leading = new Set<string>();
  const folders: string[] = [];
  for (const path of await submodules(admin)) {
    const names = path.split('/');
    const above = names.slice(0, -1).map((_name, at) => names.slice(0, at + 1).join('/'));
    if (!(await isFolder(root, path))) continue;
    for (const each of above) leading.add(each);
    folders.push(path);
  }
  const seal = (path: string, writable: boolean): Sealed => ({
    source: join(root, path),
    target: `/workspace/${path}`,
    writable,
  });
  // What leads to others comes first, the longer behind the shorter.
  return [...[...leading].sort().map((path) => seal(path, true)), ...folders.map((path) => seal(path, false))];
}

/** git makes the folder of a submodule; where it is gone it is made anew. Behind a link, git itself looks no further. */
async function isFolder(root: string, path: string): Promise<boolean> {
  const place = join(root, path);
  const parent = join(place, '..');
  const real = await realpath(parent).catch(() => null);
  if (real === null) {
    if (parent === root || !(await isFolder(root, path.split('/').slice(0, -1).join('/')))) return false;
  } else if (real !== parent) return false;
  await mkdir(place).catch(() => {});
  return (await lstat(place).catch(() => null))?.isDirectory() ?? false;
}

/** What an index holds that may name a submodule: an entry of that mode, or an extension by which entries are elsewhere. */
const signs = [Buffer.from([0x00, 0x00, 0xe0, 0x00]), Buffer.from('link\0'), Buffer.from('sdir\0')];

/** False for sure, without starting git; true where only git can tell. */
async function mayHoldSubmodules(admin: string): Promise<boolean> {
  const index = await readFile(join(admin, 'index')).catch(() => null);
  if (index?.toString('latin1', 0, 4) !== 'DIRC') return true;
  return signs.some((sign) => index.includes(sign));
}

async function submodules(admin: string): Promise<string[]> {
  if (!(await mayHoldSubmodules(admin))) return [];
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
  const args = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null', `--git-dir=${admin}`];
  const listing = await run('git', [...args, '-c', 'safe.directory=*', 'ls-files', '--stage', '-z'], {
    ...{ env, cwd: admin, maxBuffer: 512 * 1024 ** 2, timeout: 20_000 },
  }).catch((error: NodeJS.ErrnoException) => {
    const cure = error.code === 'ENOENT' ? 'Install git.' : `Look at: git --git-dir=${admin} ls-files --stage`;
    throw new Fault('sandbox.unavailable', 'The sandbox cannot show the repository: git cannot read its index.', {
      cure,
    });
  });
  return listing.stdout
    .split('\0')
    .filter((entry) => entry.startsWith('160000 '))
    .map((entry) => entry.slice(entry.indexOf('\t') + 1));
}
