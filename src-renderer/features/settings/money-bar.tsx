/** A day's account: spent, held back for calls under way, and the cap, in words and as one bar. */
import type { ReactNode } from 'react';
import type { DayAccount } from '#contract/budgets.ts';
import { cx } from '#ui/cx.ts';
import { money } from '#ui/words.ts';
import s from './money-bar.module.css';

interface MoneyBarProps {
  name: ReactNode;
  account: DayAccount;
  more?: string;
  strong?: boolean;
}

export function MoneyBar({ name, account, more, strong }: MoneyBarProps) {
  const { capMicros, addedMicros, spentMicros, reservedMicros } = account;
  const cap = capMicros + addedMicros;
  const share = (micros: number) => `${cap === 0 ? 0 : Math.min(100, (micros / cap) * 100)}%`;
  const near = spentMicros + reservedMicros > 0.8 * cap;
  return (
    <div className={cx(s.account, strong && s.strong)}>
      <span className={s.name}>{name}</span>
      <span className={s.words}>
        <span>
          <strong>{money(spentMicros)}</strong> of {money(cap)}
          {addedMicros > 0 && `, ${money(addedMicros)} of it added for today`}
        </span>
        {reservedMicros > 0 && <span className={s.reserved}>{money(reservedMicros)} reserved</span>}
        {more && <span className={s.more}>{more}</span>}
      </span>
      <span className={s.track} data-near={near ? '' : undefined} aria-hidden>
        <span className={s.spent} style={{ inlineSize: share(spentMicros) }} />
        <span
          className={s.held}
          style={{ inlineSize: share(Math.min(reservedMicros, Math.max(0, cap - spentMicros))) }}
        />
      </span>
    </div>
  );
}
