/** How long a run still waits for a limit of its account, counted down: to the minute, in the last hour to the second. */
import { useLeft } from './deadline.tsx';
import { useNow } from './now.ts';
import { clock, dayWithin, exact, span } from './words.ts';

const minute = 60_000;

export function GoesOn({ at }: { at: string }) {
  const left = useLeft(at);
  const now = useNow();
  const rest = left < 60 * minute ? Math.ceil(left / 1000) * 1000 : Math.floor(left / minute) * minute;
  return (
    <time dateTime={at} title={exact(at)}>
      {left > 0 ? `goes on in ${span(rest)}, ${dayWithin(at, now)} ${clock(at)}` : 'goes on now'}
    </time>
  );
}
