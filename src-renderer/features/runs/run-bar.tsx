/** One line about a run that opens: a title with what is to be known at a glance, and below it the rest. */
import { ChevronRight, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { plural } from '#ui/words.ts';
import s from './run-bar.module.css';

interface RunBarProps {
  icon: LucideIcon;
  title: string;
  /** `span`s beside the title. */
  glance: ReactNode;
  /** What does not count, one entry each; shown first when it is open. */
  problems?: readonly ReactNode[];
  open?: boolean | undefined;
  children: ReactNode;
}

export function RunBar({ icon: Icon, title, glance, problems = [], open, children }: RunBarProps) {
  return (
    <details className={s.bar} open={open}>
      <summary className={s.line}>
        <span className={s.name}>
          <ChevronRight size={14} aria-hidden className={s.chevron} />
          <Icon size={15} aria-hidden />
          <h2>{title}</h2>
        </span>
        {glance}
        {problems.length > 0 && (
          <span className={s.problem}>
            <TriangleAlert size={13} aria-hidden /> {plural(problems.length, 'problem')}
          </span>
        )}
      </summary>
      <div className={s.more}>
        {problems.length > 0 && (
          <ul className={s.problems} aria-label="What does not count">
            {problems.map((problem, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they are told once and never change places
              <li key={index}>{problem}</li>
            ))}
          </ul>
        )}
        {children}
      </div>
    </details>
  );
}
