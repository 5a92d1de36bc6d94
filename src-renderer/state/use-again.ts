/** Asks again, without going blank, whenever a figure changes that makes the answer stale. */
import { useEffect, useRef } from 'react';

export function useAgain(again: () => void, stale: string | number): void {
  const asked = useRef(stale);
  useEffect(() => {
    if (asked.current === stale) return;
    asked.current = stale;
    again();
  }, [again, stale]);
}
