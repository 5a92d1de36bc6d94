/** What the rules said of a call where that was no plain yes, what a person said, and what was tried over the network. */
import {
  CircleHelp,
  CircleX,
  Globe,
  GlobeLock,
  Hand,
  Hourglass,
  type LucideIcon,
  ShieldAlert,
  ShieldCheck,
  ShieldX,
} from 'lucide-react';
import { Link } from 'wouter';
import type { QuestionState } from '#contract/questions.ts';
import { visible } from '#contract/visible.ts';
import { titleOf } from '#features/questions/question-words.ts';
import type { GuardRow as Row } from '#state/transcript.ts';
import { ExactText } from '#ui/exact.tsx';
import type { Tone } from '#ui/mark.tsx';
import { clockSeconds, count, sentence } from '#ui/words.ts';
import s from './note-row.module.css';

interface Words {
  icon: LucideIcon;
  words: string;
  tone?: Tone;
  code?: string | null;
  /** As it is written, in a script for machines. */
  exact?: string | null;
  more?: string | null;
}

interface GuardRowProps {
  row: Row;
  at: string;
  /** Shows a call where it stands. */
  onCall(call: string): void;
}

export function GuardRow({ row, at, onCall }: GuardRowProps) {
  const { icon: Icon, words, tone, code, exact, more } = wordsOf(row);
  return (
    <div className={s.note} data-tone={tone}>
      <time dateTime={at}>{clockSeconds(at)}</time>
      <Icon size={15} aria-hidden />
      <div className={s.words}>
        <span className={s.what}>{words}</span>
        {code && <code>{visible(code)}</code>}
        {exact && <code>{visible(exact)}</code>}
        {more && <span className={s.more}>{visible(more)}</span>}
        {row.kind === 'guard' && row.event.type === 'run.tainted' && <Taint event={row.event} onCall={onCall} />}
      </div>
    </div>
  );
}

type Tainted = Extract<Extract<Row, { kind: 'guard' }>['event'], { type: 'run.tainted' }>;

function Taint({ event, onCall }: { event: Tainted; onCall(call: string): void }) {
  return (
    <>
      <span>
        {sentence(visible(event.sign))}{' '}
        {event.unprobed !== undefined && `It could not be probed: ${visible(event.unprobed)}. `}Whatever reaches outside
        is asked from here on.{' '}
        {event.inherited ? (
          <>
            {visible(event.inherited.source)} brought it in{' '}
            <Link href={`/runs/${event.inherited.run}`} className={s.link}>
              the run that this one goes on from
            </Link>
            .
          </>
        ) : (
          <button type="button" className={s.link} onClick={() => onCall(event.call)}>
            Show the call that brought it
          </button>
        )}
      </span>
      <blockquote className={s.excerpt} aria-label="What it said">
        <ExactText text={event.excerpt} />
      </blockquote>
    </>
  );
}

const answers: Record<Exclude<QuestionState, 'open'>, Words> = {
  approved: { icon: ShieldCheck, words: 'You approved it', tone: 'completed' },
  denied: { icon: CircleX, words: 'You denied it', tone: 'failed' },
  expired: { icon: Hourglass, words: 'Nobody answered in time: denied', tone: 'failed' },
  withdrawn: { icon: CircleX, words: 'The question was withdrawn' },
};

function wordsOf(row: Row): Words {
  if (row.kind === 'net') return networkWords(row);
  const { event } = row;
  switch (event.type) {
    case 'permission.decided': {
      const { tool, decision, code, rule, source, segment } = event;
      const looks = {
        deny: { icon: ShieldX, words: `${tool} was denied`, tone: 'failed' as const },
        ask: { icon: CircleHelp, words: `${tool} has to be asked`, tone: 'waiting' as const },
        allow: { icon: ShieldAlert, words: `${tool} was allowed`, tone: 'idle' as const },
      };
      const place = source?.replace(/^command line: /, '');
      const where = [rule && `rule ${rule}`, place && `from ${place}`, segment && `for ${segment}`];
      return { ...looks[decision], code, more: where.filter(Boolean).join(' ') };
    }
    case 'question.asked': {
      const { action } = event.question;
      const exact = action.kind === 'tool_call' ? action.command : null;
      return { icon: Hand, words: `Asks you: ${titleOf(action)}`, tone: 'waiting', exact };
    }
    case 'question.answered': {
      const by = event.by === 'deadline' || event.by === 'nightshift' ? null : `in the ${event.by}`;
      const note = event.note ? sentence(`“${event.note}”`) : null;
      return { ...answers[event.state], more: [by, note].filter(Boolean).join(', ') };
    }
    case 'run.tainted':
      return {
        icon: ShieldAlert,
        words: `Tainted: a result ${event.unprobed === undefined ? 'speaks to the agent' : 'could not be probed'}`,
        tone: 'failed',
      };
    case 'question.used':
      return { icon: ShieldCheck, words: 'The approval was used; it is good for once' };
  }
}

function networkWords({ event, times, bytesOut, bytesIn }: Extract<Row, { kind: 'net' }>): Words {
  const { host, port, method, decision, code } = event;
  const often = times > 1 ? `${count(times)} times, ` : '';
  const place = `${visible(host)}:${port}`;
  if (decision === 'deny')
    return { icon: GlobeLock, words: `${place} was refused`, tone: 'failed', code, more: `${often}${method}` };
  return {
    icon: Globe,
    words: `Reached ${place}`,
    code,
    more: `${often}${method}, ${bytes(bytesOut)} sent, ${bytes(bytesIn)} received`,
  };
}

/** `812 B`, `4.2 kB`, `1.3 MB`. */
function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  return size < 1e6 ? `${(size / 1000).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}
