/** A setting that this browser keeps; every place that shows it hears of a change, also of one in another tab. */
import { useCallback, useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();

/** Null: never set. */
export const readStored = (key: string): string | null => localStorage.getItem(`nightshift.${key}`);

/** Null forgets it. */
function store(key: string, value: string | null): void {
  if (value === null) localStorage.removeItem(`nightshift.${key}`);
  else localStorage.setItem(`nightshift.${key}`, value);
  for (const changed of listeners) changed();
}

export function useStored(key: string): [string | null, (value: string | null) => void] {
  const value = useSyncExternalStore(subscribe, () => readStored(key));
  const set = useCallback((next: string | null) => store(key, next), [key]);
  return [value, set];
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  window.addEventListener('storage', changed);
  return () => {
    listeners.delete(changed);
    window.removeEventListener('storage', changed);
  };
}
