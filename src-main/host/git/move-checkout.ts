/** Moves a branch together with the person's working tree that stands on it, only while that tree is clean. */
import { Fault } from '#contract/faults.ts';
import { branchHead } from './branches.ts';
import type { Checkout } from './checkouts.ts';
import { stderrOf } from './git-failure.ts';
import { listed, movedMeanwhile } from './landing-words.ts';
import { type Git, type GitOptions, gitAt } from './run-git.ts';

export interface Move {
  into: string;
  /** Where the branch is. */
  from: string;
  /** Where it goes: a descendant of `from`. */
  target: string;
}

/** Throws `repo.checkout_dirty` for anything in the way; then nothing was touched. */
export async function moveCheckout(
  options: GitOptions,
  repository: Git,
  checkouts: Checkout[],
  move: Move,
): Promise<void> {
  const [checkout, second] = checkouts;
  if (!checkout) return;
  if (second) throw inTheWay(move.into, 'it is checked out in more than one working tree');
  if (checkout.workTree === null)
    throw inTheWay(move.into, 'it is checked out in a working tree that git cannot locate');
  if (checkout.unfinished) throw inTheWay(move.into, `a ${checkout.unfinished} is in progress at ${checkout.workTree}`);
  const git = await gitAt(options, { gitDirectory: checkout.gitDirectory, workTree: checkout.workTree });
  const changed = await changedFiles(git);
  if (changed.length > 0) {
    if (await finishInterrupted(git, move)) return;
    throw inTheWay(move.into, `its checkout at ${checkout.workTree} has uncommitted changes in ${listed(changed)}`);
  }
  await refuseFiltered(git, move);
  try {
    await git([...forward, move.target]);
  } catch (error) {
    if ((await branchHead(repository, move.into)) !== move.from) {
      throw movedMeanwhile(move.into);
    }
    const files = overwritten(stderrOf(error));
    if (files.length === 0) throw error;
    throw inTheWay(
      move.into,
      `files that git does not track would be overwritten at ${checkout.workTree}: ${listed(files)}`,
    );
  }
}

/** Ignored files count as the person's, too: nothing of theirs is overwritten. */
const forward = [
  'merge',
  '--ff-only',
  '--quiet',
  '--no-stat',
  '--no-autostash',
  '--no-overwrite-ignore',
  '--no-verify-signatures',
];

async function changedFiles(git: Git): Promise<string[]> {
  const answer = await git([
    'status',
    '--porcelain',
    '-z',
    '--no-renames',
    '--untracked-files=no',
    '--ignore-submodules=all',
  ]);
  return answer.out
    .toString()
    .split('\0')
    .filter(Boolean)
    .map((line) => line.slice(3));
}

/**
 * A landing that was cut off after the files were moved and before the branch was leaves exactly the target staged and
 * nothing else changed: then only the branch is missing.
 */
async function finishInterrupted(git: Git, { into, from, target }: Move): Promise<boolean> {
  const quiet = { accept: [0, 1] };
  const staged = await git(
    ['diff-index', '--cached', '--quiet', '--no-ext-diff', '--ignore-submodules=none', target],
    quiet,
  );
  const loose = await git(['diff-files', '--quiet', '--no-ext-diff', '--ignore-submodules=all'], quiet);
  if (staged.code !== 0 || loose.code !== 0) return false;
  await git(['update-ref', '-m', 'nightshift: land', `refs/heads/${into}`, target, from]);
  return true;
}

/** Filters are never run, so files that need one to look right must not be written into the person's checkout. */
async function refuseFiltered(git: Git, { into, from, target }: Move): Promise<void> {
  const paths = await git(['diff-tree', '-r', '-z', '--name-only', '--diff-filter=d', '--no-ext-diff', from, target]);
  if (paths.out.length === 0) return;
  const answer = await git(['check-attr', '-z', '--stdin', 'filter'], { input: paths.out });
  const fields = answer.out.toString().split('\0');
  const filtered: string[] = [];
  for (let i = 0; i + 2 < fields.length; i += 3) {
    if (!['unspecified', 'unset'].includes(fields[i + 2] ?? '')) filtered.push(fields[i] ?? '');
  }
  if (filtered.length === 0) return;
  throw new Fault(
    'unsupported',
    `${into} is checked out, and ${listed(filtered)} goes through a git filter, which Nightshift never runs.`,
    {
      cure: 'Land it on another branch with --into <branch>, then merge that branch yourself.',
    },
  );
}

function overwritten(stderr: string): string[] {
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('\t'))
    .map((line) => line.trim());
}

function inTheWay(into: string, why: string): Fault {
  return new Fault('repo.checkout_dirty', `${into} cannot be moved: ${why}.`, {
    cure: 'Commit or stash what is there and approve again, or land it on another branch with --into <branch>.',
  });
}
