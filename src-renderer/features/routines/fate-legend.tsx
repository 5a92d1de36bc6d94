/** How often each fate came, with the shape that stands for it. */
import type { ReactNode } from 'react';
import { Legend } from '#ui/legend.tsx';
import { count } from '#ui/words.ts';
import s from './fate.module.css';
import type { Kind } from './fates.ts';

interface FateLegendProps<K extends Kind> {
  kinds: readonly K[];
  /** Parts of a due time count, too. */
  totals: Readonly<Record<K, number>>;
  /** A further item. */
  children?: ReactNode;
}
export function FateLegend<K extends Kind>({ kinds, totals, children }: FateLegendProps<K>) {
  return (
    <Legend>
      {kinds.map((kind) => (
        <li key={kind} className={s.fate} data-fate={kind}>
          <i className={s.swatch} /> {count(Math.round(totals[kind]))} {kind}
        </li>
      ))}
      {children}
    </Legend>
  );
}
