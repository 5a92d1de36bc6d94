/** Unified or split: by the room there is, until a person chooses. */
import { type RefObject, useLayoutEffect, useState } from 'react';

type View = 'unified' | 'split';
const key = 'nightshift.diff';
/** Pixels from which two columns of code are readable. */
const splitFrom = 1240;

export function useDiffView(box: RefObject<HTMLElement | null>): [View, () => void] {
  const [chosen, setChosen] = useState<View | null>(() => {
    const stored = localStorage.getItem(key);
    return stored === 'unified' || stored === 'split' ? stored : null;
  });
  const [roomy, setRoomy] = useState(false);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setRoomy(element.clientWidth >= splitFrom));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  const view = chosen ?? (roomy ? 'split' : 'unified');
  const toggle = () => {
    const next = view === 'split' ? 'unified' : 'split';
    localStorage.setItem(key, next);
    setChosen(next);
  };
  return [view, toggle];
}
