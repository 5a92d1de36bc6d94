/** A proposal's evidence in words. */
import type { Proposal } from '#contract/proposals.ts';
import type { CheckResult, CheckRound } from '#contract/runs.ts';
import type { Tone } from '#ui/mark.tsx';
import { plural } from '#ui/words.ts';

/** `3 files, +61 −18`. */
export function describeChange({ files }: Pick<Proposal, 'files'>): string {
  const added = files.reduce((sum, file) => sum + file.additions, 0);
  const removed = files.reduce((sum, file) => sum + file.deletions, 0);
  return `${plural(files.length, 'file')}, +${added} −${removed}`;
}

/** What the checks say all in all. */
export function verdict({ before, after }: { before: CheckRound | null; after: CheckRound | null }): {
  words: string;
  tone: Tone;
} {
  if (!after || after.results.length === 0) return { words: 'no checks were run', tone: 'waiting' };
  const failed = after.results.filter((check) => !check.passed).length;
  if (failed > 0) return { words: `${failed} of ${plural(after.results.length, 'check')} failing`, tone: 'failed' };
  const mended = after.results.filter((check) => checkBefore(before, check.command)?.passed === false).length;
  return mended > 0
    ? { words: `${plural(mended, 'check')} went from failing to passing`, tone: 'completed' }
    : { words: `${plural(after.results.length, 'check')} passing`, tone: 'completed' };
}

export const checkBefore = (before: CheckRound | null, command: string): CheckResult | undefined =>
  before?.results.find((check) => check.command === command);

/** `passed`, `failed (exit 1)`, `failed (did not end)`. */
export function checkWord(check: CheckResult): string {
  if (check.passed) return 'passed';
  return check.exitCode === null ? 'failed (did not end by itself)' : `failed (exit ${check.exitCode})`;
}
