/** The frame of a screen: one sentence first, its actions beside it, then sections of rows. */
import { type ReactNode, useEffect } from 'react';
import { counts } from '#state/select.ts';
import { useSelect } from '#state/use.ts';
import { cx } from './cx.ts';
import s from './page.module.css';

interface PageProps {
  /** For the window's title. */
  name: string;
  sentence: ReactNode;
  /** A second, quieter line. */
  more?: ReactNode;
  above?: ReactNode;
  /** Figures in one line, below both the sentence and its actions. */
  facts?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
  /** Fills the height; the screen scrolls inside. */
  fill?: boolean;
  wide?: boolean;
}

export function Page({ name, sentence, more, above, facts, actions, children, fill, wide }: PageProps) {
  useTitle(name);
  return (
    <div className={cx(s.page, fill && s.fill, wide && s.wide)}>
      <header className={s.head}>
        <div className={s.titles}>
          {above && <div className={s.above}>{above}</div>}
          <h1>{sentence}</h1>
          {more && <div className={s.more}>{more}</div>}
        </div>
        {actions && <div className={s.actions}>{actions}</div>}
        {facts && <div className={s.facts}>{facts}</div>}
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
  flush?: boolean;
  /** No frame: for sections that bring their own. */
  open?: boolean;
}
export function Section({ title, aside, children, flush, open }: SectionProps) {
  return (
    <section className={s.section} aria-label={title}>
      <div className={s.sectionHead}>
        <h2>{title}</h2>
        {aside && <div className={s.aside}>{aside}</div>}
      </div>
      <div className={cx(!open && s.frame, flush && s.flush)}>{children}</div>
    </section>
  );
}

/** The window's title: what waits, then where one is. */
export function useTitle(name: string): void {
  const waiting = useSelect((state) => counts(state).proposals + counts(state).questions);
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${name} · Nightshift`;
  }, [name, waiting]);
}
