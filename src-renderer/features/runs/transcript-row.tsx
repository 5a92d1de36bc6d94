/** One row of a transcript, by what it is. */
import { Brain, MessageSquare } from 'lucide-react';
import { memo } from 'react';
import { rehearsalEnd } from '#state/report.ts';
import { cx } from '#ui/cx.ts';
import { Markdown } from '#ui/markdown.tsx';
import { clockSeconds } from '#ui/words.ts';
import { CheckStrip } from './check-strip.tsx';
import { GuardRow } from './guard-row.tsx';
import { NoteRow } from './note-row.tsx';
import { ThreadRow } from './thread-row.tsx';
import type { RowViewProps } from './threads-context.ts';
import { ToolCall } from './tool-call.tsx';
import s from './transcript-row.module.css';

const senders = { routine: 'What it was told', person: 'You', nightshift: 'Nightshift', agent: 'What it was told' };

export const TranscriptRow = memo(function TranscriptRow(props: RowViewProps) {
  if (!props.row.left) return <OneRow {...props} />;
  return (
    <div className={s.left}>
      <span className="sr-only">Left behind: </span>
      <OneRow {...props} />
    </div>
  );
});

function OneRow({ row, open, onToggle, onCall, onTurn, report }: RowViewProps) {
  switch (row.kind) {
    case 'note':
      return <NoteRow event={row.event} at={row.at} report={report !== null} aims={row.aims} />;
    case 'guard':
    case 'net':
      return <GuardRow row={row} at={row.at} onCall={onCall} />;
    case 'message':
      return (
        <details className={s.message} open={row.from !== 'routine' && row.from !== 'agent'}>
          <summary>
            <MessageSquare size={14} aria-hidden />
            <strong>{senders[row.from]}</strong>
            {!row.told && <span className={s.untold}>not told yet</span>}
            <span className={s.preview}>{row.text}</span>
          </summary>
          <p className={s.told}>{row.text}</p>
        </details>
      );
    case 'thinking':
      return (
        <div className={cx(s.said, row.first && s.first)}>
          <Gutter turn={row.first ? row.turn : null} at={row.at} onTurn={onTurn} />
          <div className={s.thinking}>
            <Brain size={14} aria-hidden />
            <p>
              <span className="sr-only">Thinking: </span>
              {row.text}
            </p>
          </div>
        </div>
      );
    case 'text':
      return (
        <div className={cx(s.said, row.first && s.first)}>
          <Gutter turn={row.first ? row.turn : null} at={row.at} onTurn={onTurn} />
          <Said text={row.text} report={report} />
        </div>
      );
    case 'tool':
      return <ToolCall row={row} at={row.at} open={open} onToggle={onToggle} />;
    case 'thread':
      return <ThreadRow row={row} at={row.at} onToggle={onToggle} />;
    case 'checks':
      return (
        <div className={s.checks}>
          <CheckStrip
            before={row.phase === 'before' ? row.round : row.other}
            after={row.phase === 'after' ? row.round : null}
          />
        </div>
      );
  }
}

/** A report is not printed twice. */
function Said({ text, report }: { text: string; report: string | null }) {
  if (report?.trim() && text.trim().startsWith(report.trim())) return <p className={s.above}>The report, as above.</p>;
  return <Markdown text={rehearsalEnd(text) ?? text} />;
}

interface GutterProps extends Pick<RowViewProps, 'onTurn'> {
  turn: number | null;
  at: string;
}

function Gutter({ turn, at, onTurn }: GutterProps) {
  if (turn === null) return <div className={s.gutter} />;
  if (!onTurn)
    return (
      <div className={s.gutter} title={clockSeconds(at)}>
        Turn {turn}
      </div>
    );
  return (
    <div className={s.gutter}>
      <button
        type="button"
        className={s.turn}
        title={`${clockSeconds(at)}. Go on from here`}
        onClick={() => onTurn(turn)}
      >
        Turn {turn}
      </button>
    </div>
  );
}
