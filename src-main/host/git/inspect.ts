/** Finds out what a path is, and says precisely why it cannot be worked in. */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { Fault, type FaultCode } from '#contract/faults.ts';
import type { RepositoryFacts, RepositoryPlace } from '#core/ports.ts';
import { discoverAt, type GitAnswer, type GitOptions, gitAt } from './run-git.ts';

const heads = 'refs/heads/';

/** Everything a run needs to start. @param path of a working tree or of anything below one. */
export async function inspect(options: GitOptions, path: string): Promise<RepositoryFacts> {
  const folder = await existingFolder(path);
  const known = await atOnce(options, folder);
  if (known) return known;
  const { own, ...place } = await discover(options, folder, path);
  const { root } = place;
  const git = await gitAt(options, { gitDirectory: own, workTree: root });
  const [symbolic, head] = await Promise.all([
    git(['symbolic-ref', '--quiet', 'HEAD'], { accept: [0, 1] }),
    git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { accept: [0, 1] }),
  ]);
  if (symbolic.code === 1) {
    throw refuse(
      'repo.detached',
      `${root} is on a detached HEAD, so there is no branch to start from.`,
      `Switch to a branch: git -C ${quoted(root)} switch <branch>`,
    );
  }
  const branch = line(symbolic).replace(heads, '');
  if (head.code === 1) {
    throw refuse(
      'repo.no_commits',
      `The branch ${branch} of ${root} has no commits.`,
      `Commit once: git -C ${quoted(root)} commit --allow-empty -m "First commit"`,
    );
  }
  return { ...place, branch, head: line(head) };
}

/** Where the repository is, whatever its HEAD says. */
export async function locate(options: GitOptions, path: string): Promise<RepositoryPlace> {
  const { own: _, ...place } = await discover(options, await existingFolder(path), path);
  return place;
}

type Answers = [GitAnswer, GitAnswer, GitAnswer, GitAnswer];

const questions = [
  ['--is-bare-repository'],
  ['--show-toplevel'],
  ['--path-format=absolute', '--git-common-dir'],
  ['--absolute-git-dir'],
];

const ofHead = ['HEAD^{commit}', '--symbolic-full-name', 'HEAD'];

/** The usual case in one call of git, for a run's first question waits for it; null where anything is not as usual. */
async function atOnce(options: GitOptions, folder: string): Promise<RepositoryFacts | null> {
  const answers = lines(await discoverAt(options, folder, [...questions.flat(), ...ofHead], { accept: [0, 128] }));
  const [bare, top = '', common = '', own = '', head = '', name = ''] = answers;
  // More lines: there is one that ends within a name.
  if (answers.length !== 6 || bare !== 'false') return null;
  if (![top, common, own].every(isAbsolute) || !name.startsWith(heads)) return null;
  const [root, gitDirectory] = await Promise.all([realpath(top), realpath(common)]);
  return { root, gitDirectory, branch: name.slice(heads.length), head };
}

/** One git answers it all where it can. `own`: the git directory of this worktree. `path`: as it was given. */
async function discover(options: GitOptions, folder: string, path: string): Promise<RepositoryPlace & { own: string }> {
  const ask = (...args: string[]) => discoverAt(options, folder, args, { accept: [0, 128] });
  const [bareToo, ...places] = lines(await ask(...questions.flat()));
  const [top = '', common = '', own = ''] = places;
  if (bareToo === 'false' && places.length === 3 && places.every(isAbsolute)) {
    const [root, gitDirectory] = await Promise.all([realpath(top), realpath(common)]);
    return { root, gitDirectory, own };
  }
  return discoverApart(ask, path);
}

/** Each question by itself: its answer may hold newlines, and a refusal says which one is not answered. */
async function discoverApart(
  ask: (...args: string[]) => Promise<GitAnswer>,
  path: string,
): Promise<RepositoryPlace & { own: string }> {
  const [bare, top, common, own] = (await Promise.all(questions.map((words) => ask(...words)))) as Answers;
  if (bare.code !== 0) throw notFound(path, bare);
  if (line(bare) === 'true') {
    throw refuse(
      'repo.not_a_repository',
      `${path} is a bare repository: it has no working files.`,
      'Clone it, and give the path of the clone.',
    );
  }
  if (top.code !== 0) {
    throw refuse(
      'repo.not_a_repository',
      `${path} is inside a git directory, not a working tree.`,
      'Give the path of the folder that holds the files.',
    );
  }
  if (common.code !== 0 || own.code !== 0) throw notFound(path, common.code === 0 ? own : common);
  const [root, gitDirectory] = await Promise.all([realpath(line(top)), realpath(line(common))]);
  return { root, gitDirectory, own: line(own) };
}

async function existingFolder(path: string): Promise<string> {
  if (!isAbsolute(path) || path.includes('\0')) {
    throw refuse(
      'repo.not_a_repository',
      `"${path}" is not an absolute path.`,
      'Give the whole path, starting at the root of the disk.',
    );
  }
  try {
    const folder = await realpath(path);
    if ((await stat(folder)).isDirectory()) return folder;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EACCES' || code === 'EPERM') {
      throw refuse('repo.not_a_repository', `${path} cannot be read by this user.`, 'Give this user access to it.');
    }
    throw refuse(
      'repo.missing',
      `There is nothing at ${path}.`,
      'Check the path; if the repository was moved, give its new path.',
    );
  }
  throw refuse(
    'repo.not_a_repository',
    `${path} is a file, not a folder.`,
    'Give the path of the folder that holds the repository.',
  );
}

function notFound(path: string, answer: GitAnswer): Fault {
  if (/not a git repository|cannot change to/i.test(answer.err)) {
    return refuse(
      'repo.not_a_repository',
      `${path} is not in a git repository.`,
      `Make it one with "git init ${quoted(path)}" and commit once, or give another path.`,
    );
  }
  const words = answer.err.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  return refuse(
    'repo.git_failed',
    `git cannot open the repository at ${path}: ${words}`,
    'Run "git status" there to see what is wrong with it.',
  );
}

function refuse(code: FaultCode, message: string, cure: string): Fault {
  return new Fault(code, message, { field: 'repository', cure });
}

/** Empty where git refused, and where what ends a line could be part of a name. */
function lines(answer: GitAnswer): string[] {
  return answer.code === 0 && !answer.out.includes('\r') ? line(answer).split('\n') : [];
}

/** One answer of git's: paths may hold newlines, so only the last one goes. */
function line(answer: GitAnswer): string {
  return answer.out.toString().replace(/\r?\n$/, '');
}

/** For a command that a person copies into a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
