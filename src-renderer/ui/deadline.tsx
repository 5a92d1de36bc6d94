/** How long is left, to the minute, in the last hour to the second. */
import { cx } from './cx.ts';
import s from './deadline.module.css';
import { useNow } from './now.ts';
import { clock, dayWithin, exact, span } from './words.ts';

const minute = 60_000;

/** Milliseconds until `at`; not above 0: it is over. */
export function useLeft(at: string): number {
  const due = Date.parse(at);
  const close = due - useNow() < 60 * minute;
  const now = useNow(close ? 1000 : 60_000);
  return due - now;
}

export function Deadline({ at }: { at: string }) {
  const left = useLeft(at);
  const now = useNow();
  const words =
    left <= 0
      ? 'time is up'
      : `${span(left < 60 * minute ? Math.ceil(left / 1000) * 1000 : Math.floor(left / minute) * minute)} left`;
  return (
    <time dateTime={at} title={exact(at)} className={cx(left < 60 * minute && s.close)}>
      {words}
      {left > 60 * minute && `, until ${dayWithin(at, now)} ${clock(at)}`}
    </time>
  );
}
