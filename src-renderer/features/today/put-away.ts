/** Missed due times that a person has seen and put away: kept in this browser, one by one, while they could still show. */
import { useCallback, useSyncExternalStore } from 'react';
import type { Occurrence } from '#contract/ledger.ts';

const key = 'nightshift.missed.seen';
/** Longer than anything is shown. Milliseconds. */
const keptFor = 3 * 86_400_000;
const listeners = new Set<() => void>();

/** `routine|due instant`. */
export const nameOf = ({ routine, dueAt }: Occurrence): string => `${routine}|${dueAt}`;

const stored = (): string => localStorage.getItem(key) ?? '';
const namesIn = (text: string): string[] => text.split('\n').filter(Boolean);

export function usePutAway(): [ReadonlySet<string>, (rows: readonly Occurrence[]) => void] {
  const text = useSyncExternalStore((changed) => {
    listeners.add(changed);
    window.addEventListener('storage', changed);
    return () => {
      listeners.delete(changed);
      window.removeEventListener('storage', changed);
    };
  }, stored);
  const putAway = useCallback((rows: readonly Occurrence[]) => {
    const oldest = new Date(Date.now() - keptFor).toISOString();
    const names = new Set([...namesIn(stored()), ...rows.map(nameOf)]);
    const kept = [...names].filter((name) => (name.split('|')[1] ?? '') >= oldest);
    localStorage.setItem(key, kept.join('\n'));
    for (const changed of listeners) changed();
  }, []);
  return [new Set(namesIn(text)), putAway];
}
