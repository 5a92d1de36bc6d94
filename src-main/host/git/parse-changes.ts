/** Reads the machine form of `git diff-tree --raw --numstat -z`. */
import type { FileChange } from '#contract/proposals.ts';

const statuses: Record<string, FileChange['status']> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  R: 'renamed',
  T: 'typechange',
};

/** First all raw records, then all counts, in the same order; everything ends in NUL, so any name is possible. */
export function parseChanges(text: string): FileChange[] {
  const tokens = text.split('\0')[Symbol.iterator]();
  const next = () => tokens.next().value ?? '';
  const named: Pick<FileChange, 'path' | 'from' | 'status'>[] = [];
  let token = next();
  for (; token.startsWith(':'); token = next()) {
    const letter = token.split(' ')[4]?.[0] ?? '';
    const status = statuses[letter];
    if (!status) throw new Error(`git reported a change of unknown kind: ${letter}`);
    const from = status === 'renamed' ? { from: next() } : {};
    named.push({ ...from, path: next(), status });
  }
  return named.map((change) => {
    const counts = readCounts(token);
    // A renamed file's count has its two names in tokens of their own.
    if (change.from !== undefined) [next(), next()];
    token = next();
    return { ...change, ...counts };
  });
}

function readCounts(token: string): Pick<FileChange, 'additions' | 'deletions' | 'binary'> {
  const [added, deleted] = token.split('\t');
  if (added === undefined || deleted === undefined) throw new Error(`git counted no lines: ${token}`);
  const binary = added === '-';
  return { additions: binary ? 0 : Number(added), deletions: binary ? 0 : Number(deleted), binary };
}
