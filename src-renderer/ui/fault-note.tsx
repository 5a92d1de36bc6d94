/** A failure in place: what, why, and the one next step. */
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { FaultData } from '#contract/faults.ts';
import s from './fault-note.module.css';
import { Prose } from './prose.tsx';

export function FaultNote({ fault, title, children }: { fault: FaultData; title?: string; children?: ReactNode }) {
  return (
    <div role="alert" className={s.note}>
      <CircleAlert size={16} aria-hidden className={s.icon} />
      <div className={s.words}>
        {title && <strong>{title}</strong>}
        <p>
          <Prose text={fault.message} />
        </p>
        {fault.cure && (
          <p className={s.cure}>
            <Prose text={fault.cure} />
          </p>
        )}
        {children && <div className={s.more}>{children}</div>}
      </div>
    </div>
  );
}
