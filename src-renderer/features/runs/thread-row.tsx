/** A subagent in the conversation that started it: one line of who it is and how it stands, that opens to its own conversation. */
import {
  Bot,
  ChevronRight,
  CircleCheck,
  CircleX,
  Hourglass,
  Loader,
  type LucideIcon,
  OctagonPause,
} from 'lucide-react';
import { useContext, useId } from 'react';
import type { AgentThread } from '#contract/runs.ts';
import { voiceOf } from '#state/model.ts';
import type { ThreadRow as Row } from '#state/transcript.ts';
import { useSelect } from '#state/use.ts';
import { cx } from '#ui/cx.ts';
import { clockSeconds, money, plural } from '#ui/words.ts';
import { SpeechRow } from './speech-row.tsx';
import s from './thread-row.module.css';
import { ThreadsContext } from './threads-context.ts';
import call from './tool-call.module.css';

interface ThreadRowProps {
  row: Row;
  at: string;
  onToggle(key: string): void;
}

const looks: Record<AgentThread['state'], { icon: LucideIcon; word: string }> = {
  working: { icon: Loader, word: 'working' },
  waiting: { icon: Hourglass, word: 'waits for you' },
  finished: { icon: CircleCheck, word: 'finished' },
  limit: { icon: OctagonPause, word: 'stopped by a limit' },
  failed: { icon: CircleX, word: 'failed' },
  stopped: { icon: OctagonPause, word: 'stopped' },
};

export function ThreadRow({ row, at, onToggle }: ThreadRowProps) {
  const { run, agents, transcripts, open, RowView } = useContext(ThreadsContext);
  const speech = useSelect((state) => state.speech[voiceOf(run, row.agent)]);
  const inside = useId();
  const thread = agents.find(({ id }) => id === row.agent);
  const transcript = transcripts.get(row.agent);
  if (!thread) return null;
  const { icon: Icon, word } = looks[thread.state];
  const isOpen = open.has(row.agent);
  const toggle = (key: string) => onToggle(agents.some(({ id }) => id === key) ? key : keyOf(row.agent, key));
  return (
    <section
      className={cx(call.call, s.thread, (thread.state === 'failed' || thread.state === 'limit') && call.failed)}
      aria-label={`Subagent ${thread.id}: ${thread.description}`}
    >
      <button
        type="button"
        className={cx(call.line, s.line)}
        aria-expanded={isOpen}
        aria-controls={isOpen ? inside : undefined}
        onClick={() => onToggle(row.agent)}
        title={clockSeconds(at)}
      >
        <ChevronRight size={14} aria-hidden className={call.chevron} />
        <Bot size={15} aria-hidden />
        <strong>{thread.name}</strong>
        <span className={call.target}>{thread.description}</span>
        {speech && !isOpen && <span className={s.speaking}>{lastOf(speech.text || speech.thinking)}</span>}
        <span className={call.result}>
          <Icon size={13} aria-hidden className={thread.state === 'working' ? call.turning : undefined} />
          {speech ? 'speaks' : word}
          {thread.background && ', in the background'}
          <span className={s.cost}>
            {plural(thread.turns, 'turn')} · {money(thread.costMicros)}
          </span>
        </span>
      </button>
      {isOpen && (
        <div className={s.inside} id={inside}>
          <p className={s.facts}>
            {thread.id}, {thread.model}, {plural(thread.toolCalls, 'tool call')}
            {thread.branch && (
              <>
                , in a worktree of its own: <code>{thread.branch}</code>
              </>
            )}
          </p>
          {(transcript?.rows ?? []).map((each) => (
            <RowView
              key={each.seq}
              row={each}
              open={each.kind === 'tool' && open.has(keyOf(row.agent, each.call))}
              onToggle={toggle}
              onCall={(id) => onToggle(keyOf(row.agent, id))}
              report={null}
            />
          ))}
          <SpeechRow speech={speech} />
        </div>
      )}
    </section>
  );
}

/** Characters of what is being said that a closed line shows. */
const shownOf = 80;

const lastOf = (text: string) => text.slice(-shownOf).replace(/\s+/g, ' ').trimStart().toWellFormed();

/** Calls of different conversations may have one id. */
function keyOf(agent: string, id: string): string {
  return id.includes('/') ? id : `${agent}/${id}`;
}
