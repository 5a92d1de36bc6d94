/** How kept files are told from other commits, and which files of a worktree differ from its branch. */
import { isHalfWritten } from '#contract/half-written.ts';
import type { Git } from './run-git.ts';

/** First line of the message. */
export const mark = 'Files of a run, kept by Nightshift';

/** Null: it is no commit that was made here. */
export async function parentOfKept(git: Git, commit: string): Promise<string | null> {
  const { out } = await git(['cat-file', 'commit', commit]);
  const text = out.toString();
  return text.includes(`\n\n${mark}\n`) ? (/^parent ([0-9a-f]+)$/m.exec(text)?.[1] ?? null) : null;
}

/** Paths, as latin1, of what git sees changed, gone or new; repositories inside of it are not its files. */
export async function differing(git: Git): Promise<string[]> {
  const args = ['ls-files', '-z', '--modified', '--others', '--exclude-standard'];
  const { out } = await git(['-c', 'core.sparseCheckout=false', ...args]);
  const all = out.toString('latin1').split('\0').filter(Boolean);
  return [...new Set(all)].filter((path) => !path.endsWith('/') && !isHalfWritten(path));
}
