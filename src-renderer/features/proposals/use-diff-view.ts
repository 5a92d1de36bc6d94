/** Unified or split: by the room there is, until a person chooses. */
import { type RefObject, useLayoutEffect, useState } from 'react';
import { useStored } from '#ui/stored.ts';

type View = 'unified' | 'split';
/** Pixels from which two columns of code are readable. */
const splitFrom = 1240;

export function useDiffView(box: RefObject<HTMLElement | null>): [View, () => void] {
  const [stored, set] = useStored('diff');
  const chosen = stored === 'unified' || stored === 'split' ? stored : null;
  const [roomy, setRoomy] = useState(false);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setRoomy(element.clientWidth >= splitFrom));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  const view = chosen ?? (roomy ? 'split' : 'unified');
  const toggle = () => set(view === 'split' ? 'unified' : 'split');
  return [view, toggle];
}
