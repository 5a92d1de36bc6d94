/** Says, wherever it matters, that no AI was asked. */
import { Clapperboard } from 'lucide-react';
import { rehearsalNotice } from '#contract/host.ts';
import { cx } from './cx.ts';
import s from './rehearsal-badge.module.css';

export function RehearsalBadge({ brief = false }: { brief?: boolean }) {
  return (
    <span className={cx(s.badge, brief && s.brief)} title={rehearsalNotice}>
      <Clapperboard size={14} aria-hidden />
      <span>{brief ? 'Rehearsal' : rehearsalNotice}</span>
    </span>
  );
}
