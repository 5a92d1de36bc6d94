/** What the model's account last said that it allows, and what it holds back. */
import { type AccountLimits as Limits, rateWords } from '#contract/weather.ts';
import { GoesOn } from '#ui/goes-on.tsx';
import { useNow } from '#ui/now.ts';
import { Ago } from '#ui/when.tsx';
import { clockSeconds, plural } from '#ui/words.ts';
import s from './account-limits.module.css';

export function AccountLimits({ limits }: { limits: readonly Limits[] }) {
  const now = useNow();
  if (limits.length === 0) return null;
  return (
    <ul className={s.limits} aria-label="Limits of the account">
      {limits.map(({ account, model, rates, closedUntil, waiting, seenAt }) => (
        <li key={`${account} ${model}`}>
          <code>{model}</code>: {rates.map((rate) => rateWords(rate, now, clockSeconds)).join(' · ')}
          {closedUntil && (
            <>
              {rates.length > 0 && ' · '}limited, <GoesOn at={closedUntil} />
            </>
          )}
          {waiting > 0 && ` · ${plural(waiting, 'request')} waiting`}
          <span className={s.seen}>
            {' '}
            as it said <Ago at={seenAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}
