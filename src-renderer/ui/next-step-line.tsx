/** The next step as a line to read and, where it is a place, to follow. */
import { Link } from 'wouter';
import s from './fault-note.module.css';
import type { Step } from './next-step.ts';
import { Prose } from './prose.tsx';

export function NextStepLine({ step }: { step: Step }) {
  return (
    <p className={s.cure}>
      {step.words && <Prose text={step.words} />}
      {step.href && (
        <>
          {step.words && ' '}
          <Link href={step.href} className={s.link}>
            {step.link}
          </Link>
        </>
      )}
    </p>
  );
}
