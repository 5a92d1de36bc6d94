/** The keyboard never loses its place: when what had the focus is gone, the section it was in takes over, else the screen. */
import { type RefObject, useEffect } from 'react';

const reachable = 'a[href], button:not(:disabled), input:not(:disabled), select, textarea, summary, [tabindex="0"]';

/** @param stage all that changes by itself @param main takes the focus where no section is left */
export function useKeptFocus(stage: RefObject<HTMLElement | null>, main: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const root = stage.current;
    if (!root) return;
    let path: Element[] = [];
    const note = (event: FocusEvent) => {
      path = event.composedPath().filter((one) => one instanceof Element);
    };
    // Who clicks beside everything has let go of it.
    const forget = (event: PointerEvent) => {
      if (!(event.target instanceof Element && event.target.closest(reachable))) path = [];
    };
    const keep = () => {
      const [last] = path;
      if (!last || last.isConnected || document.activeElement !== document.body) return;
      const section = path.find((one) => one.isConnected)?.closest('main :is(section, article)');
      path = [];
      const next = section?.querySelector<HTMLElement>(reachable) ?? main.current;
      next?.focus({ preventScroll: true });
    };
    const observer = new MutationObserver(keep);
    observer.observe(root, { childList: true, subtree: true });
    root.addEventListener('focusin', note);
    document.addEventListener('pointerdown', forget);
    return () => {
      observer.disconnect();
      root.removeEventListener('focusin', note);
      document.removeEventListener('pointerdown', forget);
    };
  }, [stage, main]);
}
