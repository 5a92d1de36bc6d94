/** A run as it was told, live: stays at the end while one reads there, stays put while one reads above. */
import { ArrowDown } from 'lucide-react';
import { type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { Virtuoso, type VirtuosoHandle } from 'react-virtuoso';
import type { AgentThread } from '#contract/runs.ts';
import type { Speech } from '#state/model.ts';
import type { Row } from '#state/transcript.ts';
import { Button } from '#ui/button.tsx';
import { useKeys } from '#ui/keys.tsx';
import { Markdown } from '#ui/markdown.tsx';
import { keepPlace, type Place } from './keep-place.ts';
import { SpeechRow } from './speech-row.tsx';
import { type Threads, ThreadsContext } from './threads-context.ts';
import s from './transcript.module.css';
import { TranscriptRow } from './transcript-row.tsx';

interface TranscriptProps {
  rows: readonly Row[];
  /** Of the run's subagents, with how they stand. */
  threads: Pick<Threads, 'run' | 'agents' | 'transcripts'>;
  speech: Speech | undefined;
  /** The run has not ended. */
  going: boolean;
  /** Goes on from a turn, in this run or in another one. */
  onTurn(turn: number): void;
  /** What the run was for, if it was for a report: Markdown, read before how it came about. */
  report: string | null;
  /** Open this tool call and begin there. */
  at?: string | null;
}

export function Transcript({ rows, threads, speech, going, report, onTurn, at = null }: TranscriptProps) {
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<VirtuosoHandle>(null);
  const { place, away } = usePlace(box, going);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const current = useRef(-1);
  const shared = useMemo(() => ({ ...threads, open, RowView: TranscriptRow }), [threads, open]);

  const toEnd = () => place.current?.toEnd();
  const toggle = (call: string) => {
    // Who opens something reads it where it is.
    place.current?.stay();
    setOpen((before) => {
      const after = new Set(before);
      if (!after.delete(call)) after.add(call);
      return after;
    });
  };
  const toFailure = (step: 1 | -1) => {
    const failures = rows.flatMap((row, index) => (isFailure(row, threads.agents) ? [index] : []));
    const found =
      step === 1
        ? failures.find((index) => index > current.current)
        : failures.findLast((index) => index < current.current);
    if (found === undefined) return;
    current.current = found;
    place.current?.toRow(found);
    list.current?.scrollToIndex({ index: found, align: 'center' });
  };
  const toCall = (call: string) => {
    const index = rows.findIndex((row) => row.kind === 'tool' && row.call === call);
    if (index < 0) return;
    setOpen((before) => new Set([...before, call]));
    place.current?.toRow(index);
    list.current?.scrollToIndex({ index, align: 'center' });
  };
  useWanted(at, rows, toCall);
  useKeys({
    f: { what: 'Follow the end', do: toEnd },
    n: { what: 'Next failure', do: () => toFailure(1) },
    'Shift+N': { what: 'Previous failure', do: () => toFailure(-1) },
  });

  return (
    <ThreadsContext value={shared}>
      <div className={s.box} ref={box}>
        <Virtuoso
          ref={list}
          className={s.list}
          data={rows as Row[]}
          computeItemKey={(_, row) => row.seq}
          increaseViewportBy={400}
          // Its own corrections come in the same frame as ours, which have the last word.
          skipAnimationFrameInResizeObserver
          itemContent={(_, row) => (
            <div className={s.item}>
              <TranscriptRow
                row={row}
                open={row.kind === 'tool' && open.has(row.call)}
                onToggle={toggle}
                onCall={toCall}
                onTurn={onTurn}
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
    </ThreadsContext>
  );
}

/** Once, as soon as the row is there: afterwards the reader is free. */
function useWanted(wanted: string | null, rows: readonly Row[], toCall: (call: string) => void) {
  const shown = useRef<string>(null);
  useEffect(() => {
    if (wanted === null || shown.current === wanted) return;
    if (!rows.some((row) => row.kind === 'tool' && row.call === wanted)) return;
    shown.current = wanted;
    toCall(wanted);
  });
}

type Context = Omit<TranscriptProps, 'rows' | 'threads' | 'at' | 'onTurn'>;

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

const isFailure = (row: Row, agents: readonly AgentThread[]) =>
  (row.kind === 'thread' && agents.some(({ id, state }) => id === row.agent && state === 'failed')) ||
  (row.kind === 'guard' && row.event.type === 'run.tainted') ||
  (row.kind === 'guard' && row.event.type === 'permission.decided' && row.event.decision === 'deny') ||
  (row.kind === 'net' && row.event.decision === 'deny') ||
  (row.kind === 'tool' && row.result !== null && !row.result.ok) ||
  (row.kind === 'note' &&
    (row.event.type === 'model.retrying' || (row.event.type === 'run.ended' && row.event.outcome === 'failed'))) ||
  (row.kind === 'checks' && row.round.results.some((check) => !check.passed));

/** Of the two who could keep the end in view, the list would decide it from positions alone, late on a slow machine: it never follows. */
function usePlace(box: RefObject<HTMLElement | null>, going: boolean) {
  const place = useRef<Place>(null);
  const live = useRef(going);
  const [away, setAway] = useState(!going);
  useEffect(() => {
    live.current = going;
  }, [going]);
  useEffect(() => {
    const scroller = box.current?.querySelector<HTMLElement>('[data-virtuoso-scroller]');
    if (!scroller) return;
    const kept = keepPlace(scroller, {
      atEnd: live.current,
      mayFollow: () => live.current,
      told: (following) => setAway(!following),
    });
    place.current = kept;
    return kept.stop;
  }, [box]);
  return { place, away };
}
