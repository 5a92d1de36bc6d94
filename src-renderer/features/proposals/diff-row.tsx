/** One row of the change: a file's head, a hunk with its comments, or why there is nothing to see. */
import { MessageSquarePlus, TriangleAlert } from 'lucide-react';
import { type ReactNode, type RefObject, useCallback, useEffect, useMemo, useRef } from 'react';
import { type ChangeData, getChangeKey, type ViewType } from 'react-diff-view';
import type { Comment } from '#contract/proposals.ts';
import { Button } from '#ui/button.tsx';
import { cx } from '#ui/cx.ts';
import { Hunk, newLine } from '#ui/hunk.tsx';
import { count, sentence } from '#ui/words.ts';
import { type Comments, type Place, samePlace } from './comments.ts';
import { Compose, DraftNote } from './compose.tsx';
import s from './diff-row.module.css';
import type { DiffRow } from './diff-rows.ts';

interface DiffRowProps {
  row: DiffRow;
  view: ViewType;
  current: boolean;
  /** Key of the row that is to take the focus; taken when done. */
  awaited: RefObject<string | null>;
  /** A person went to this row by pointer or focus. */
  onHere(): void;
  comments: Comments;
  /** Sent with an earlier revision. */
  sent: readonly Comment[];
  open: boolean;
  folded: boolean;
  onUnfold(key: string): void;
}

export function DiffRowView({ row, folded, onUnfold, ...rest }: DiffRowProps) {
  if (row.kind === 'file') return <FileHead row={row} {...rest} />;
  if (row.kind === 'nothing') return <p className={s.nothing}>{row.why}</p>;
  if (folded)
    return (
      <div className={s.nothing}>
        <Button look="ghost" onClick={() => onUnfold(row.key)}>
          Show {count(row.hunk.changes.length)} lines
        </Button>
      </div>
    );
  return <HunkRow row={row} {...rest} />;
}

type RowProps<Kind extends DiffRow['kind']> = Omit<DiffRowProps, 'row' | 'folded' | 'onUnfold'> & {
  row: Extract<DiffRow, { kind: Kind }>;
};

function FileHead({ row, comments, sent, open, awaited }: RowProps<'file'>) {
  const { change, heading } = row;
  const here = { path: change.path };
  const box = useAwaited(row.key, awaited);
  return (
    <>
      {heading && <h2 className={s.group}>{heading}</h2>}
      <div className={s.head} ref={box} tabIndex={-1}>
        <h3 className={s.path}>
          {change.from && <span className={s.from}>{change.from} → </span>}
          {change.path}
        </h3>
        <span className={s.status}>{change.status}</span>
        {change.runsHere && <Runs why={change.runsHere} />}
        {open && (
          <Button look="ghost" icon={MessageSquarePlus} bare onClick={() => comments.compose(here)}>
            Comment on {change.path}
          </Button>
        )}
        <Notes place={here} label={`About ${change.path}`} comments={comments} sent={sent} className={s.below} />
      </div>
    </>
  );
}

/** Why this file is more than something to read. */
const Runs = ({ why }: { why: string }) => (
  <span className={s.runs}>
    <TriangleAlert size={14} aria-hidden /> {sentence(why)}
  </span>
);

function HunkRow({ row, view, current, comments, sent, open, awaited, onHere }: RowProps<'hunk'>) {
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
  const box = useAwaited(row.key, awaited);
  return (
    <div
      ref={box}
      className={cx(s.hunk, current && s.current)}
      tabIndex={-1}
      aria-current={current ? 'true' : undefined}
      onPointerDown={onHere}
    >
      <Hunk file={row.file} hunk={row.hunk} view={view} widgets={widgets} {...(open && { onLine })} />
    </div>
  );
}

/** Takes the focus, and shows what was just written, when this is the row that was asked for. */
function useAwaited(key: string, awaited: RefObject<string | null>): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (awaited.current !== key || !box.current) return;
    awaited.current = null;
    box.current.focus({ preventScroll: true });
    const notes = box.current.querySelectorAll('[data-draft]');
    notes.item(notes.length - 1)?.scrollIntoView({ block: 'nearest' });
  });
  return box;
}

/** What stands under the lines of one hunk: comments sent before, collected ones, and the one being written. */
function widgetsOf(
  { hunk, change: { path } }: RowProps<'hunk'>['row'],
  comments: Comments,
  sent: readonly Comment[],
): Record<string, ReactNode> {
  const widgets: Record<string, ReactNode> = {};
  for (const change of hunk.changes) {
    const line = newLine(change);
    if (line === null) continue;
    const place = { path, line };
    const here = (comment: Place) => samePlace(comment, place);
    if (![...sent, ...comments.drafts].some(here) && !(comments.composing && here(comments.composing))) continue;
    widgets[getChangeKey(change)] = (
      <Notes place={place} label={`About line ${line}`} comments={comments} sent={sent} className={s.widget} />
    );
  }
  return widgets;
}

interface NotesProps {
  place: Place;
  label: string;
  comments: Comments;
  sent: readonly Comment[];
  className: string | undefined;
}

function Notes({ place, label, comments, sent, className }: NotesProps) {
  const earlier = sent.filter((comment) => samePlace(comment, place));
  const drafts = comments.drafts.filter((comment) => samePlace(comment, place));
  const writing = comments.composing && samePlace(comments.composing, place);
  if (earlier.length + drafts.length === 0 && !writing) return null;
  return (
    <div className={className}>
      {[...earlier, ...drafts].map((comment, index) => (
        <DraftNote
          // biome-ignore lint/suspicious/noArrayIndexKey: two comments may say the same
          key={index}
          comment={comment}
          onDrop={index < earlier.length ? undefined : () => comments.drop(comments.drafts.indexOf(comment))}
        />
      ))}
      {writing && <Compose label={label} onAdd={comments.add} onCancel={comments.cancel} />}
    </div>
  );
}
