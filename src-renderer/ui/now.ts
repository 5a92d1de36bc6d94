/** The current time as a value that renders again: one timer per component, on the minute or the second. */
import { useEffect, useState } from 'react';

/** Milliseconds since the epoch. @param every 60,000 or 1,000 */
export function useNow(every: 60_000 | 1000 = 60_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      setNow(Date.now());
      timer = setTimeout(tick, every - (Date.now() % every));
    };
    timer = setTimeout(tick, every - (Date.now() % every));
    return () => clearTimeout(timer);
  }, [every]);
  return now;
}
