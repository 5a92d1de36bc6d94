/** The change itself: files as a list on the left, hunks on the right, comments under the lines they are about. */
import { ChevronDown, ChevronUp, Columns2, MessageSquarePlus, Rows2 } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { Virtuoso, type VirtuosoHandle } from 'react-virtuoso';
import type { Proposal } from '#contract/proposals.ts';
import { Button } from '#ui/button.tsx';
import { FaultNote } from '#ui/fault-note.tsx';
import { useKeys } from '#ui/keys.tsx';
import type { Comments } from './comments.ts';
import s from './diff-pane.module.css';
import { DiffRowView } from './diff-row.tsx';
import { type DiffRow, diffRows, firstLine } from './diff-rows.ts';
import { FileTree } from './file-tree.tsx';
import { inReviewOrder } from './files-that-run.ts';
import { useDiffView } from './use-diff-view.ts';

interface DiffPaneProps {
  proposal: Proposal;
  patch: string;
  comments: Comments;
}

export function DiffPane({ proposal, patch, comments }: DiffPaneProps) {
  const rows = useMemo(() => read(patch, proposal), [patch, proposal]);
  const pane = useRef<HTMLDivElement>(null);
  const list = useRef<VirtuosoHandle>(null);
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const [current, setCurrent] = useState(0);
  const [view, toggleView] = useDiffView(pane);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const open = proposal.state === 'open';

  /** The row that takes the focus once it is drawn. */
  const awaited = useRef<string | null>(null);

  const goTo = (index: number) => {
    const row = rows?.[index];
    if (!row) return;
    awaited.current = row.key;
    setCurrent(index);
    list.current?.scrollToIndex({ index, align: 'start', offset: -8 });
  };
  /** Back from the words to the lines they are about. */
  const back = () => {
    awaited.current = rows?.[current]?.key ?? null;
  };
  const step = (kind: DiffRow['kind'], by: 1 | -1) => {
    const places = (rows ?? []).flatMap((row, index) => (row.kind === kind ? [index] : []));
    const found = by === 1 ? places.find((index) => index > current) : places.findLast((index) => index < current);
    if (found !== undefined) goTo(found);
  };
  const commentHere = () => {
    // Before any step it is about the first.
    const index = rows?.[current]?.kind === 'hunk' ? current : (rows?.findIndex(({ kind }) => kind === 'hunk') ?? -1);
    const row = rows?.[index] ?? rows?.[current];
    if (!row) return;
    if (index >= 0) setCurrent(index);
    const line = row.kind === 'hunk' ? firstLine(row.hunk) : null;
    comments.compose(line === null ? { path: row.change.path } : { path: row.change.path, line });
  };
  const writing: Comments = {
    ...comments,
    add(text) {
      back();
      comments.add(text);
    },
    cancel() {
      back();
      comments.cancel();
    },
  };
  useKeys({
    j: { what: 'Next hunk', do: () => step('hunk', 1) },
    k: { what: 'Previous hunk', do: () => step('hunk', -1) },
    'Shift+J': { what: 'Next file', do: () => step('file', 1) },
    'Shift+K': { what: 'Previous file', do: () => step('file', -1) },
    u: { what: 'Unified or split', do: toggleView },
    ...(open && { c: { what: 'Comment on this hunk', do: commentHere } }),
  });
  const unfold = useCallback((key: string) => setUnfolded((before) => new Set([...before, key])), []);

  if (!rows)
    return (
      <FaultNote
        fault={{
          code: 'internal',
          message: 'This diff cannot be read.',
          cure: `Read it with: git diff ${proposal.base.slice(0, 12)} ${proposal.head.slice(0, 12)}`,
        }}
      />
    );
  return (
    <div className={s.pane} ref={pane}>
      <aside className={s.tree}>
        <FileTree
          files={proposal.files}
          current={rows[current]?.change.path}
          onOpen={(path) => goTo(rows.findIndex((row) => row.change.path === path))}
        />
      </aside>
      <section className={s.diff} aria-label="Changes" ref={(element) => setScroller(element?.closest('main') ?? null)}>
        <div className={s.tools}>
          <Button look="ghost" icon={ChevronUp} hotkey="k" bare onClick={() => step('hunk', -1)}>
            Previous hunk
          </Button>
          <Button look="ghost" icon={ChevronDown} hotkey="j" bare onClick={() => step('hunk', 1)}>
            Next hunk
          </Button>
          {open && (
            <Button look="ghost" icon={MessageSquarePlus} hotkey="c" onClick={commentHere}>
              Comment on this hunk
            </Button>
          )}
          <Button look="ghost" icon={view === 'split' ? Rows2 : Columns2} hotkey="u" onClick={toggleView}>
            {view === 'split' ? 'Unified' : 'Split'}
          </Button>
        </div>
        {scroller && (
          <Virtuoso
            ref={list}
            customScrollParent={scroller}
            data={rows}
            initialItemCount={Math.min(rows.length, 4)}
            increaseViewportBy={600}
            computeItemKey={(_, row) => row.key}
            itemContent={(index, row) => (
              <DiffRowView
                row={row}
                view={view}
                current={index === current && index > 0}
                comments={writing}
                awaited={awaited}
                onHere={() => setCurrent(index)}
                sent={proposal.comments}
                open={open}
                folded={row.kind === 'hunk' && row.folded && !unfolded.has(row.key)}
                onUnfold={unfold}
              />
            )}
          />
        )}
      </section>
    </div>
  );
}

function read(patch: string, proposal: Proposal): DiffRow[] | null {
  try {
    return diffRows(patch, inReviewOrder(proposal.files));
  } catch {
    return null;
  }
}
