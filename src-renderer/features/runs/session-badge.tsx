/** In which of its six states a session is, where what came of the run does not say it already. */
import { CircleCheckBig, MessageCircle } from 'lucide-react';
import type { Run } from '#contract/runs.ts';
import { sessionState } from '#contract/session-state.ts';
import { type Look, Mark } from '#ui/mark.tsx';
import { useNow } from '#ui/now.ts';
import s from './run-rows.module.css';

const looks: { idle: Look; completed: Look } = {
  idle: { icon: MessageCircle, word: 'Idle', tone: 'idle' },
  completed: { icon: CircleCheckBig, word: 'Completed', tone: 'completed' },
};

export function SessionBadge({ run, pill = false }: { run: Run; pill?: boolean }) {
  const state = sessionState(run, useNow());
  if (state !== 'idle' && state !== 'completed') return null;
  // In a list, what came of it says already that it is over.
  if (state === 'completed' && !pill) return null;
  // It stands beside already for how long it stands still.
  if (run.state !== 'ended' && run.held) return null;
  const why = state === 'idle' ? 'It goes on when you say something to it.' : 'It is over for good.';
  return (
    <span
      className={s.badge}
      title={run.state === 'ended' ? why : 'It rests until it is woken, or until you say something to it.'}
    >
      <Mark look={looks[state]} pill={pill} />
    </span>
  );
}
