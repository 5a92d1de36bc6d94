/** The repositories port on real git; nothing in a worktree or in a repository's configuration can execute. */
import type { Log, Repositories } from '#core/ports.ts';
import { branchHead } from './branches.ts';
import { commitAll } from './commit-all.ts';
import { commits, files, links, patch } from './history.ts';
import { inspect, locate } from './inspect.ts';
import { deleteBranch, land } from './land.ts';
import { type GitOptions, gitAt, printingAt } from './run-git.ts';
import { readTree } from './tree-files.ts';
import { addCheckout, addWorktree, removeWorktree } from './worktrees.ts';

export interface RepositoriesOptions {
  /** Where PATH is taken from; this process's own environment when left out. */
  env?: NodeJS.ProcessEnv;
  log?: Log;
  /** Longest time of one git call, in milliseconds. */
  timeoutMs?: number;
}

const tenMinutes = 600_000;

export function createRepositories({ env, log, timeoutMs }: RepositoriesOptions = {}): Repositories {
  const options: GitOptions = { env: env ?? process.env, timeoutMs: timeoutMs ?? tenMinutes };
  const reading = (repo: { gitDirectory: string }) => gitAt(options, { gitDirectory: repo.gitDirectory });
  return {
    inspect: (path) => inspect(options, path),
    locate: (path) => locate(options, path),
    addWorktree: (repo, branch, base, directory) => addWorktree(options, repo, branch, base, directory),
    addCheckout: (repo, commit, directory) => addCheckout(options, repo, commit, directory),
    removeWorktree: (repo, directory) => removeWorktree(repo, directory),
    commitAll: (repo, directory, message) => commitAll(options, log, repo, directory, message),
    head: async (repo, branch) => branchHead(await reading(repo), branch),
    read: (repo, commit, paths) => readTree(printingAt(options, repo), commit, paths),
    commits: async (repo, base, head) => commits(await reading(repo), base, head),
    files: async (repo, base, head) => files(await reading(repo), base, head),
    links: async (repo, head) => links(await reading(repo), head),
    patch: async (repo, base, head) => patch(await reading(repo), base, head),
    land: (repo, landing) => land(options, repo, landing),
    deleteBranch: (repo, branch, head) => deleteBranch(options, repo, branch, head),
  };
}
