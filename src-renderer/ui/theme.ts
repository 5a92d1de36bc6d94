/** Light, dark or as the system has it; kept in this browser. */
import { useLayoutEffect } from 'react';
import { readStored, useStored } from './stored.ts';

export type Theme = 'system' | 'light' | 'dark';
export const themes: readonly { value: Theme; words: string }[] = [
  { value: 'system', words: 'as the system' },
  { value: 'light', words: 'light' },
  { value: 'dark', words: 'dark' },
];
const key = 'theme';

const themeFrom = (stored: string | null): Theme => (stored === 'light' || stored === 'dark' ? stored : 'system');

/** Call once before the first paint. */
export function applyTheme(theme: Theme = themeFrom(readStored(key))): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [stored, set] = useStored(key);
  const theme = themeFrom(stored);
  // Chosen here or in another tab.
  useLayoutEffect(() => applyTheme(theme), [theme]);
  return [theme, set];
}
