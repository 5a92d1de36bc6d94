/** A run as it was told, live: stays at the end while one reads there, stays put while one reads above. */
import { ArrowDown } from 'lucide-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { Virtuoso, type VirtuosoHandle } from 'react-virtuoso';
import type { Speech } from '#state/model.ts';
import type { Row } from '#state/transcript.ts';
import { Button } from '#ui/button.tsx';
import { useKeys } from '#ui/keys.tsx';
import { Markdown } from '#ui/markdown.tsx';
import s from './transcript.module.css';
import { SpeechRow, TranscriptRow } from './transcript-row.tsx';

interface TranscriptProps {
  rows: readonly Row[];
  speech: Speech | undefined;
  /** The run has not ended. */
  going: boolean;
  /** What the run was for, if it was for a report: Markdown, read before how it came about. */
  report: string | null;
}

/** Milliseconds after a scroll up during which reaching the end by layout alone does not count as wanting to follow. */
const settle = 300;

export function Transcript({ rows, speech, going, report }: TranscriptProps) {
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<VirtuosoHandle>(null);
  const follow = useRef(going);
  const touched = useRef(0);
  const [away, setAway] = useState(!going);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const current = useRef(-1);

  const setFollow = (next: boolean) => {
    follow.current = next;
    setAway(!next);
  };
  const toEnd = () => {
    setFollow(true);
    list.current?.scrollToIndex({ index: 'LAST', align: 'end' });
  };
  const toggle = (call: string) =>
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(call)) after.add(call);
      return after;
    });
  const toFailure = (step: 1 | -1) => {
    const failures = rows.flatMap((row, index) => (isFailure(row) ? [index] : []));
    const found =
      step === 1
        ? failures.find((index) => index > current.current)
        : failures.findLast((index) => index < current.current);
    if (found === undefined) return;
    current.current = found;
    touched.current = performance.now();
    setFollow(false);
    list.current?.scrollToIndex({ index: found, align: 'center' });
  };
  useKeys({
    f: { what: 'Follow the end', do: toEnd },
    n: { what: 'Next failure', do: () => toFailure(1) },
    'Shift+N': { what: 'Previous failure', do: () => toFailure(-1) },
  });
  useTail(box, follow);

  return (
    <div className={s.box} ref={box}>
      <Virtuoso
        ref={list}
        className={s.list}
        data={rows as Row[]}
        // An index, even 0, would begin below a report.
        {...(going && { initialTopMostItemIndex: Math.max(0, rows.length - 1) })}
        computeItemKey={(_, row) => row.seq}
        increaseViewportBy={400}
        followOutput={() => (follow.current ? 'auto' : false)}
        atBottomThreshold={24}
        atBottomStateChange={(bottom) => {
          if (going && bottom && performance.now() - touched.current > settle) setFollow(true);
        }}
        scrollerRef={(element) =>
          watchReader(element, () => {
            touched.current = performance.now();
            setFollow(false);
          })
        }
        itemContent={(_, row) => (
          <div className={s.item}>
            <TranscriptRow
              row={row}
              open={row.kind === 'tool' && open.has(row.call)}
              onToggle={toggle}
              report={report}
            />
          </div>
        )}
        components={parts}
        context={{ speech, going, report }}
      />
      {away && going && (
        <div className={s.latest}>
          <Button icon={ArrowDown} hotkey="f" onClick={toEnd}>
            Latest
          </Button>
        </div>
      )}
    </div>
  );
}

type Context = Omit<TranscriptProps, 'rows'>;

function Header({ context }: { context?: Context }) {
  if (!context?.report) return <div className={s.top} />;
  return (
    <section className={s.report} aria-label="Report">
      <h2>Report</h2>
      <Markdown text={context.report} />
    </section>
  );
}

function Footer({ context }: { context?: Context }) {
  return <div className={s.foot}>{context?.going && <SpeechRow speech={context.speech} />}</div>;
}

/** One object for all renders: another one would make the list build its parts anew. */
const parts = { Header, Footer };

const isFailure = (row: Row) =>
  (row.kind === 'guard' && row.event.type === 'permission.decided' && row.event.decision === 'deny') ||
  (row.kind === 'net' && row.event.decision === 'deny') ||
  (row.kind === 'tool' && row.result !== null && !row.result.ok) ||
  (row.kind === 'note' &&
    (row.event.type === 'model.retrying' || (row.event.type === 'run.ended' && row.event.outcome === 'failed'))) ||
  (row.kind === 'checks' && row.round.results.some((check) => !check.passed));

/** Keeps the end in view whenever what is drawn has grown: by a row, a late measurement or a word being said. */
function useTail(box: RefObject<HTMLElement | null>, follow: RefObject<boolean>): void {
  useEffect(() => {
    const scroller = box.current?.querySelector<HTMLElement>('[data-virtuoso-scroller]');
    const parts = scroller?.querySelectorAll('[data-viewport-type] > *') ?? [];
    const observer = new ResizeObserver(() => {
      if (scroller && follow.current) scroller.scrollTop = scroller.scrollHeight;
    });
    // Rows that are not drawn are padding of the list.
    for (const part of parts) observer.observe(part, { box: 'border-box' });
    return () => observer.disconnect();
  }, [box, follow]);
}

const readers = new WeakSet<HTMLElement | Window>();
/** A reader goes up by wheel or key; the position alone does not tell it from growth. */
function watchReader(element: HTMLElement | Window | null, up: () => void): void {
  if (!element || readers.has(element)) return;
  readers.add(element);
  element.addEventListener('wheel', (event) => (event as WheelEvent).deltaY < 0 && up(), { passive: true });
  element.addEventListener('touchmove', up, { passive: true });
  element.addEventListener(
    'keydown',
    (event) => ['ArrowUp', 'PageUp', 'Home'].includes((event as KeyboardEvent).key) && up(),
  );
}
