/** What is there for who asks: folded below one line that counts it. */
import type { ReactNode } from 'react';
import s from './disclosure.module.css';

interface DisclosureProps {
  summary: string;
  open?: boolean;
  children: ReactNode;
}
export function Disclosure({ summary, open, children }: DisclosureProps) {
  return (
    <details className={s.disclosure} open={open}>
      <summary>{summary}</summary>
      {children}
    </details>
  );
}

export const Items = ({ items }: { items: readonly string[] }) => (
  <ul className={s.items}>
    {items.map((item) => (
      <li key={item}>{item}</li>
    ))}
  </ul>
);
