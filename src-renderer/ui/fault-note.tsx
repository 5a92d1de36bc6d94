/** A failure in place: what, why, and the one next step. */
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import s from './fault-note.module.css';
import { type Failure, nextStep } from './next-step.ts';
import { NextStepLine } from './next-step-line.tsx';
import { Prose } from './prose.tsx';
import { sentence } from './words.ts';

export function FaultNote({ fault, title, children }: { fault: Failure; title?: string; children?: ReactNode }) {
  const step = nextStep(fault);
  return (
    <div role="alert" className={s.note}>
      <CircleAlert size={16} aria-hidden className={s.icon} />
      <div className={s.words}>
        {title && <strong>{title}</strong>}
        <p>
          <Prose text={sentence(fault.message)} />
        </p>
        {step && <NextStepLine step={step} />}
        {children && <div className={s.more}>{children}</div>}
      </div>
    </div>
  );
}
