/** One hunk of one file, unified or split, with room for comments under its lines. */
import { memo, type ReactNode } from 'react';
import { type ChangeData, Diff, Hunk as DiffHunk, type FileData, type HunkData, type ViewType } from 'react-diff-view';
import s from './hunk.module.css';

interface HunkProps {
  file: FileData;
  hunk: HunkData;
  view: ViewType;
  /** By change key. */
  widgets?: Record<string, ReactNode>;
  onLine?: (change: ChangeData) => void;
}

export const Hunk = memo(function Hunk({ file, hunk, view, widgets, onLine }: HunkProps) {
  const events = onLine && {
    onClick: ({ change }: { change: ChangeData | null }) => change && onLine(change),
  };
  const where = hunk.content.replace(/^@@[^@]*@@ ?/, '');
  return (
    <div className={s.hunk} data-commentable={onLine ? '' : undefined}>
      <div className={s.place}>
        line {hunk.newStart}
        {where && <span className={s.where}>{where}</span>}
      </div>
      <Diff
        diffType={file.type}
        viewType={view}
        hunks={[hunk]}
        widgets={widgets ?? {}}
        {...(events && { gutterEvents: events })}
        optimizeSelection
      >
        {(hunks) => hunks.map((one) => <DiffHunk key={one.content} hunk={one} />)}
      </Diff>
    </div>
  );
});

/** The line a comment is about, in the new file; null for a line that is gone. */
export function newLine(change: ChangeData): number | null {
  if (change.type === 'insert') return change.lineNumber;
  return change.type === 'normal' ? change.newLineNumber : null;
}
