/** Files that would run on the person's machine stand apart from those that are only read. */
import type { FileChange } from '#contract/proposals.ts';

export const wouldRun = 'Would run on your machine';
export const others = 'The other files';

export const filesThatRun = (files: readonly FileChange[]): FileChange[] => files.filter(({ runsHere }) => runsHere);

/** Those that would run come first. */
export const inReviewOrder = (files: readonly FileChange[]): FileChange[] => [
  ...filesThatRun(files),
  ...files.filter(({ runsHere }) => !runsHere),
];
