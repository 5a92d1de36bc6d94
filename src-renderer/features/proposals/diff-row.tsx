/** One row of the change: a file's head, a hunk with its comments, or why there is nothing to see. */
import { MessageSquarePlus } from 'lucide-react';
import { type ReactNode, useCallback, useMemo } from 'react';
import { type ChangeData, getChangeKey, type ViewType } from 'react-diff-view';
import type { Comment } from '#contract/proposals.ts';
import { Button } from '#ui/button.tsx';
import { cx } from '#ui/cx.ts';
import { Hunk, newLine } from '#ui/hunk.tsx';
import { count } from '#ui/words.ts';
import { type Comments, samePlace } from './comments.ts';
import { Compose, DraftNote } from './compose.tsx';
import s from './diff-row.module.css';
import type { DiffRow } from './diff-rows.ts';

interface DiffRowProps {
  row: DiffRow;
  view: ViewType;
  current: boolean;
  comments: Comments;
  /** Sent with an earlier revision. */
  sent: readonly Comment[];
  open: boolean;
  folded: boolean;
  onUnfold(key: string): void;
}

export function DiffRowView({ row, view, current, comments, sent, open, folded, onUnfold }: DiffRowProps) {
  if (row.kind === 'file') return <FileHead row={row} comments={comments} open={open} />;
  if (row.kind === 'nothing') return <p className={s.nothing}>{row.why}</p>;
  if (folded)
    return (
      <div className={s.nothing}>
        <Button look="ghost" onClick={() => onUnfold(row.key)}>
          Show {count(row.hunk.changes.length)} lines
        </Button>
      </div>
    );
  return <HunkRow row={row} view={view} current={current} comments={comments} sent={sent} open={open} />;
}

function FileHead({
  row,
  comments,
  open,
}: {
  row: Extract<DiffRow, { kind: 'file' }>;
  comments: Comments;
  open: boolean;
}) {
  const { change } = row;
  const here = { path: change.path };
  return (
    <div className={s.head}>
      <h3 className={s.path}>
        {change.from && <span className={s.from}>{change.from} → </span>}
        {change.path}
      </h3>
      <span className={s.status}>{change.status}</span>
      {open && (
        <Button look="ghost" icon={MessageSquarePlus} bare onClick={() => comments.compose(here)}>
          Comment on {change.path}
        </Button>
      )}
      {comments.composing && samePlace(comments.composing, here) && (
        <div className={s.below}>
          <Compose label={`About ${change.path}`} onAdd={comments.add} onCancel={comments.cancel} />
        </div>
      )}
    </div>
  );
}

type HunkRowProps = Omit<DiffRowProps, 'row' | 'folded' | 'onUnfold'> & { row: Extract<DiffRow, { kind: 'hunk' }> };

function HunkRow({ row, view, current, comments, sent, open }: HunkRowProps) {
  const { path } = row.change;
  const { compose } = comments;
  const widgets = useMemo(() => widgetsOf(row, comments, sent), [row, comments, sent]);
  const onLine = useCallback(
    (change: ChangeData) => {
      const line = newLine(change);
      compose(line === null ? { path } : { path, line });
    },
    [compose, path],
  );
  return (
    <div className={cx(s.hunk, current && s.current)}>
      <Hunk file={row.file} hunk={row.hunk} view={view} widgets={widgets} {...(open && { onLine })} />
    </div>
  );
}

/** What stands under the lines of one hunk: comments sent before, collected ones, and the one being written. */
function widgetsOf(
  { hunk, change: { path } }: HunkRowProps['row'],
  comments: Comments,
  sent: readonly Comment[],
): Record<string, ReactNode> {
  const widgets: Record<string, ReactNode> = {};
  for (const change of hunk.changes) {
    const line = newLine(change);
    if (line === null) continue;
    const place = { path, line };
    const earlier = sent.filter((comment) => samePlace(comment, place));
    const drafts = comments.drafts.filter((comment) => samePlace(comment, place));
    const writing = comments.composing && samePlace(comments.composing, place);
    if (earlier.length + drafts.length === 0 && !writing) continue;
    widgets[getChangeKey(change)] = (
      <div className={s.widget}>
        {[...earlier, ...drafts].map((comment, index) => (
          <DraftNote
            // biome-ignore lint/suspicious/noArrayIndexKey: two comments may say the same
            key={index}
            comment={comment}
            onDrop={index < earlier.length ? undefined : () => comments.drop(comments.drafts.indexOf(comment))}
          />
        ))}
        {writing && <Compose label={`About line ${line}`} onAdd={comments.add} onCancel={comments.cancel} />}
      </div>
    );
  }
  return widgets;
}
