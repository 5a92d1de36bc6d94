/** Whether keys of one letter do something: who speaks to the computer, or hits keys unawares, turns them off. */
import { readStored, useStored } from './stored.ts';

const key = 'letters';

export const lettersOn = (): boolean => readStored(key) !== 'off';

export function useLetters(): [boolean, (on: boolean) => void] {
  const [stored, set] = useStored(key);
  return [stored !== 'off', (on) => set(on ? null : 'off')];
}

/** `Mod+k` is no letter, `j`, `Shift+J`, `?` and `g r` are. */
export const isLetter = (name: string): boolean => !/^(Mod|Alt)\+/.test(name);
