/** Whether keys of one letter do something: who speaks to the computer, or hits keys unawares, turns them off. */
import { useCallback, useSyncExternalStore } from 'react';

const key = 'nightshift.letters';
const listeners = new Set<() => void>();

export const lettersOn = (): boolean => localStorage.getItem(key) !== 'off';

export function useLetters(): [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, lettersOn);
  const choose = useCallback((next: boolean) => {
    if (next) localStorage.removeItem(key);
    else localStorage.setItem(key, 'off');
    for (const changed of listeners) changed();
  }, []);
  return [on, choose];
}

/** `Mod+k` is no letter, `j`, `Shift+J`, `?` and `g r` are. */
export const isLetter = (name: string): boolean => !/^(Mod|Alt)\+/.test(name);
