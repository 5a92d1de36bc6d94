/** Light, dark or as the system has it; kept in this browser. */
import { useCallback, useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';
export const themes: readonly { value: Theme; words: string }[] = [
  { value: 'system', words: 'as the system' },
  { value: 'light', words: 'light' },
  { value: 'dark', words: 'dark' },
];
const key = 'nightshift.theme';
const listeners = new Set<() => void>();

function read(): Theme {
  const stored = localStorage.getItem(key);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Call once before the first paint. */
export function applyTheme(theme: Theme = read()): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, read);
  const choose = useCallback((next: Theme) => {
    localStorage.setItem(key, next);
    applyTheme(next);
    for (const changed of listeners) changed();
  }, []);
  return [theme, choose];
}
