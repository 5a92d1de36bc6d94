/** Name and value, one below the other. */
import type { ReactNode } from 'react';
import s from './facts.module.css';

export const Facts = ({ children }: { children: ReactNode }) => <dl className={s.facts}>{children}</dl>;

export const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className={s.fact}>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
