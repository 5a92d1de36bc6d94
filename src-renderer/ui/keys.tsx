/** One listener for all keys of the page: screens bind letters while they are shown, `g` then a letter goes somewhere. */
import { createContext, type ReactNode, use, useLayoutEffect, useRef, useState } from 'react';

import { isLetter, lettersOn } from './letters.ts';

export interface Binding {
  what: string;
  do(event: KeyboardEvent): void;
}
export type Bindings = Record<string, Binding>;

interface Registry {
  bind(bindings: { current: Bindings }): () => void;
  all(): [string, Binding][];
}
const KeysContext = createContext<Registry | null>(null);

/** Milliseconds a chord waits for its second key: long, for that key alone may decide something. */
const chordWait = 5000;

export function KeysProvider({ children }: { children: ReactNode }) {
  const [registry] = useState(() => {
    const layers: { current: Bindings }[] = [];
    return {
      layers,
      bind(bindings: { current: Bindings }) {
        layers.unshift(bindings);
        return () => void layers.splice(layers.indexOf(bindings), 1);
      },
      all: () => layers.toReversed().flatMap(({ current }) => Object.entries(current)),
    };
  });
  // Before it is painted: whoever sees a screen can press its keys.
  useLayoutEffect(() => {
    let chord: { key: string; until: number } | null = null;
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event)) return;
      const key = nameOf(event);
      const started = chord && chord.until > Date.now() ? `${chord.key} ${key}` : key;
      chord = null;
      if (key === 'g' && started === 'g' && lettersOn()) {
        chord = { key, until: Date.now() + chordWait };
        return;
      }
      const bound = registry.layers.find(({ current }) => current[started])?.current[started];
      if (!bound || (isLetter(started) && !lettersOn())) return;
      event.preventDefault();
      bound.do(event);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [registry]);
  return <KeysContext value={registry}>{children}</KeysContext>;
}

/** Binds while the component is shown. Names: `a`, `Shift+J`, `Mod+k` (Ctrl or ⌘), `g r`. The newest binding wins. */
export function useKeys(bindings: Bindings): void {
  const registry = useRegistry();
  const latest = useRef(bindings);
  latest.current = bindings;
  useLayoutEffect(() => registry.bind(latest), [registry]);
}

export const useAllKeys = (): (() => [string, Binding][]) => useRegistry().all;

function useRegistry(): Registry {
  const registry = use(KeysContext);
  if (!registry) throw new Error('A component was rendered outside of KeysProvider.');
  return registry;
}

function nameOf(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey ? 'Mod+' : '';
  const letter = event.key.length === 1 && /[a-z]/i.test(event.key);
  const shift = letter && event.shiftKey ? 'Shift+' : '';
  return `${mod}${event.altKey ? 'Alt+' : ''}${shift}${letter ? (shift ? event.key.toUpperCase() : event.key.toLowerCase()) : event.key}`;
}

/** In a field or an open dialog (a passing note is none), letters belong to it; combinations with Ctrl or ⌘ still reach the page. */
function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey) return false;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest('input:not([type=checkbox], [type=radio]), textarea, select'))
    return true;
  return document.querySelector(':is([role=dialog], [role=alertdialog]):not([data-note])') !== null;
}
