/** A figure against its limit, as words and as a bar. */
import s from './limit-bar.module.css';

interface LimitBarProps {
  name: string;
  words: string;
  used: number;
  limit: number | undefined;
  of(limit: number): string;
}

export function LimitBar({ name, words, used, limit, of }: LimitBarProps) {
  const share = limit ? Math.min(1, used / limit) : 0;
  return (
    <div className={s.bar}>
      <dt>{name}</dt>
      <dd>
        {words}
        {limit !== undefined && <span className={s.limit}> of {of(limit)}</span>}
        {limit !== undefined && (
          <span className={s.track} data-near={share > 0.8 ? '' : undefined}>
            <span style={{ inlineSize: `${Math.max(share > 0 ? 2 : 0, share * 100)}%` }} />
          </span>
        )}
      </dd>
    </div>
  );
}
