/** Lists of things: one line each, all of it a way in. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Button } from './button.tsx';
import { cx } from './cx.ts';
import s from './rows.module.css';
import { count } from './words.ts';

export const Rows = ({ children, label }: { children: ReactNode; label: string }) => (
  <ul className={s.rows} aria-label={label}>
    {children}
  </ul>
);

interface RowProps {
  mark: ReactNode;
  title: ReactNode;
  /** One quieter line of what it is about. */
  about?: ReactNode;
  /** Figures at the end. */
  facts?: ReactNode;
  action?: ReactNode;
  /** Where the title leads; the whole row reacts. */
  href?: string;
  selected?: boolean;
}
export function Row({ mark, title, about, facts, action, href, selected }: RowProps) {
  return (
    <li className={cx(s.row, href && s.linked)} data-selected={selected ? '' : undefined} data-row="">
      <div className={s.mark}>{mark}</div>
      <div className={s.words}>
        <span className={s.title}>{href ? <Link href={href}>{title}</Link> : title}</span>
        {about && <span className={s.about}>{about}</span>}
      </div>
      {(facts || action) && (
        <div className={s.end}>
          {facts && <div className={s.facts}>{facts}</div>}
          {action && <div className={s.action}>{action}</div>}
        </div>
      )}
    </li>
  );
}

/** Below a list of which only a part is shown. @param left rows that are not shown @param page how many come next @param bare without the list's frame */
export function More({ left, page, onMore, bare }: { left: number; page: number; onMore(): void; bare?: boolean }) {
  if (left <= 0) return null;
  return (
    <div className={cx(s.more, bare && s.bare)}>
      <Button onClick={onMore}>Show {count(Math.min(page, left))} more</Button>
      {left > page && <span>of {count(left)}</span>}
    </div>
  );
}

/** A row of text where there are no rows. */
export const Nothing = ({ children }: { children: ReactNode }) => <p className={s.nothing}>{children}</p>;
