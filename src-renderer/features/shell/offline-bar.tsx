/** Says that what is shown is no longer fresh, from when it is, and when the next attempt comes. */
import { CloudOff } from 'lucide-react';
import { useHost, useSelect } from '#state/use.ts';
import { useNow } from '#ui/now.ts';
import { clock } from '#ui/words.ts';
import s from './offline-bar.module.css';

export function OfflineBar() {
  const { link } = useHost();
  const phase = useSelect((state) => state.phase);
  const liveAt = useSelect((state) => state.liveAt);
  const now = useNow(1000);
  if (phase.is !== 'offline') return null;
  const seconds = Math.max(0, Math.ceil((phase.retryAt - now) / 1000));
  return (
    <div className={s.bar} role="status">
      <CloudOff size={15} aria-hidden />
      <span>
        Not connected.{liveAt !== null && ` Showing ${clock(liveAt)}.`}{' '}
        {seconds > 0 ? `Retrying in ${seconds} s.` : 'Retrying now.'}
        {phase.attempts > 3 && (
          <>
            {' '}
            If this goes on, run <code>nightshift open</code> for a fresh link.
          </>
        )}
      </span>
      <button type="button" onClick={() => link.retryNow()} className={s.retry}>
        Retry now
      </button>
    </div>
  );
}
