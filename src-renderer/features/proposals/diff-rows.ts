/** A patch as rows for a virtual list: a head for each file, then its hunks. */
import { type FileData, type HunkData, parseDiff } from 'react-diff-view';
import type { FileChange } from '#contract/proposals.ts';
import { others, wouldRun } from './files-that-run.ts';

export type DiffRow =
  | {
      kind: 'file';
      key: string;
      change: FileChange;
      /** Set for the first file of a group, where there are two. */
      heading: string | null;
    }
  | { kind: 'hunk'; key: string; change: FileChange; file: FileData; hunk: HunkData; folded: boolean }
  | { kind: 'nothing'; key: string; change: FileChange; why: string };

/** Hunks longer than this start folded: nobody reads a lock file. Lines. */
const foldFrom = 800;

/** Rows in the order of `changes`, those that would run first; a file the patch does not show still has its head and the reason. */
export function diffRows(patch: string, changes: readonly FileChange[]): DiffRow[] {
  const files = new Map(parseDiff(patch).map((file) => [file.type === 'delete' ? file.oldPath : file.newPath, file]));
  const firstOther = changes.find(({ runsHere }) => !runsHere);
  const headingOf = (change: FileChange) => {
    if (!changes[0]?.runsHere) return null;
    if (change === changes[0]) return wouldRun;
    return change === firstOther ? others : null;
  };
  return changes.flatMap((change): DiffRow[] => {
    const file = files.get(change.path);
    const head: DiffRow = { kind: 'file', key: change.path, change, heading: headingOf(change) };
    if (!file || file.hunks.length === 0)
      return [head, { kind: 'nothing', key: `${change.path} ·`, change, why: why(change) }];
    return [
      head,
      ...file.hunks.map(
        (hunk): DiffRow => ({
          kind: 'hunk',
          key: `${change.path} ${hunk.content}`,
          change,
          file,
          hunk,
          folded: hunk.changes.length > foldFrom,
        }),
      ),
    ];
  });
}

function why(change: FileChange): string {
  if (change.binary) return 'A binary file; its content is not shown.';
  return change.status === 'renamed' ? `Renamed from ${change.from}, content unchanged.` : 'No lines were changed.';
}

/** The line a comment on a whole hunk is put at: the first that is new, else the first that stayed; null when all went. */
export function firstLine({ changes }: HunkData): number | null {
  const added = changes.find((change) => change.type === 'insert');
  if (added?.type === 'insert') return added.lineNumber;
  const kept = changes.find((change) => change.type === 'normal');
  return kept?.type === 'normal' ? kept.newLineNumber : null;
}
